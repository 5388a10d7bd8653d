"""Change what a tenant wants: propose, plan, show, and only then apply exactly that plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from domain.approval import Approval
from domain.audit import About, Deed, Note
from domain.config import Configuration, same_rules
from domain.errors import TenantBlockedError
from domain.events import Event, RunDue
from domain.ids import ConfigVersion, RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import Outcome, Phase, Run, RunKind
from domain.tenant import Tenant, TenantState, may_read, may_write
from domain.versions import VersionRecord, counting, waiting
from producers.activate import LIST_STAYS_TRUE
from producers.approve import Awaiting
from producers.on_demand import Asked, NotNowError, NotPossibleError, NotThereError, no_write_now
from producers.plan_yes import give, yes_to_plan
from producers.resume import probe_soon
from producers.second_yes import of_proposal
from producers.sent import Sent, staying_in

PLAN_STAYS_TRUE = timedelta(hours=4)
"""After this a plan is made anew: what only the proposed version asks about may have changed meanwhile."""

SEARCHED_RUNS = 500
NEVER_ACTIVE = frozenset({TenantState.SETUP, TenantState.READY})

RingMore = Callable[[Transaction, TenantId], list[Event]]


@dataclass(frozen=True, slots=True)
class Set:
    """What became of a configuration that somebody wants. `counts`: runs use it already."""

    version: ConfigVersion
    counts: bool
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied(Sent):
    """What a proposal's plan sends now that its version counts, and the complete run that follows."""

    version: ConfigVersion
    plan: Run
    follows: Run | None


def set_configuration(
    tenant_id: TenantId,
    config: Configuration,
    *,
    by: str,
    store: Store,
    rolls_back: bool = False,
) -> Set:
    """Let a configuration count at once where it decides nothing about people; propose it otherwise.

    A tenant that was never active has its first plan before anything is written; nothing is to be guarded.
    """
    with store.write() as tx:
        tenant, before = _tenant(tx, tenant_id), readable(tx, tenant_id)
        probe_soon(tx, tenant_id)
        if before is None or _was_never_active(tenant) or same_rules(before, config):
            version = tx.tenants.configure(tenant_id, config, by)
            changed = before is None or before.version != version
            if changed and tenant.state is TenantState.READY:
                tx.tenants.move(tenant_id, TenantState.SETUP, None)
            if changed:
                deed = Deed.CONFIGURATION_ROLLED_BACK if rolls_back else Deed.CONFIGURATION_SET
                _note(tx, tenant_id, deed, by, version)
            return Set(version, counts=True, changed=changed)
        version = tx.versions.propose(tenant_id, config, by)
        same = version == before.version
        if not same:
            _note(tx, tenant_id, Deed.CONFIGURATION_PROPOSED, by, version, "rollback" if rolls_back else "")
        return Set(version, counts=same, changed=not same)


def ask_for_proposal(tenant_id: TenantId, *, by: str, store: Store, publisher: Publisher, ids: Ids) -> Asked:
    """Ask for the plan of what is proposed: a complete reading that writes nothing anywhere."""
    with store.write() as tx:
        tenant, proposed = _tenant(tx, tenant_id), proposal(tx, tenant_id)
        if not may_read(tenant.state):
            raise NotNowError(
                f"«{tenant_id}» is {tenant.state}; nothing runs. Start it again: staffetta resume {tenant_id}"
            )
        reading = tx.runs.reading_now(tenant_id)
        if reading is not None:
            mine = reading.config_version == proposed.version and reading.plan_only
            return Asked(reading, joined=True, late=not mine)
        new = NewRun(RunKind.FEED, f"propose:{proposed.version}:{ids.new()}", by, plan_only=True)
        run = tx.runs.add(tenant_id, RunId(ids.new()), new, proposed.version)
        if run is None:
            raise NotPossibleError(f"Another run of «{tenant_id}» began at this very moment; ask again.")
    publisher.ring([RunDue(tenant_id, run.run_id)])
    return Asked(run)


def apply_configuration(
    tenant_id: TenantId,
    version: ConfigVersion | None = None,
    *,
    by: str,
    store: Store,
    publisher: Publisher,
    ids: Ids,
    ring_more: RingMore,
) -> Applied | Awaiting:
    """Let a proposed version count, and apply exactly the rows of its plan; a complete run follows.

    Rows that the guards held are held for a yes. Whoever was read again since the plan is not touched by it.
    Where the version that counts, or the proposed one, wants two people's yes, the first one changes nothing.
    """
    with store.write() as tx:
        tenant, proposed = _tenant(tx, tenant_id), proposal(tx, tenant_id)
        plan = _plan_to_apply(tx, tenant, proposed, version)
        said = _said(tx, plan, by=by, ids=ids)
        if isinstance(said, Awaiting):
            return said
        if not tx.versions.adopt(tenant_id, proposed.version, by):
            raise NotPossibleError(_moved(tenant_id))
        new = NewRun(RunKind.APPROVAL, f"configure:{plan.run_id}", by)
        run = tx.runs.add(tenant_id, RunId(ids.new()), new, proposed.version)
        if run is None:
            raise NotPossibleError(f"Version {proposed.version} of «{tenant_id}» was applied already.")
        if plan.ended_at is not None and tx.now() - plan.ended_at < LIST_STAYS_TRUE:
            tx.runs.set_cursor(tenant_id, run.run_id, plan.cursor)
        tx.versions.promote(tenant_id, plan.run_id)
        rows = tx.changes.adopt(tenant_id, plan.run_id, run.run_id)
        tx.changes.release(tenant_id, run.run_id)
        look = NewRun(RunKind.FEED, f"configured:{proposed.version}", by)
        follows = tx.runs.add(tenant_id, RunId(ids.new()), look, proposed.version)
        events = ring_more(tx, tenant_id)
        who = give(tx, said, run, by=by)
        _note(tx, tenant_id, Deed.CONFIGURATION_APPLIED, who, proposed.version, plan.run_id)
        staying = staying_in(tx, run)
    publisher.ring([*events, *([RunDue(tenant_id, follows.run_id)] if follows else [])])
    return Applied(version=proposed.version, plan=plan, run=run, rows=rows, staying=staying, follows=follows)


