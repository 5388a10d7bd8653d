"""Ring for the next envelopes of a tenant, never more than its window."""

from collections.abc import Iterable, Iterator

from domain.events import EmployeeChanged, Event, Queue
from domain.ids import EnvelopeId, RunId, TenantId
from domain.ports import Ids, Transaction
from workers.desk import Desk
from workers.hours import keep_hours
from workers.settle import end_run

QUEUES = (Queue.URGENT, Queue.RECONCILE, Queue.SUSPECTS)


def ring_more(
    tx: Transaction,
    tenant_id: TenantId,
    desk: Desk,
    queues: Iterable[Queue] = QUEUES,
    turn: EmployeeChanged | None = None,
) -> list[Event]:
    """Mark the next due rows of these queues as rung; the caller rings after the commit.

    A `turn` that would go on keeps its one place: its next envelope carries the same id.
    """
    keep_hours(tx, tenant_id)
    return _fill(tx, tenant_id, desk, queues, turn)


def _fill(
    tx: Transaction,
    tenant_id: TenantId,
    desk: Desk,
    queues: Iterable[Queue],
    turn: EmployeeChanged | None = None,
) -> list[Event]:
    events: list[Event] = []
    for queue in queues:
        events += tx.changes.fill_window(
            tenant_id, queue, fresh(desk.ids), desk.limits.envelopes, desk.limits.people, turn
        )
    return events


def carry_on(
    tx: Transaction,
    tenant_id: TenantId,
    run_id: RunId,
    desk: Desk,
    queue: Queue | None = None,
    turn: EmployeeChanged | None = None,
) -> list[Event]:
    """Ring for what is due next; where nothing is left of a run, end it.

    Whoever settled an envelope of one queue looks there first; where that finds nothing, in the others.
    """
    if queue is None:
        events = ring_more(tx, tenant_id, desk)
    else:
        events = ring_more(tx, tenant_id, desk, (queue,), turn)
        events = events or _fill(tx, tenant_id, desk, [each for each in QUEUES if each is not queue])
    if not events and (tenant_id, run_id) in tx.runs.finished():
        events += end_run(tx, tenant_id, run_id, desk.ids)
    return events


def fresh(ids: Ids) -> Iterator[EnvelopeId]:
    """Yield new envelope ids for as long as somebody asks."""
    while True:
        yield EnvelopeId(ids.new())
