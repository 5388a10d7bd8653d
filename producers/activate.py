"""Activate a tenant: the plan of its first run becomes what is done, exactly as a human saw it."""

from collections.abc import Callable
from datetime import timedelta

from domain.audit import About, Deed, Note
from domain.events import Event
from domain.ids import RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import Outcome, Phase, Run, RunKind
from domain.tenant import TenantState
from producers.approve import Awaiting
from producers.on_demand import NotPossibleError
from producers.plan_yes import give, yes_to_plan
from producers.second_yes import of_activation
from producers.sent import Sent, staying_in

LIST_STAYS_TRUE = timedelta(hours=1)
"""For so long a listed target is believed; later each create looks for the account again."""

CURES = {
    TenantState.SETUP: "Check it first: staffetta check",
    TenantState.PAUSED: "Let it go on: staffetta resume",
    TenantState.BLOCKED: "See what is wrong, and repair it: staffetta check",
    TenantState.STOPPED: "Let it go on: staffetta resume",
}

RingMore = Callable[[Transaction, TenantId], list[Event]]


def activate(
    tenant_id: TenantId, *, by: str, store: Store, publisher: Publisher, ids: Ids, ring_more: RingMore
) -> Sent | Awaiting:
    """Apply the newest plan of a tenant and let its schedule begin, once everybody said yes who must."""
    with store.write() as tx:
        plan = _plan(tx, tenant_id)
        again = of_activation(tenant_id)
        said = yes_to_plan(tx, plan, [tx.tenants.configuration(tenant_id)], again, by=by, ids=ids)
        if isinstance(said, Awaiting):
            return said
        if not tx.tenants.move(tenant_id, TenantState.ACTIVE, None):
            raise NotPossibleError(f"«{tenant_id}» changed its state at this moment; look again.")
        run = tx.runs.add(
            tenant_id,
            RunId(ids.new()),
            NewRun(RunKind.APPROVAL, f"activate:{plan.run_id}", by),
            plan.config_version,
        )
        if run is None:
            raise NotPossibleError(f"The plan of «{tenant_id}» was activated already.")
        if plan.ended_at is not None and tx.now() - plan.ended_at < LIST_STAYS_TRUE:
            tx.runs.set_cursor(tenant_id, run.run_id, plan.cursor)
        rows = tx.changes.adopt(tenant_id, plan.run_id, run.run_id)
        tx.changes.release(tenant_id, run.run_id)
        events = ring_more(tx, tenant_id)
        who = give(tx, said, run, by=by)
        tx.audit.write(tenant_id, Note(Deed.ACTIVATED, who, About.RUN, run.run_id, rows, plan.run_id))
        staying = staying_in(tx, run)
    publisher.ring(events)
    return Sent(run=run, rows=rows, staying=staying)


def newest_plan(tx: Transaction, tenant_id: TenantId) -> Run | None:
    """Return the newest run of a tenant that ended as a plan of the present configuration."""
    config = tx.tenants.configuration(tenant_id)
    plans = [
        run
        for run in tx.runs.newest(tenant_id, 50)
        if (run.outcome, run.kind) == (Outcome.PLANNED, RunKind.FEED)
    ]
    return plans[0] if plans and config and plans[0].config_version == config.version else None


def _plan(tx: Transaction, tenant_id: TenantId) -> Run:
    tenant = tx.tenants.get(tenant_id)
    if tenant is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    if tenant.state is TenantState.ACTIVE:
        raise NotPossibleError(f"«{tenant_id}» is active already. Run it with: staffetta sync {tenant_id}")
    if tenant.state is not TenantState.READY:
        raise NotPossibleError(
            f"«{tenant_id}» is {tenant.state.value} and cannot be activated."
            f" {CURES[tenant.state]} {tenant_id}"
        )
    plan = newest_plan(tx, tenant_id)
    if plan is None or plan.phase is not Phase.ENDED:
        raise NotPossibleError(
            f"«{tenant_id}» has no plan of its present configuration."
            f" Make and read one first: staffetta preview {tenant_id}"
        )
    return plan
