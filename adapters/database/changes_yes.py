"""Carry out what a human said of held rows: yes, exactly these; or no, and do not ask again."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import case, select

from adapters.database.changes_death import decide
from adapters.database.changes_moves import DUE_NOW, chunks, tenants_turn, these, these_into, within
from adapters.database.session import Session
from adapters.database.statements import touched
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.events import Queue
from domain.ids import ChangeId, RunId, TenantId

HELD = frozenset({ChangeState.HELD})
REJECTED = "rejected"
REJECTED_FOR = timedelta(days=90)
"""After a quarter of a year the same wish is put before a human again."""


def approve(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId], run_id: RunId) -> int:
    """Release held rows as strict rows of an approval run; rows that are not held are left alone."""
    tenants_turn(session, tenant_id)
    queue = case((CHANGES.c.queue == Queue.SUSPECTS.value, CHANGES.c.queue), else_=Queue.URGENT.value)
    yes = {"queue": queue, "run_id": run_id, "strict": True, "to_hold": False, **DUE_NOW}
    return sum(
        touched(session.connection, these_into(tenant_id, ChangeState.RELEASED, some, HELD).values(**yes))
        for some in chunks(change_ids)
    )


def reject(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> int:
    """Settle held rows as rejected, and remember it so that the next runs do not ask the same."""
    tenants_turn(session, tenant_id)
    rejected = 0
    for some in chunks(change_ids):
        asked = select(CHANGES).where(*these(tenant_id, some), within(CHANGES, HELD))
        rows = session.connection.execute(asked).all()
        decide(session, tenant_id, [(row, None) for row in rows], REJECTED, REJECTED_FOR)
        move = these_into(tenant_id, ChangeState.REJECTED, some, HELD)
        rejected += touched(session.connection, move.values(settled_at=session.started_ms))
    return rejected
