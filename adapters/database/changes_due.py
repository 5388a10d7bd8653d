"""Statements that find the rows which may travel, each built once."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    Update,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from adapters.database.changes_moves import UNRUNG, into, these, within
from adapters.database.changes_parked import confirmed
from adapters.database.statements import built_once, one_of
from adapters.database.tables import TENANTS
from adapters.database.tables_changes import CHANGES
from domain.changes import KEEPS_RUN_GOING, ChangeState
from domain.codes import Code
from domain.events import Queue
from domain.ids import TenantId
from domain.tenant import TenantState, may_write

RELEASED = frozenset({ChangeState.RELEASED})
WAITING = frozenset({ChangeState.WAITING})
DUE = RELEASED | WAITING
WORKING = frozenset({ChangeState.WORKING})
TRAVELLED = (Queue.RECONCILE, Queue.SUSPECTS, Queue.URGENT)


@built_once
def forgotten(silent_since: int) -> Update:
    """Forget of the rows of all tenants that they were rung so long ago."""
    rung_ = update(CHANGES).where(within(CHANGES, RELEASED), CHANGES.c.rung_at <= silent_since)
    return rung_.values(**UNRUNG)


@built_once
def tenants_due(now: int) -> Select[str]:
    """Select tenants that may write and have something to write now, or rows that wait for their hours."""
    mine = CHANGES.c.tenant_id == TENANTS.c.tenant_id
    waited = or_(CHANGES.c.due_at <= now, CHANGES.c.why == Code.APPLY_HOURS.value)
    ready = or_(CHANGES.c.due_at.is_(None), waited)
    released = exists().where(mine, within(CHANGES, RELEASED), ready)
    waiting = exists().where(mine, within(CHANGES, WAITING), waited)
    writing = one_of(TENANTS.c.state, [state.value for state in TenantState if may_write(state)])
    asked = select(TENANTS.c.tenant_id).where(writing, or_(released, waiting))
    return asked.order_by(TENANTS.c.tenant_id)


@built_once
def rows_due(now: int) -> Select[int, Any]:
    """Count rows that are due, of tenants that may write, and find when the oldest was planned."""
    writing = one_of(TENANTS.c.state, [state.value for state in TenantState if may_write(state)])
    mine = (CHANGES.c.tenant_id == TENANTS.c.tenant_id, writing)
    due = or_(CHANGES.c.due_at.is_(None), CHANGES.c.due_at <= now)
    return select(func.count(), func.min(CHANGES.c.planned_at)).where(*mine, within(CHANGES, DUE), due)


@built_once
def anything(tenant_id: TenantId, queue: str, now: int, silent_since: int) -> Select[Any]:
    """Ask whether one row of a queue may travel, or could if it were released again: hardly any can."""
    ready = exists().where(*_ready(tenant_id, queue, now, silent_since))
    again = exists().where(
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.queue == queue,
        within(CHANGES, WAITING),
        CHANGES.c.due_at <= now,
    )
    return select(literal_column("1")).where(or_(ready, again))


@built_once
def due_again(tenant_id: TenantId, queue: str, now: int) -> Update:
    """Release rows whose time has come."""
    move = into(tenant_id, ChangeState.RELEASED, WAITING).where(confirmed(type_coerce(now, BigInteger)))
    return move.where(CHANGES.c.queue == queue, CHANGES.c.due_at <= now).values(due_at=None, **UNRUNG)


@built_once
def in_lane(
    tenant_id: TenantId, queue: str, now: int, silent_since: int, run_id: str, lane: int, most: int
) -> Select[str, str, str]:
    """Select the next rows of a lane of a run."""
    asked = select(CHANGES.c.change_id, CHANGES.c.run_id, CHANGES.c.person_id)
    here = (CHANGES.c.run_id == run_id, CHANGES.c.lane == lane)
    rows = asked.where(*_ready(tenant_id, queue, now, silent_since), *here)
    return rows.order_by(CHANGES.c.change_id).limit(most)


@built_once
def next_lane(
    tenant_id: TenantId, queue: str, now: int, silent_since: int, run_id: str, lane: int
) -> Select[str, int]:
    """Select the first run and lane behind a place that have a row which may travel."""
    place = tuple_(CHANGES.c.run_id, CHANGES.c.lane)
    behind = place > tuple_(type_coerce(run_id, Text), type_coerce(lane, Integer))
    asked = select(CHANGES.c.run_id, CHANGES.c.lane)
    lanes = asked.where(*_ready(tenant_id, queue, now, silent_since), behind)
    return lanes.order_by(CHANGES.c.run_id, CHANGES.c.lane).limit(1)


@built_once
def untried_before(tenant_id: TenantId, run_id: str, lane: int) -> Select[str]:
    """Select a row of an earlier lane that nobody has tried yet."""
    earlier = (CHANGES.c.run_id == run_id, CHANGES.c.tries == 0, CHANGES.c.lane < lane)
    going = (within(CHANGES, KEEPS_RUN_GOING), within(CHANGES, RELEASED))
    return select(CHANGES.c.change_id).where(CHANGES.c.tenant_id == tenant_id, *earlier, *going).limit(1)


@built_once
def rung(tenant_id: TenantId, silent_since: int) -> Select[str, str, str]:
    """Select rows that are on their way to a worker."""
    return select(CHANGES.c.person_id, CHANGES.c.queue, CHANGES.c.envelope_id).where(
        CHANGES.c.tenant_id == tenant_id,
        one_of(CHANGES.c.queue, [queue.value for queue in TRAVELLED]),
        within(CHANGES, RELEASED),
        CHANGES.c.rung_at.is_not(None),
        CHANGES.c.rung_at > silent_since,
        CHANGES.c.envelope_id > "",  # always so, but it makes SQLite look only at what was rung
    )


@built_once
def working(tenant_id: TenantId) -> Select[Any]:
    """Select rows that a worker has."""
    columns = ("person_id", "queue", "envelope_id", "lease_until", "run_id", "lane", "tries")
    mine = (CHANGES.c.tenant_id == tenant_id, within(CHANGES, WORKING))
    return select(*(CHANGES.c[name] for name in columns)).where(*mine)


@built_once
def mark_rung(tenant_id: TenantId, change_ids: tuple[str, ...], now: int, envelope_id: str) -> Update:
    """Remember that rows are on their way."""
    released = CHANGES.c.state == ChangeState.RELEASED.value
    rows = update(CHANGES).where(*these(tenant_id, change_ids), released)
    return rows.values(rung_at=now, envelope_id=envelope_id)


def _ready(tenant_id: TenantId, queue: str, now: int, silent_since: int) -> tuple[ColumnElement[bool], ...]:
    """Say that a row may be put into an envelope: it is due, and nobody was rung for it lately."""
    silent = or_(CHANGES.c.rung_at.is_(None), CHANGES.c.rung_at <= silent_since)
    due = or_(CHANGES.c.due_at.is_(None), CHANGES.c.due_at <= now)
    mine = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.queue == queue)
    return (*mine, within(CHANGES, RELEASED), silent, due)
