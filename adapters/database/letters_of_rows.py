"""Write the letters of rows that died, and name them so that none is ever another's."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import select

from adapters.database.changes_moves import chunks
from adapters.database.changes_rows import AnyRow
from adapters.database.letters import first_time, once_more
from adapters.database.session import Session
from adapters.database.statements import insert_into
from adapters.database.tables import LETTERS
from domain.codes import Code
from domain.ids import LetterId, TenantId


def of_deaths(
    session: Session, tenant_id: TenantId, deaths: Sequence[tuple[AnyRow, Code, str]]
) -> Sequence[LetterId]:
    """Write the letters of rows that died: one for each person, aspect and cause, counted each time."""
    now = session.started_ms
    letters = [
        first_time(now)
        | {
            "letter_id": _id_of(row.change_id, code),
            "tenant_id": tenant_id,
            "code": code.value,
            "detail": detail,
            "change_id": row.change_id,
            "person_id": row.person_id,
            "aspect": row.aspect,
        }
        for row, code, detail in deaths
    ]
    if not letters:
        return []
    insert = insert_into(session.connection, LETTERS)
    news = {name: insert.excluded[name] for name in ("detail", "change_id")}
    session.connection.execute(
        insert.on_conflict_do_update(
            index_elements=["tenant_id", "person_id", "aspect", "code"], set_={**once_more(now), **news}
        ),
        letters,
    )
    return _ids_of(session, tenant_id, {(row.change_id, code.value) for row, code, _ in deaths})


def _id_of(change_id: str, code: Code) -> str:
    """Name the letter that a row gets first of a cause: it has one for each, however often it dies."""
    return f"{change_id}-{code.value}"


def _ids_of(
    session: Session, tenant_id: TenantId, deaths: AbstractSet[tuple[str, str]]
) -> Sequence[LetterId]:
    """Find the letters of deaths; one of a person who died of the same before has an older row's name."""
    now = (LETTERS.c.tenant_id == tenant_id, LETTERS.c.last_at == session.started_ms)
    found: list[LetterId] = []
    for some in chunks(sorted({change_id for change_id, _ in deaths})):
        here = (*now, LETTERS.c.change_id.in_(some))
        asked = select(LETTERS.c.letter_id, LETTERS.c.change_id, LETTERS.c.code).where(*here)
        rows = session.connection.execute(asked.order_by(LETTERS.c.letter_id))
        found += [LetterId(row.letter_id) for row in rows if (row.change_id, row.code) in deaths]
    return found
