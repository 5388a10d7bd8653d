"""Open and end incidents on behalf of producers, and say which bells that rings."""

from collections.abc import Iterable

from domain.codes import Code
from domain.events import Event, IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.ports import Ids, Transaction


def open_incident(
    tx: Transaction, tenant_id: TenantId, code: Code, detail: str, count: int, ids: Ids
) -> list[Event]:
    """Open an incident or bring it up to date; one that was told before rings nobody."""
    incident = tx.incidents.open(tenant_id, IncidentId(ids.new()), code, detail, count, None)
    return [IncidentChanged(tenant_id, incident.incident_id)] if incident.told_open_at is None else []


def resolve(tx: Transaction, tenant_id: TenantId, codes: Iterable[Code]) -> list[Event]:
    """End the open incidents of these causes."""
    return [
        IncidentChanged(tenant_id, incident.incident_id)
        for incident in tx.incidents.resolve(tenant_id, codes)
    ]
