"""Remember which closed accounts will be removed, and when."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, select, update

from adapters.database.changes_moves import within
from adapters.database.session import MILLISECOND, Session, millis, moment
from adapters.database.statements import built_once, insert_into, touched
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_deletions import DELETIONS
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.deletions import Deletion
from domain.ids import AccountId, PersonId, RunId, TenantId

DAY_MS = timedelta(days=1) // MILLISECOND
GONE = frozenset(
    {
        ChangeState.PLANNED,
        ChangeState.RELEASED,
        ChangeState.WORKING,
        ChangeState.WAITING,
        ChangeState.APPLIED,
        ChangeState.ALREADY_SO,
    }
)
"""States of a removing row that has been, or still can be, carried out."""

STANDS = DELETIONS.c.cancelled_at.is_(None)


class SqlDeletions:
    """Keep at most one deletion for each person."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def plan(self, tenant_id: TenantId, deletion: Deletion) -> None:
        """Remember a deletion; a newer one of the same person replaces the older."""
        news: dict[str, object] = {
            "account_id": deletion.account_id,
            "cause": deletion.cause.value,
            "closed_at": millis(deletion.closed_at),
            "due_at": millis(deletion.due_at),
            "run_id": deletion.run_id,
            "cancelled_at": None,
        }
        row = news | {"tenant_id": tenant_id, "person_id": deletion.person_id}
        insert = insert_into(self._session.connection, DELETIONS).values(row)
        self._session.connection.execute(
            insert.on_conflict_do_update(index_elements=["tenant_id", "person_id"], set_=news)
        )

    def standing(self, tenant_id: TenantId) -> Sequence[Deletion]:
        """List what is to come, the next first."""
        rows = self._session.connection.execute(*_standing(tenant_id))
        return [_deletion(row) for row in rows]

    def end(self, tenant_id: TenantId, person_id: PersonId) -> bool:
        """Forget a deletion; False if there was none. That one was cancelled is not forgotten."""
        gone = delete(DELETIONS).where(*_of(tenant_id, person_id), STANDS)
        return touched(self._session.connection, gone) == 1

    def cancel(self, tenant_id: TenantId, person_id: PersonId) -> bool:
        """Cancel a deletion; False if there was none."""
        standing = update(DELETIONS).where(*_of(tenant_id, person_id), STANDS)
        mark = standing.values(cancelled_at=self._session.started_ms)
        return touched(self._session.connection, mark) == 1

    def cancelled(self, tenant_id: TenantId, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Find those of these people whose last deletion was cancelled."""
        here = (DELETIONS.c.tenant_id == tenant_id, DELETIONS.c.person_id.in_(people), ~STANDS)
        found = self._session.connection.scalars(select(DELETIONS.c.person_id).where(*here))
        return frozenset(PersonId(each) for each in found)

    def due(self) -> Sequence[TenantId]:
        """List tenants with an account whose day has come."""
        due = self._session.connection.scalars(*_due(self._session.started_ms))
        return [TenantId(found) for found in due]

    def gone_today(self, tenant_id: TenantId) -> int:
        """Count the rows of the last 24 hours that removed an account, or still can."""
        counted = select(func.count()).select_from(CHANGES)
        return self._session.connection.execute(
            counted.where(
                CHANGES.c.tenant_id == tenant_id,
                CHANGES.c.action == Action.DELETE.value,
                CHANGES.c.planned_at > self._session.started_ms - DAY_MS,
                within(CHANGES, GONE),
            )
        ).scalar_one()


def _of(tenant_id: TenantId, person_id: PersonId) -> tuple[ColumnElement[bool], ...]:
    return (DELETIONS.c.tenant_id == tenant_id, DELETIONS.c.person_id == person_id)


@built_once
def _standing(tenant_id: TenantId) -> Select[Any]:
    mine = select(DELETIONS).where(DELETIONS.c.tenant_id == tenant_id, STANDS)
    return mine.order_by(DELETIONS.c.due_at, DELETIONS.c.person_id)


@built_once
def _due(now: int) -> Select[str]:
    return select(DELETIONS.c.tenant_id).where(DELETIONS.c.due_at <= now, STANDS).distinct()


def _deletion(row: Row[Any]) -> Deletion:
    return Deletion(
        person_id=PersonId(row.person_id),
        account_id=AccountId(row.account_id),
        cause=Code(row.cause),
        closed_at=moment(row.closed_at),
        due_at=moment(row.due_at),
        run_id=RunId(row.run_id),
    )
