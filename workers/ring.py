"""Ring for the next envelopes of a tenant, never more than its window."""

from collections.abc import Iterator

from domain.events import Event, Queue
from domain.ids import EnvelopeId, TenantId
from domain.ports import Ids, Transaction
from workers.desk import Desk

QUEUES = (Queue.URGENT, Queue.RECONCILE, Queue.SUSPECTS)


def ring_more(tx: Transaction, tenant_id: TenantId, desk: Desk) -> list[Event]:
    """Mark the next due rows of every queue as rung; the caller rings after the commit."""
    events: list[Event] = []
    for queue in QUEUES:
        events += tx.changes.fill_window(
            tenant_id, queue, fresh(desk.ids), desk.limits.envelopes, desk.limits.people
        )
    return events


def fresh(ids: Ids) -> Iterator[EnvelopeId]:
    """Yield new envelope ids for as long as somebody asks."""
    while True:
        yield EnvelopeId(ids.new())
