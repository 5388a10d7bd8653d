"""Let rows rest while their tenant may not write; none closes an account that nobody looked at since."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Update, exists, func, or_, update

from adapters.database.changes_moves import UNRUNG, into, within
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import built_once, one_of, touched
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_runs import RUNS
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import TenantId

RELEASED = frozenset({ChangeState.RELEASED})
WAITING = frozenset({ChangeState.WAITING})
PARKED = frozenset({ChangeState.PARKED})

CONFIRMED_WITHIN = timedelta(hours=25)
"""So fresh must the reading be by which an account is closed after its waiting time: a daily run is."""


def park(session: Session, tenant_id: TenantId) -> int:
    """Park what is due or waiting; a waiting row is released on its way, as the states are drawn."""
    session.connection.execute(into(tenant_id, ChangeState.RELEASED, WAITING))
    return touched(session.connection, into(tenant_id, ChangeState.PARKED, RELEASED).values(**UNRUNG))


def unpark(session: Session, tenant_id: TenantId) -> int:
    """Let what was parked go on; a row that had to wait still waits for its moment.

    Who left before the stop may be back: a closing that fits no snapshot is stale, and looked at afresh. One
    that waits for its day is not: it would begin to wait anew, and a run has to confirm it anyhow.
    """
    session.connection.execute(*_doubtful(tenant_id))
    waiting = touched(session.connection, *_waits_on(tenant_id, session.started_ms))
    return waiting + touched(session.connection, *_goes_on(tenant_id))


@built_once
def _doubtful(tenant_id: TenantId) -> Update:
    """Make closings stale that do not wait for their day."""
    closing = (
        CHANGES.c.tenant_id == tenant_id,
        one_of(CHANGES.c.action, [Action.DEACTIVATE.value, Action.DELETE.value]),
        within(CHANGES, PARKED | RELEASED),
        func.coalesce(CHANGES.c.why, "") != Code.REMOVAL_WAITS.value,
    )
    return update(CHANGES).where(*closing).values(strict=True, snapshot=b"")


@built_once
def _waits_on(tenant_id: TenantId, now: int) -> Update:
    later = or_(CHANGES.c.due_at > now, CHANGES.c.why == Code.REMOVAL_WAITS.value)
    waits = into(tenant_id, ChangeState.WAITING, PARKED).where(later)
    return waits.values(due_at=func.coalesce(CHANGES.c.due_at, now), **UNRUNG)


@built_once
def _goes_on(tenant_id: TenantId) -> Update:
    return into(tenant_id, ChangeState.RELEASED, PARKED).values(**UNRUNG)


def confirmed(now: ColumnElement[int]) -> ColumnElement[bool]:
    """Say that a row which waited for its day is still wanted by a run of late; others need no word."""
    lately = exists().where(
        RUNS.c.tenant_id == CHANGES.c.tenant_id,
        RUNS.c.run_id == func.coalesce(CHANGES.c.carried_by, CHANGES.c.run_id),
        RUNS.c.created_at >= now - CONFIRMED_WITHIN // MILLISECOND,
    )
    return or_(CHANGES.c.why.is_(None), CHANGES.c.why != Code.REMOVAL_WAITS.value, lately)
