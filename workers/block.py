"""Block a tenant whose credentials or configuration fail, and hear of it once."""

from domain.errors import StaffettaError
from domain.events import Event, IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.ports import Ids, Transaction
from domain.tenant import TenantState


def block_tenant(tx: Transaction, tenant_id: TenantId, error: StaffettaError, ids: Ids) -> list[Event]:
    """Stop all writes of a tenant until a check passes; its due rows wait, nothing is lost.

    A tenant that was never active has nothing to block: the failed run says it all.
    """
    tx.tenants.move(tenant_id, TenantState.BLOCKED, error.code)
    tx.changes.park(tenant_id)
    incident = tx.incidents.open(tenant_id, IncidentId(ids.new()), error.code, error.detail, 1, None)
    return [IncidentChanged(tenant_id, incident.incident_id)] if incident.told_open_at is None else []
