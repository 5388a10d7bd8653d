"""Let what a run wants by itself wait for the hours in which its tenant writes."""

from domain.config import Configuration
from domain.ids import TenantId
from domain.ports import Transaction
from domain.timetable import closed_until


def keep_hours(tx: Transaction, tenant_id: TenantId, config: Configuration | None = None) -> None:
    """Let due rows wait until the hours open, or go because they are open.

    Rows of runs that a human asked for go at any time. Whoever is about to send something asks here first.
    """
    config = config or tx.tenants.configuration(tenant_id)
    if config is not None:
        tx.changes.keep_hours(tenant_id, closed_until(config.schedule, tx.now()))
