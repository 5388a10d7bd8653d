"""Note on rows of a plan what will hold or block them when they are released."""

from collections.abc import Sequence

from sqlalchemy import update

from adapters.database.changes_moves import UNRUNG, chunks, into, these, these_into, within
from adapters.database.session import Session
from adapters.database.tables_changes import CHANGES
from domain.changes import OPEN, ChangeState
from domain.codes import Code
from domain.ids import ChangeId, TenantId

PLANNED = frozenset({ChangeState.PLANNED})


def hold(
    session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId], why: Code, detail: str
) -> None:
    """Note the hold on planned rows, which are held when they are released; hold released rows at once."""
    told = {"why": why.value, "detail": detail}
    for some in chunks(change_ids):
        planned = update(CHANGES).where(*these(tenant_id, some), CHANGES.c.state == ChangeState.PLANNED.value)
        session.connection.execute(planned.values(to_hold=True, **told))
        released = these_into(tenant_id, ChangeState.HELD, some, {ChangeState.RELEASED})
        session.connection.execute(released.values(to_hold=True, **told, **UNRUNG))


def block(session: Session, tenant_id: TenantId, change_id: ChangeId, on: str) -> None:
    """Note on a planned row what it has to wait for."""
    session.connection.execute(
        update(CHANGES)
        .where(CHANGES.c.tenant_id == tenant_id, within(CHANGES, PLANNED), CHANGES.c.change_id == change_id)
        .values(blocked_on=on)
    )


def leave_alone(session: Session, tenant_id: TenantId, change_id: ChangeId, detail: str) -> None:
    """Drop a planned row, and the open one that it would have met: a human wants neither."""
    mine = CHANGES.alias("mine")
    settled = {"detail": detail, "settled_at": session.started_ms}
    session.connection.execute(
        into(tenant_id, ChangeState.DROPPED, OPEN)
        .where(
            mine.c.change_id == change_id,
            mine.c.tenant_id == tenant_id,
            mine.c.person_id == CHANGES.c.person_id,
            mine.c.aspect == CHANGES.c.aspect,
            CHANGES.c.change_id != change_id,
            CHANGES.c.intent_at.is_(None),
        )
        .values(**settled)
    )
    planned = these_into(tenant_id, ChangeState.DROPPED, [change_id], PLANNED)
    session.connection.execute(planned.values(**settled))
