"""Raise the alarms that no run raises: leavers whose accounts stay open, and a silent target."""

from domain.codes import Code
from domain.events import Event
from domain.ids import TenantId
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