def roll_back(tenant_id: TenantId, to: ConfigVersion, *, by: str, store: Store) -> Set:
    """Want again what an earlier version said; it is proposed like any other change."""
    with store.read() as tx:
        content = tx.tenants.configuration(tenant_id, to)
    if content is None:
        raise NotThereError(
            f"«{tenant_id}» has no version {to}. List them with: staffetta config history {tenant_id}"
        )
    return set_configuration(tenant_id, content, by=by, store=store, rolls_back=True)


def readable(tx: Transaction, tenant_id: TenantId) -> Configuration | None:
    """Return the configuration that counts; None also where what is stored cannot be read any more."""
    try:
        return tx.tenants.configuration(tenant_id)
    except TenantBlockedError:
        return None


def proposal(tx: Transaction, tenant_id: TenantId) -> VersionRecord:
    """Return the version that waits to be applied."""
    found = waiting(tx.versions.history(tenant_id))
    if found is None:
        raise NotPossibleError(
            f"Nothing is proposed for «{tenant_id}»."
            f" Propose a change with: staffetta config set {tenant_id} --file FILE"
        )
    return found


def newest_plan_of(tx: Transaction, tenant_id: TenantId, version: ConfigVersion) -> Run | None:
    """Return the newest complete plan-only run under a version, ended or not."""
    runs = tx.runs.newest(tenant_id, SEARCHED_RUNS)
    mine = (run for run in runs if run.config_version == version and run.plan_only)
    return next((run for run in mine if run.kind is RunKind.FEED), None)


def _said(tx: Transaction, plan: Run, *, by: str, ids: Ids) -> Awaiting | Approval | None:
    name, version = plan.tenant_id, plan.config_version
    configurations = (readable(tx, name), tx.tenants.configuration(name, version))
    return yes_to_plan(tx, plan, configurations, of_proposal(plan), by=by, ids=ids)


def _plan_to_apply(
    tx: Transaction, tenant: Tenant, proposed: VersionRecord, version: ConfigVersion | None
) -> Run:
    """Find the plan that somebody saw and wants, or say why it cannot be applied, and the cure."""
    name, again = tenant.tenant_id, f"Make it again: staffetta config plan {tenant.tenant_id}"
    if not may_write(tenant.state):
        raise no_write_now(name, tenant.state)
    if version is not None and version != proposed.version:
        raise NotPossibleError(f"Version {version} is not what is proposed; that is {proposed.version}.")
    current = counting(tx.versions.history(name))
    if current is not None and proposed.based_on != current.version:
        raise NotPossibleError(_moved(name))
    reading = tx.runs.reading_now(name)
    if reading is not None:
        raise NotPossibleError(
            f"Run {reading.run_id} of «{name}» is reading; apply when it is through: staffetta runs {name}"
        )
    plan = newest_plan_of(tx, name, proposed.version)
    if plan is None:
        raise NotPossibleError(f"Version {proposed.version} has no plan yet. {again}")
    if plan.phase is not Phase.ENDED or plan.outcome is not Outcome.PLANNED:
        raise NotPossibleError(f"The plan of version {proposed.version} could not be made. {again}")
    if plan.ended_at is None or tx.now() - plan.ended_at > PLAN_STAYS_TRUE:
        raise NotPossibleError(f"The plan of version {proposed.version} is older than four hours. {again}")
    return plan


def _note(
    tx: Transaction, tenant_id: TenantId, deed: Deed, by: str, version: ConfigVersion, meant: str = ""
) -> None:
    tx.audit.write(tenant_id, Note(deed, by, About.CONFIGURATION, str(version), meant=meant))


def discard(tenant_id: TenantId, *, by: str, store: Store) -> int:
    """Drop what is proposed; returns how many versions were."""
    with store.write() as tx:
        found = waiting(tx.versions.history(tenant_id))
        dropped = tx.versions.discard(tenant_id)
        if dropped and found is not None:
            _note(tx, tenant_id, Deed.CONFIGURATION_DISCARDED, by, found.version)
        return dropped


def _moved(name: TenantId) -> str:
    return (
        f"The configuration of «{name}» changed since this was proposed."
        f" Look, and propose it again: staffetta config diff {name}"
    )


def _tenant(tx: Transaction, tenant_id: TenantId) -> Tenant:
    tenant = tx.tenants.get(tenant_id)
    if tenant is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    return tenant


def _was_never_active(tenant: Tenant) -> bool:
    return tenant.state in NEVER_ACTIVE or tenant.before in NEVER_ACTIVE
