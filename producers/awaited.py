"""Tell which first yeses another person can still join: the world may have moved since they were said."""

from domain.approval import Approval
from domain.ports import Transaction
from domain.run import Run
from producers.activate import newest_plan
from producers.on_demand import NotPossibleError
from producers.reconfigure import newest_plan_of
from producers.second_yes import BEFORE_ACTIVE, proposed
from producers.sight import Choice, look, proposals


def stands(tx: Transaction, first: Approval) -> bool:
    """Tell whether a second yes would find the very rows of the first, and under the same configuration."""
    tenant_id, plan_id = first.tenant_id, first.whole_plan
    plan = None if plan_id is None else tx.runs.get(tenant_id, plan_id)
    tenant = tx.tenants.get(tenant_id)
    if plan is not None and tenant is not None and tenant.state in BEFORE_ACTIVE:
        return _says_the_same(tx, first, plan, newest_plan(tx, tenant_id))
    if plan is not None and proposed(tx, plan):
        return _says_the_same(tx, first, plan, newest_plan_of(tx, tenant_id, plan.config_version))
    return _is_there(tx, first)


def _says_the_same(tx: Transaction, first: Approval, plan: Run, newest: Run | None) -> bool:
    """Compare with the plan that the second yes would apply; a plan without rows counts for its version."""
    if newest is None or newest.config_version != plan.config_version:
        return False
    return tx.approvals.hash_of(first.tenant_id, proposals(tx, newest)) == first.hash


def _is_there(tx: Transaction, first: Approval) -> bool:
    try:
        look(tx, first.tenant_id, Choice(seen=first.hash))
    except NotPossibleError:
        return False
    return True
