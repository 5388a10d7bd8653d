"""Ask, once a second, who is due, and make each due slot one run, however many schedulers ask."""

from domain.config import Configuration
from domain.events import RunDue
from domain.ids import RunId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import RunKind
from domain.schedule import slot_due
from domain.tenant import Tenant, runs_by_itself


def tick(*, store: Store, publisher: Publisher, ids: Ids) -> list[RunDue]:
    """Add a run for every tenant whose slot has come, and ring for it.

    A tenant that is still reading keeps its slot: it is made when the reading is over.
    """
    with store.read() as tx:
        due = [tenant for tenant in tx.tenants.everyone() if _slot(tx, tenant)]
    bells: list[RunDue] = []
    for tenant in due:
        with store.write() as tx:
            bells += _add(tx, tenant, ids)
    publisher.ring(bells)
    return bells


def _add(tx: Transaction, tenant: Tenant, ids: Ids) -> list[RunDue]:
    config, slot = tx.tenants.configuration(tenant.tenant_id), _slot(tx, tenant)
    if config is None or slot is None:
        return []
    run = tx.runs.add(
        tenant.tenant_id,
        RunId(ids.new()),
        NewRun(RunKind.FEED, slot, by="schedule"),
        config.version,
    )
    return [RunDue(tenant.tenant_id, run.run_id)] if run else []


def _slot(tx: Transaction, tenant: Tenant) -> str | None:
    if not runs_by_itself(tenant.state):
        return None
    config: Configuration | None = tx.tenants.configuration(tenant.tenant_id)
    if config is None:
        return None
    last = tx.tenants.last_slot(tenant.tenant_id)
    slot = slot_due(config.schedule, last, tenant.since, tx.now())
    return slot.isoformat() if slot else None
