"""The configuration that a run began with: every run keeps its own to its end."""

from domain.codes import Code
from domain.config import Configuration
from domain.errors import TenantBlockedError
from domain.ids import ConfigVersion, TenantId
from domain.ports import Store, Transaction
from domain.run import Run


def version_of(run: Run, store: Store) -> Configuration:
    """Return a run's own configuration. Raises TenantBlockedError where it cannot be read."""
    with store.read() as tx:
        config = tx.tenants.configuration(run.tenant_id, run.config_version)
    if config is None:
        raise TenantBlockedError(Code.CONFIG_INVALID, f"version {run.config_version} is not there")
    return config


def readable_version(tx: Transaction, run: Run) -> Configuration | None:
    """Return a run's own configuration; None where it cannot be read: also such a run has to end."""
    return _readable(tx, run.tenant_id, run.config_version)


def readable_today(tx: Transaction, tenant_id: TenantId) -> Configuration | None:
    """Return the configuration that counts now; None where it cannot be read."""
    return _readable(tx, tenant_id, None)


def _readable(tx: Transaction, tenant_id: TenantId, version: ConfigVersion | None) -> Configuration | None:
    try:
        return tx.tenants.configuration(tenant_id, version)
    except TenantBlockedError:
        return None
