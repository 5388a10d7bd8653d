"""Block a tenant whose credentials or configuration fail, and hear of it once."""

from domain.errors import StaffettaError
from domain.events import Event
from domain.ids import SetbackId, TenantId
from domain.ports import Ids, Transaction
from domain.setbacks import Trouble, paused, reason_of_block
from domain.tenant import TenantState
from workers.setbacks import open_incident


def block_tenant(tx: Transaction, tenant_id: TenantId, error: StaffettaError, ids: Ids) -> list[Event]:
    """Stop all writes of a tenant until a check or a probe passes; its due rows wait, nothing is lost.

    A tenant that was never active has nothing to block: the failed run says it all.
    """
    if tx.tenants.move(tenant_id, TenantState.BLOCKED, error.code):
        trouble = Trouble(reason_of_block(error.code), error.code, error.detail, None)
        setback = paused(tx.setbacks.get(tenant_id), trouble, tx.now(), SetbackId(ids.new()))
        tx.setbacks.put(tenant_id, setback)
    tx.changes.park(tenant_id)
    return open_incident(tx, tenant_id, error.code, error.detail, 1, None, ids)
