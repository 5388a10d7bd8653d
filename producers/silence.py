"""Raise the alarm over tenants of which no run ended well for two intervals; nobody else would say so."""

from datetime import datetime, timedelta

from domain.codes import Code
from domain.errors import TenantBlockedError
from domain.events import Event, IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.run import RunKind
from domain.tenant import Tenant, runs_by_itself
from domain.timetable import Timetable, grace, silent_from, timetable

NEWEST_RUNS = 20
"""Runs of one person may have begun since; a complete one that is under way is hardly further back."""


def tell_silence(*, store: Store, publisher: Publisher, ids: Ids) -> list[TenantId]:
    """Open one incident for each silent tenant, and return whose it is news of.

    The next complete run resolves it. Two schedulers open one: the store allows no second.
    """
    with store.read() as tx:
        untold = [tenant for tenant in tx.tenants.everyone() if not _told(tx, tenant)]
        silent = [tenant for tenant in untold if _can_be_told(tx, tenant)]
    events: list[Event] = []
    for tenant in silent:
        with store.write() as tx:
            events += _tell(tx, tenant.tenant_id, ids)
    publisher.ring(events)
    return [event.tenant_id for event in events]


def is_silent(tx: Transaction, tenant: Tenant) -> bool:
    """Tell whether two runs should have begun and been done since the last success, and none was.

    A tenant that is not active has an alarm of its own. A run that began of late may still turn out well.
    """
    config = tx.tenants.configuration(tenant.tenant_id) if runs_by_itself(tenant.state) else None
    if config is None:
        return False
    table, success = timetable(config.schedule, tenant.tenant_id), _last_success(tx, tenant)
    if tx.now() < silent_from(table, success):
        return False
    return not _under_way(tx, tenant.tenant_id, grace(table, success))


def overdue_from(tx: Transaction, tenant: Tenant, table: Timetable) -> datetime:
    """Tell from when on this tenant is silent, if nothing ends well until then."""
    return silent_from(table, _last_success(tx, tenant))


def _last_success(tx: Transaction, tenant: Tenant) -> datetime:
    """Count from when the tenant became active, where nothing ended well since."""
    return max(tx.runs.last_success(tenant.tenant_id) or tenant.since, tenant.since)


def _under_way(tx: Transaction, tenant_id: TenantId, lately: timedelta) -> bool:
    return any(
        run.kind is RunKind.FEED and run.outcome is None and tx.now() - run.created_at < lately
        for run in tx.runs.newest(tenant_id, NEWEST_RUNS)
        if not run.plan_only
    )


def _can_be_told(tx: Transaction, tenant: Tenant) -> bool:
    """Pass over a schedule that cannot be computed: whoever makes the runs has said so, each second."""
    try:
        return is_silent(tx, tenant)
    except (ValueError, LookupError, TenantBlockedError):
        return False


def _told(tx: Transaction, tenant: Tenant) -> bool:
    return any(incident.code is Code.NO_SUCCESS for incident in tx.incidents.standing(tenant.tenant_id))


def _tell(tx: Transaction, tenant_id: TenantId, ids: Ids) -> list[Event]:
    """Look again, in the transaction that writes: a run may have ended meanwhile."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None or _told(tx, tenant) or not is_silent(tx, tenant):
        return []
    success = tx.runs.last_success(tenant_id)
    detail = "" if success is None else f"last success: {success.isoformat(timespec='seconds')}"
    incident = tx.incidents.open(tenant_id, IncidentId(ids.new()), Code.NO_SUCCESS, detail, 1, None)
    return [IncidentChanged(tenant_id, incident.incident_id)]
