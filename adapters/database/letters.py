"""Dead letters, kept for months."""

from collections.abc import Sequence

from sqlalchemy import desc, select

from adapters.database.session import Session, moment
from adapters.database.statements import insert_into, touched
from adapters.database.tables import LETTERS
from domain.codes import Code
from domain.ids import ChangeId, LetterId, PersonId, TenantId
from domain.records import Letter

LONGEST_MESSAGE = 64 * 1024
"""What is longer was never one of our messages; its head is enough to recognise it."""


class SqlLetters:
    """Keep letters of messages; those of rows are written where the row dies."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, tenant_id: TenantId | None, letter_id: LetterId, code: Code, detail: str, message: bytes
    ) -> bool:
        """Record a message that died outside of a row; False if its letter is known."""
        row = {
            "letter_id": letter_id,
            "tenant_id": tenant_id,
            "code": code.value,
            "detail": detail,
            "at": self._session.started_ms,
            "message": message[:LONGEST_MESSAGE],
        }
        insert = insert_into(self._session.connection, LETTERS).on_conflict_do_nothing()
        return touched(self._session.connection, insert, row) == 1

    def newest(self, tenant_id: TenantId, limit: int) -> Sequence[Letter]:
        """List letters, newest first."""
        rows = self._session.connection.execute(
            select(LETTERS)
            .where(LETTERS.c.tenant_id == tenant_id)
            .order_by(desc(LETTERS.c.at), desc(LETTERS.c.letter_id))
            .limit(limit)
        )
        return [
            Letter(
                letter_id=LetterId(row.letter_id),
                tenant_id=TenantId(row.tenant_id),
                code=Code(row.code),
                detail=row.detail,
                at=moment(row.at),
                change_id=ChangeId(row.change_id) if row.change_id else None,
                person_id=PersonId(row.person_id) if row.person_id else None,
            )
            for row in rows
        ]
