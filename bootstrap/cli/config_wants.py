"""Take the configuration that an operator wants: at once where nobody is touched, proposed otherwise."""

import contextlib

from bootstrap.cli.failures import CommandError
from bootstrap.cli.rooms import operator
from bootstrap.cli.tenant_ends import as_apart, check_same_places
from bootstrap.tenant_files import TenantWishes
from domain.config import Configuration
from domain.errors import TenantBlockedError
from domain.ids import TenantId
from domain.ports import Store, Transaction
from domain.tenant import Tenant, TenantState
from producers.reconfigure import Set, readable, set_configuration


def want(store: Store, tenant: Tenant, wishes: TenantWishes) -> Set:
    """Store what a file or profile says."""
    tenant_id: TenantId = tenant.tenant_id
    with store.read() as tx:
        connection = tx.connections.get(tenant_id)
        before = readable(tx, tenant_id) or _read_last(tx, tenant_id)
        shares = connection is not None and len(tx.connections.tenants_at(connection)) > 1
    if before is None and shares:
        raise CommandError(
            f"No version of «{tenant_id}» can be read, and it shares its application: how its external ids"
            " begin is not known.",
            "Restore its configurations from a backup, so that nobody is taken for another tenant's person.",
        )
    check_same_places(wishes, connection, tenant_id)
    return set_configuration(tenant_id, as_apart(wishes.config, before), by=operator(), store=store)


def _read_last(tx: Transaction, tenant_id: TenantId) -> Configuration | None:
    """Return the newest version that can be read: it knows how the external ids of this tenant begin."""
    for record in reversed(tx.versions.history(tenant_id)):
        with contextlib.suppress(TenantBlockedError):
            return tx.tenants.configuration(tenant_id, record.version)
    return None


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
