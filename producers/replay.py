"""Send dead rows on their way again; twice asked is once done."""

from collections.abc import Callable, Sequence

from domain.changes import ChangeState
from domain.codes import Code
from domain.events import Event
from domain.ids import ChangeId, TenantId
from domain.ports import Publisher, Store, Transaction
from producers.resume import judge_soon

RingMore = Callable[[Transaction, TenantId], list[Event]]


def requeue(
    tenant_id: TenantId,
    *,
    change_ids: Sequence[ChangeId] = (),
    code: Code | None = None,
    store: Store,
    publisher: Publisher,
    ring_more: RingMore,
) -> int:
    """Release chosen dead rows, or all of a cause, or all; returns how many were dead."""
    with store.write() as tx:
        dead = tx.changes.rows(tenant_id, states=[ChangeState.DEAD], limit=100_000)
        chosen = [row.change_id for row in dead if code is None or row.why is code]
        if change_ids:
            wanted = set(change_ids)
            chosen = [change_id for change_id in chosen if change_id in wanted]
        count = tx.changes.requeue(tenant_id, chosen)
        judge_soon(tx, tenant_id)
        events = ring_more(tx, tenant_id)
    publisher.ring(events)
    return count
