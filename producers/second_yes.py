"""Name the command by which another operator says the second of two yeses, as the first was said."""

from domain.approval import Approval
from domain.ids import TenantId
from domain.ports import Transaction
from domain.run import Run
from domain.tenant import TenantState
from domain.versions import waiting

BEFORE_ACTIVE = frozenset({TenantState.SETUP, TenantState.READY})


def second_yes(tx: Transaction, first: Approval) -> str:
    """Tell a first yes to a plan that is activated or a configuration from one to rows that are approved."""
    tenant_id, plan_id = first.tenant_id, first.whole_plan
    plan = None if plan_id is None else tx.runs.get(tenant_id, plan_id)
    tenant = tx.tenants.get(tenant_id)
    if plan is None or tenant is None:
        return of_list(first)
    if tenant.state in BEFORE_ACTIVE:
        return of_activation(tenant_id)
    return of_proposal(plan) if proposed(tx, plan) else of_list(first)


def proposed(tx: Transaction, plan: Run) -> bool:
    """Tell whether a plan is of the configuration that waits to be applied."""
    found = waiting(tx.versions.history(plan.tenant_id))
    return found is not None and found.version == plan.config_version


def of_list(first: Approval) -> str:
    """Say yes to exactly the rows that were shown."""
    return f"staffetta approve {first.tenant_id} --hash {first.hash}"


def of_activation(tenant_id: TenantId) -> str:
    """Say yes to the first plan of a tenant."""
    return f"staffetta activate {tenant_id} --confirm={tenant_id}"


def of_proposal(plan: Run) -> str:
    """Say yes to the plan of a configuration that is proposed."""
    name = plan.tenant_id
    return f"staffetta config apply {name} --version {plan.config_version} --confirm={name}"
