"""Carry out what a human said of held or proposed rows: yes, exactly these; or no, and do not ask again."""

from collections.abc import Sequence

from sqlalchemy import case, exists, select, update

from adapters.database.changes_moves import DUE_NOW, chunks, into, tenants_turn, these, these_into, within
from adapters.database.changes_planned import OTHER, same_subject
from adapters.database.changes_stays import ASKING
from adapters.database.changes_wake import wake
from adapters.database.decisions import decide
from adapters.database.session import Session
from adapters.database.statements import one_of, touched
from adapters.database.stock import take_stock
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.decisions import DecisionKind
from domain.events import Queue
from domain.ids import ChangeId, RunId, TenantId

HELD = frozenset({ChangeState.HELD})
PLANNED = frozenset({ChangeState.PLANNED})
PROPOSED = frozenset({ChangeState.PROPOSED})
RELEASED = frozenset({ChangeState.RELEASED})
FEW = 25
"""Somebody waits for a yes to so many; one to more, such as a first sync, stands before nobody named."""


def approve(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId], run_id: RunId) -> int:
    """Release held rows as strict rows of an approval run; rows that are not held are left alone.

    One that was to wait for another row still does.
    """
    tenants_turn(session, tenant_id)
    queue = case(
        (CHANGES.c.queue == Queue.SUSPECTS.value, CHANGES.c.queue), else_=_queue(len(change_ids)).value
    )
    free = {name: value for name, value in DUE_NOW.items() if name != "blocked_on"}
    yes = {"queue": queue, "run_id": run_id, "strict": True, "to_hold": False, **free}
    released = sum(
        touched(session.connection, these_into(tenant_id, ChangeState.RELEASED, some, HELD).values(**yes))
        for some in chunks(change_ids)
    )
    waits = (CHANGES.c.run_id == run_id, CHANGES.c.blocked_on.is_not(None))
    session.connection.execute(into(tenant_id, ChangeState.BLOCKED, RELEASED).where(*waits))
    wake(session, tenant_id, run_id)
    return released


def adopt(
    session: Session,
    tenant_id: TenantId,
    plan: RunId,
    run_id: RunId,
    change_ids: Sequence[ChangeId] | None = None,
    *,
    lift: bool = False,
) -> int:
    """Move the proposals of a plan to an approval run; their notes stay on them until they are released.

    `lift`: a human saw which of them would wait for a yes, and says it now; also to those of the same people
    that wait for one already.
    """
    take_stock(session, tenant_id, plan)
    taken = (
        OTHER.c.tenant_id == tenant_id,
        OTHER.c.run_id == run_id,
        within(OTHER, PLANNED),
        OTHER.c.person_id == CHANGES.c.person_id,
        OTHER.c.aspect == CHANGES.c.aspect,
    )
    move = into(tenant_id, ChangeState.PLANNED, PROPOSED).where(
        CHANGES.c.run_id == plan, ~exists().where(*taken)
    )
    move = move.values(run_id=run_id, strict=True, queue=Queue.URGENT.value)
    if change_ids is None:
        moved = touched(session.connection, move)
    else:
        some = chunks(change_ids)
        moved = sum(touched(session.connection, move.where(CHANGES.c.change_id.in_(each))) for each in some)
    if moved > FEW:
        mine = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.run_id == run_id, within(CHANGES, PLANNED))
        session.connection.execute(update(CHANGES).where(*mine).values(queue=_queue(moved).value))
    if lift:
        _lift(session, tenant_id, run_id)
    return moved


def _queue(count: int) -> Queue:
    return Queue.URGENT if count <= FEW else Queue.RECONCILE


def _lift(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Take off the run's planned rows what a yes lifts, and let them replace what waits for one."""
    mine = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.run_id == run_id, within(CHANGES, PLANNED))
    session.connection.execute(
        update(CHANGES).where(*mine, one_of(CHANGES.c.why, ASKING)).values(to_hold=False, why=None, detail="")
    )
    session.connection.execute(
        into(tenant_id, ChangeState.SUPERSEDED, HELD)
        .where(
            one_of(CHANGES.c.why, ASKING),
            OTHER.c.run_id == run_id,
            within(OTHER, PLANNED),
            same_subject(CHANGES, OTHER),
        )
        .values(superseded_by=OTHER.c.change_id, settled_at=session.started_ms)
    )


def reject(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId], by: str = "") -> int:
    """Settle held rows as rejected, and remember it so that the next runs do not ask the same."""
    tenants_turn(session, tenant_id)
    rejected = 0
    for some in chunks(change_ids):
        asked = select(CHANGES).where(*these(tenant_id, some), within(CHANGES, HELD))
        rows = session.connection.execute(asked).all()
        decide(session, tenant_id, [(row, None) for row in rows], DecisionKind.REJECTED, by)
        move = these_into(tenant_id, ChangeState.REJECTED, some, HELD)
        rejected += touched(session.connection, move.values(settled_at=session.started_ms))
    return rejected
