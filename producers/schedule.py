"""Ask, once a second, who is due, and make each due slot one run, however many schedulers ask."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.config import Configuration
from domain.errors import TenantBlockedError
from domain.events import RunDue
from domain.ids import RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import SCHEDULE, Run, RunKind
from domain.tenant import Tenant, runs_by_itself
from domain.timetable import Due, due, timetable
from producers.apart import Failed, apart


@dataclass(frozen=True, slots=True)
class Ticked:
    """The runs that were made, and the tenants whose schedule could not be looked at."""

    made: tuple[Run, ...]
    failed: Mapping[TenantId, Exception]


def tick(*, store: Store, publisher: Publisher, ids: Ids) -> Ticked:
    """Add a run for every tenant whose slot has come, and ring for it.

    A tenant that is still reading keeps its slot: it is made when the reading is over. One whose schedule
    cannot be looked at keeps nobody else waiting.
    """
    failed: Failed = {}
    with store.read() as tx:
        tenants = [tenant for tenant in tx.tenants.everyone() if _is_due(tx, tenant, failed)]
    made: list[Run] = []
    for tenant in tenants:
        with apart(store, tenant.tenant_id, failed) as tx:
            made += _add(tx, tenant, ids)
    publisher.ring([RunDue(run.tenant_id, run.run_id) for run in made])
    return Ticked(tuple(made), failed)


def _is_due(tx: Transaction, tenant: Tenant, failed: Failed) -> bool:
    try:
        return _due(tx, tenant) is not None and tx.runs.reading_now(tenant.tenant_id) is None
    except (ValueError, LookupError, TenantBlockedError) as error:
        failed[tenant.tenant_id] = error
        return False


def _add(tx: Transaction, tenant: Tenant, ids: Ids) -> list[Run]:
    """Look again, in the transaction that writes: another scheduler may have been faster."""
    now = tx.tenants.get(tenant.tenant_id)
    found = _due(tx, now) if now is not None else None
    if found is None:
        return []
    config, slot = found
    new = NewRun(RunKind.FEED, slot.slot.isoformat(), by=SCHEDULE, missed=slot.missed)
    run = tx.runs.add(tenant.tenant_id, RunId(ids.new()), new, config.version)
    return [] if run is None else [run]


def _due(tx: Transaction, tenant: Tenant) -> tuple[Configuration, Due] | None:
    config = tx.tenants.configuration(tenant.tenant_id) if runs_by_itself(tenant.state) else None
    if config is None:
        return None
    last = tx.tenants.last_slot(tenant.tenant_id)
    found = due(timetable(config.schedule, tenant.tenant_id), last, tenant.since, tx.now())
    return None if found is None else (config, found)
