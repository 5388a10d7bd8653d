"""Take the configuration that an operator wants: at once where nobody is touched, proposed otherwise."""

from bootstrap.cli.rooms import operator
from bootstrap.cli.tenant_ends import as_apart, check_same_places
from bootstrap.tenant_files import TenantWishes
from domain.ids import TenantId
from domain.ports import Store
from domain.tenant import Tenant, TenantState
from producers.reconfigure import Set, readable, set_configuration


def want(store: Store, tenant: Tenant, wishes: TenantWishes) -> Set:
    """Store what a file or profile says."""
    tenant_id: TenantId = tenant.tenant_id
    with store.read() as tx:
        connection, before = tx.connections.get(tenant_id), readable(tx, tenant_id)
    check_same_places(wishes, connection, tenant_id)
    return set_configuration(tenant_id, as_apart(wishes.config, before), by=operator(), store=store)


def told_of(tenant: Tenant, done: Set) -> str:
    """Say what became of it, and what comes next."""
    name = tenant.tenant_id
    if not done.changed:
        return f"Nothing changed; version {done.version} says the same."
    if not done.counts:
        said = f"Version {done.version} is proposed; no run uses it."
        return f"{said} See what it would do: staffetta config plan {name}"
    if tenant.state in {TenantState.SETUP, TenantState.READY}:
        return f"Version {done.version}. See what it would do with: staffetta preview {name}"
    return f"Version {done.version} counts at once: it only says when runs begin or pause; nobody is touched."
