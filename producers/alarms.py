"""Raise the alarms that no run raises: leavers whose accounts stay open, a silent target, a full queue."""

from domain.codes import Code
from domain.events import Event
from domain.fullness import Fullness, is_high, told
from domain.ids import INSTALLATION, TenantId
from domain.outages import is_long
from domain.ports import Ids, Publisher, Store, Transaction
from producers.telling import open_incident, resolve


def raise_alarms(*, store: Store, publisher: Publisher, ids: Ids) -> None:
    """Open, bring up to date and end the incidents that come from waiting; each is told once."""
    with store.read() as tx:
        leavers, outages = tx.outages.leavers(), tx.outages.standing()
        alarmed = tx.incidents.of(Code.LEAVERS_WAIT)
        long = [tenant_id for tenant_id, outage in outages.items() if is_long(outage, tx.now())]
    for tenant_id in sorted({*leavers, *alarmed}):
        with store.write() as tx:
            events = _leavers(tx, tenant_id, leavers.get(tenant_id, 0), ids)
        publisher.ring(events)
    for tenant_id in long:
        with store.write() as tx:
            events = _silence(tx, tenant_id, ids)
        publisher.ring(events)


def watch_the_queue(now: Fullness, *, store: Store, publisher: Publisher, ids: Ids) -> None:
    """Open the alarm over a queue whose memory fills up, and end it when there is room again."""
    high, detail = is_high(now), told(now) if is_high(now) else ""
    with store.read() as tx:
        standing = [each for each in tx.incidents.standing(INSTALLATION) if each.code is Code.QUEUE_FILLING]
    if [detail] * high == [each.detail for each in standing]:
        return
    with store.write() as tx:
        events = (
            open_incident(tx, INSTALLATION, Code.QUEUE_FILLING, detail, 1, ids)
            if high
            else resolve(tx, INSTALLATION, [Code.QUEUE_FILLING])
        )
    publisher.ring(events)


def _leavers(tx: Transaction, tenant_id: TenantId, count: int, ids: Ids) -> list[Event]:
    if count:
        return open_incident(tx, tenant_id, Code.LEAVERS_WAIT, "", count, ids)
    return resolve(tx, tenant_id, [Code.LEAVERS_WAIT])


def _silence(tx: Transaction, tenant_id: TenantId, ids: Ids) -> list[Event]:
    """Tell of an outage; where nothing waits for the target any more, there is nothing to tell."""
    outage = tx.outages.get(tenant_id)
    if outage is None:
        return []
    count = tx.outages.waiting(tenant_id)
    if not count:
        tx.outages.end(tenant_id)
        return resolve(tx, tenant_id, [Code.TARGET_DOWN])
    if outage.told:
        return []
    tx.outages.told(tenant_id)
    return open_incident(tx, tenant_id, Code.TARGET_DOWN, "", count, ids)
