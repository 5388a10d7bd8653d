"""Let a working row that could not be done give way to the newer row of the same aspect."""

from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select, update

from adapters.database.changes_moves import UNLEASED, UNRUNG, into, within
from adapters.database.changes_rows import AnyRow
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables_changes import CHANGES
from domain.changes import OPEN, ChangeState, on_change
from domain.codes import Code
from domain.events import Queue
from domain.ids import ChangeId, TenantId


@dataclass(frozen=True, slots=True)
class Learned:
    """What the older row learned: how often it crashed, what may have been acted upon, when to try again."""

    crashes: int
    queue: str
    intent_at: int | None
    sent_at: int | None
    due_at: int | None


def give_way(session: Session, row: AnyRow, learned: Learned) -> bool:
    """Settle a working row as stale if a newer plan has an open row for the same; False if there is none.

    Otherwise two rows of one aspect would be open. The newer row takes over what the older one learned.
    """
    newer = _newer(session, row)
    if newer is None:
        return False
    _inherit(session, row, newer, learned)
    told = {"why": Code.PLAN_STALE.value, "detail": "a newer plan wants something else"}
    tenant_id = TenantId(row.tenant_id)
    session.connection.execute(
        into(tenant_id, ChangeState.STALE, {ChangeState.WORKING})
        .where(CHANGES.c.change_id == row.change_id)
        .values(superseded_by=newer, settled_at=session.started_ms, **told, **UNLEASED)
    )
    waiting = on_change(ChangeId(row.change_id))
    session.connection.execute(
        into(tenant_id, ChangeState.RELEASED, {ChangeState.BLOCKED})
        .where(CHANGES.c.change_id == newer, CHANGES.c.blocked_on == waiting)
        .values(blocked_on=None, **UNRUNG)
    )
    session.connection.execute(
        update(CHANGES)
        .where(
            CHANGES.c.tenant_id == tenant_id,
            within(CHANGES, {ChangeState.BLOCKED}),
            CHANGES.c.blocked_on == waiting,
        )
        .values(blocked_on=on_change(ChangeId(newer)))
    )
    return True


def _newer(session: Session, row: AnyRow) -> str | None:
    return session.connection.scalar(*_open_one(row.tenant_id, row.person_id, row.aspect))


@built_once
def _open_one(tenant_id: str, person_id: str, aspect: str) -> Select[str]:
    same = (CHANGES.c.person_id == person_id, CHANGES.c.aspect == aspect)
    return select(CHANGES.c.change_id).where(CHANGES.c.tenant_id == tenant_id, *same, within(CHANGES, OPEN))


def _inherit(session: Session, row: AnyRow, newer: str, learned: Learned) -> None:
    suspect = learned.queue == Queue.SUSPECTS.value
    session.connection.execute(
        update(CHANGES)
        .where(CHANGES.c.change_id == newer)
        .values(
            tries=row.tries,
            crashes=learned.crashes,
            queue=learned.queue if suspect else CHANGES.c.queue,
            due_at=learned.due_at,
            intent_at=func.coalesce(CHANGES.c.intent_at, literal(learned.intent_at)),
            sent_at=func.coalesce(CHANGES.c.sent_at, literal(learned.sent_at)),
        )
    )
