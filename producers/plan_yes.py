"""Ask for the yes of two people before a whole plan is applied, where a tenant wants two."""

from collections.abc import Iterable

from domain.approval import RUN, Approval, YesState
from domain.config import Approvers, Configuration
from domain.ids import ApprovalId, RunId
from domain.ports import Ids, Transaction
from domain.run import Run
from producers.approve import DECIDED, Awaiting, both, first_of_two
from producers.on_demand import NotPossibleError
from producers.sight import proposals


def yes_to_plan(
    tx: Transaction,
    plan: Run,
    configurations: Iterable[Configuration | None],
    again: str,
    *,
    by: str,
    ids: Ids,
) -> Awaiting | Approval | None:
    """Record a yes to a plan: what it waits for, or the list that both said yes to; None if one is enough.

    Two are asked if any of these configurations wants two: whoever lowers that to one cannot do it alone.
    """
    if not any(each and each.policy.approval is Approvers.TWO for each in configurations):
        return None
    shown = _shown(tx, plan, ids)
    return first_of_two(tx, shown, again, by=by) or shown


def give(tx: Transaction, said: Approval | None, run: Run, *, by: str) -> str:
    """Settle the list of a plan that is applied now, and name everybody who said yes to it."""
    if said is None:
        return by
    if not tx.approvals.give(run.tenant_id, said.approval_id, by, run.run_id):
        raise NotPossibleError(DECIDED)
    return both(said, by)


def _shown(tx: Transaction, plan: Run, ids: Ids) -> Approval:
    """Show the rows of a plan. Where there are none, nothing else ties a first yes to its configuration."""
    tenant_id, rows = plan.tenant_id, proposals(tx, plan)
    known = tx.approvals.get(tenant_id, tx.approvals.hash_of(tenant_id, rows))
    if not rows and known is not None and known.state is YesState.FIRST_YES:
        run = tx.runs.get(tenant_id, RunId(known.about.removeprefix(RUN)))
        if run is None or run.config_version != plan.config_version:
            tx.approvals.refuse(tenant_id, known.approval_id, known.first_by or "")
    return tx.approvals.show(tenant_id, ApprovalId(ids.new()), f"{RUN}{plan.run_id}", rows)
