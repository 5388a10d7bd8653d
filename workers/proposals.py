"""Tell apart what counts and what only tries a configuration out."""

from domain.ports import Transaction
from domain.run import Run


def is_of_a_proposal(tx: Transaction, run: Run) -> bool:
    """Tell whether a run plans for a proposed configuration: what is known to the one that counts stays."""
    if not run.plan_only:
        return False
    config = tx.tenants.configuration(run.tenant_id)
    return config is not None and config.version < run.config_version
