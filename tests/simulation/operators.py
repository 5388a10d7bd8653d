"""What operators do, with the real commands' producers; they too may die, or find the store away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Approvers, Configuration, ReleaseNames
from domain.errors import TemporaryError, TenantBlockedError
from domain.ids import PersonId, RunId
from domain.overrides import OverrideKind
from domain.run import RunKind
from domain.tenant import TenantState
from producers import resume as pauses
from producers.activate import activate
from producers.approve import Approved, Awaiting, approve, held_for_a_human, reject
from producers.check import accept, look
from producers.deletions import cancel
from producers.on_demand import NotPossibleError, ask_for_feed, ask_for_person
from producers.override import Wanted, end_override, set_override
from producers.reconfigure import (
    NEVER_ACTIVE,
    apply_configuration,
    ask_for_proposal,
    set_configuration,
)
from producers.replay import Postman, requeue
from producers.sight import Choice
from producers.undo import undo
from tests.simulation.book import GRACE, Fixed
from tests.simulation.customs import content
from tests.simulation.house import Crew, House, Tenant
from workers.farewell import announce

COLLEAGUES = ("anna", "bert")
READ_ONLY = frozenset({"check", "preview", "reject_some", "pause", "stop", "resume", "cancel_removals"})
"""What humans do without asking for anything to be written; what follows a resume is the schedule's."""

MISTAKEN = 0.25
"""How often somebody takes who has an id now for who had it before."""

Act = Callable[[House, Tenant, Crew], None]


def act(house: House, tenant: Tenant, what: str) -> None:
    """Let an operator do one thing; a refusal with its reason is an answer like any other."""
    if what not in READ_ONLY:
        tenant.book.watch.asked = True
    if what in {"resume", "check", "sync"}:
        tenant.book.watch.acted.append(house.world.clock.at)
    let(house, tenant, what, ACTS[what])


def let(house: House, tenant: Tenant, what: str, acting: Act) -> None:
    """Let an operator do something particular."""

    def doing(crew: Crew) -> None:
        house.world.say(f"{tenant.tenant_id}: {what}")
        try:
            acting(house, tenant, crew)
        except NotPossibleError as error:
            house.world.say(f"{tenant.tenant_id}: {what}: not possible: {str(error)[:60]}")
        except TenantBlockedError as error:
            house.world.say(f"{tenant.tenant_id}: {what}: refused: {error.code}")
        except TemporaryError:
            house.world.say(f"{tenant.tenant_id}: {what}: the store is away")

    house.enter("operator", what, doing)


def check(house: House, tenant: Tenant, crew: Crew) -> None:
    """Read both ends, and let a green check have its effect."""
    accounts, today = crew.desk.accounts, house.world.clock.at.date()
    report = look(tenant.tenant_id, store=crew.store, accounts=accounts, today=today)
    accept(
        tenant.tenant_id,
        report,
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
        ring_more=crew.ring_more,
    )


def sync(house: House, tenant: Tenant, crew: Crew) -> None:
    """Ask for a complete run."""
    ask_for_feed(
        tenant.tenant_id,
        by="operator",
        key=house.ids.new(),
        plan_only=False,
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
    )


def preview(house: House, tenant: Tenant, crew: Crew) -> None:
    """Ask for a plan that nobody applies."""
    ask_for_feed(
        tenant.tenant_id,
        by="operator",
        key=house.ids.new(),
        plan_only=True,
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
    )


def sync_person(house: House, tenant: Tenant, crew: Crew) -> None:
    """Ask for a run of one."""
    see_to(house, tenant, crew, _anybody(house, tenant))


def see_to(house: House, tenant: Tenant, crew: Crew, person_id: PersonId) -> None:
    """Ask for a run of this person."""
    ask_for_person(
        tenant.tenant_id,
        person_id,
        by="operator",
        key=house.ids.new(),
        plan_only=False,
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
    )


def go_live(house: House, tenant: Tenant, crew: Crew) -> None:
    """Activate the newest plan."""
    _until_all_said_yes(activate, house, tenant, crew)


def _until_all_said_yes(act: Callable[..., object], house: House, tenant: Tenant, crew: Crew) -> None:
    """Let one colleague apply a plan, and the other one as well where one yes is not enough."""
    for who in COLLEAGUES:
        done = act(
            tenant.tenant_id,
            by=who,
            store=crew.store,
            publisher=crew.publisher,
            ids=house.ids,
            ring_more=crew.ring_more,
        )
        if not isinstance(done, Awaiting):
            return


def approve_what_is_right(house: House, tenant: Tenant, crew: Crew) -> None:
    """Say yes to what agrees with the company as it is."""
    rows = [row for row in _held(tenant, crew) if _is_right(tenant, row)]
    _say_yes(house, tenant, crew, rows)


def approve_some(house: House, tenant: Tenant, crew: Crew) -> None:
    """Say yes to some of what is right, or seems so to one who takes a person for another."""
    errs = house.world.dice.random() < MISTAKEN
    rows = [row for row in _held(tenant, crew) if _is_right(tenant, row) or (errs and _is_replaced(row))]
    _say_yes(house, tenant, crew, [row for row in rows if house.world.dice.random() < 0.5])


def _say_yes(house: House, tenant: Tenant, crew: Crew, rows: Sequence[Change]) -> None:
    if not rows:
        return
    watch, approvers = tenant.book.watch, tenant.book.config.policy.approval
    by = house.world.dice.choice(COLLEAGUES) if approvers is Approvers.TWO else COLLEAGUES[0]
    closed = {row.person_id for row in rows if row.action is Action.DEACTIVATE}
    for row in filter(_is_replaced, rows):
        tenant.book.register.confirm(row.person_id)
    said = watch.first.get(content(rows), set()) | {by}
    if approvers is Approvers.ONE or len(said) > 1:
        tenant.book.approved |= closed
    with watch.saying(rows, by):
        given = approve(
            tenant.tenant_id,
            Choice(tuple(row.change_id for row in rows)),
            by=by,
            store=crew.store,
            publisher=crew.publisher,
            ids=house.ids,
            ring_more=crew.ring_more,
        )
    if broken := watch.is_given(rows, by, approvers, applied=isinstance(given, Approved)):
        house.world.fail(f"promise 4: {tenant.tenant_id}: {broken}")


def reject_some(house: House, tenant: Tenant, crew: Crew) -> None:
    """Say no to some of what waits; nobody's change is sent after that while nothing else is asked for."""
    rows = [row for row in _held(tenant, crew) if house.world.dice.random() < 0.5]
    if not rows:
        return
    reject(tenant.tenant_id, change_ids=[row.change_id for row in rows], store=crew.store, ids=house.ids)
    for row in rows:
        tenant.book.rejected(row.person_id, row.action)


def undo_newest(house: House, tenant: Tenant, crew: Crew) -> None:
    """Take back the newest run that did anything."""
    with crew.store.read() as tx:
        runs = tx.runs.newest(tenant.tenant_id, 10)
        done = {
            run.run_id: tx.changes.rows(
                tenant.tenant_id, run_id=run.run_id, states=[ChangeState.APPLIED], limit=1000
            )
            for run in runs
            if run.kind is not RunKind.UNDO
        }
    chosen: RunId | None = next((run_id for run_id, rows in done.items() if rows), None)
    if chosen is None:
        return
    tenant.book.exempt |= {row.person_id for row in done[chosen]}
    undo(
        tenant.tenant_id,
        chosen,
        by="operator",
        plan_only=False,
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
    )


def pause(house: House, tenant: Tenant, crew: Crew) -> None:
    """Let no run begin by itself."""
    pauses.pause(tenant.tenant_id, store=crew.store, ids=house.ids)


def stop(house: House, tenant: Tenant, crew: Crew) -> None:
    """Write nothing more."""
    pauses.stop(tenant.tenant_id, store=crew.store)
    _note_stop(house, tenant)


def resume(house: House, tenant: Tenant, crew: Crew) -> None:
    """Let a paused or stopped tenant go on."""
    tenant.book.watch.stopped_at = None
    pauses.resume(
        tenant.tenant_id,
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
        ring_more=crew.ring_more,
    )
    _note_stop(house, tenant)


def _note_stop(house: House, tenant: Tenant) -> None:
    """Note whether the tenant is stopped now: of two operators at once, either may have been the last."""
    with house.store.read() as tx:
        found = tx.tenants.get(tenant.tenant_id)
    stopped = found is not None and found.state is TenantState.STOPPED
    tenant.book.watch.stopped_at = house.world.clock.at if stopped else None


def cancel_removals(house: House, tenant: Tenant, crew: Crew) -> None:
    """Let some closed accounts stay that were to be removed."""
    with crew.store.read() as tx:
        some = [each for each in tx.deletions.standing(tenant.tenant_id) if house.world.dice.random() < 0.5]
    done = cancel(
        tenant.tenant_id,
        [each.person_id for each in some],
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
        announce=announce,
    )
    tenant.book.watch.cancel([each.account_id for each in some if each.person_id in done.kept])


def requeue_all(house: House, tenant: Tenant, crew: Crew) -> None:
    """Send everything that died on its way again."""
    postman = Postman(
        by="operator",
        store=crew.store,
        publisher=crew.publisher,
        ring_more=crew.ring_more,
        decode=lambda _message: None,
    )
    requeue(tenant.tenant_id, postman=postman)


def fix(house: House, tenant: Tenant, crew: Crew) -> None:
    """Fix something about somebody."""
    person_id, dice = _anybody(house, tenant), house.world.dice
    kind = dice.choice(list(OverrideKind))
    path = "title" if kind is OverrideKind.FREEZE else ""
    days = dice.choice([1, 30])
    until = house.world.clock.at + timedelta(days=days) if kind is OverrideKind.HOLD_UNTIL else None
    wanted = Wanted(person_id, kind, "a reason", "operator", path=path, until=until)
    if kind is OverrideKind.PIN_INACTIVE:
        tenant.book.approved.add(person_id)
    tenant.book.expect_fixed(person_id, kind)
    done = set_override(tenant.tenant_id, wanted, store=crew.store, publisher=crew.publisher, ids=house.ids)
    counts_from = house.world.clock.at + (GRACE if done.too_late else timedelta(0))
    others = [each for each in tenant.book.fixed.get(person_id, []) if (each.kind, each.path) != (kind, path)]
    tenant.book.fixed[person_id] = [*others, Fixed(kind, path, counts_from)]


def unfix(house: House, tenant: Tenant, crew: Crew) -> None:
    """End what was fixed about somebody."""
    people = sorted(person_id for person_id, fixed in tenant.book.fixed.items() if fixed)
    if not people:
        return
    person_id = people[house.world.dice.randrange(len(people))]
    fixed = tenant.book.fixed[person_id].pop(0)
    tenant.book.notice(tenant.personio.company.humans[person_id])
    end_override(
        tenant.tenant_id,
        person_id,
        fixed.kind,
        by="operator",
        store=crew.store,
        publisher=crew.publisher,
        ids=house.ids,
    )


def want_something_else(house: House, tenant: Tenant, crew: Crew) -> None:
    """Propose another configuration, and ask for its plan."""
    try:
        set_configuration(tenant.tenant_id, _another(house, tenant, crew), by="operator", store=crew.store)
    finally:
        _note_what_counts(house, tenant)
    ask_for_proposal(
        tenant.tenant_id, by="operator", store=crew.store, publisher=crew.publisher, ids=house.ids
    )


def _note_what_counts(house: House, tenant: Tenant) -> None:
    """Note what counts at once where nobody went live yet, also if the store did not say that it was done."""
    with house.store.read() as tx:
        found, counts = tx.tenants.get(tenant.tenant_id), tx.tenants.configuration(tenant.tenant_id)
    never_live = found is not None and {found.state, found.before} & NEVER_ACTIVE
    if never_live and counts is not None and counts != tenant.book.config:
        tenant.book.configure(counts)


def apply_what_was_proposed(house: House, tenant: Tenant, crew: Crew) -> None:
    """Let the proposal count, if it has a plan."""
    before = tenant.book.config
    with crew.store.read() as tx:
        history = tx.versions.history(tenant.tenant_id)
        newest = tx.tenants.configuration(tenant.tenant_id, max(each.version for each in history))
    if newest is None or newest.version == before.version:
        return
    tenant.book.configure(newest)
    try:
        _until_all_said_yes(apply_configuration, house, tenant, crew)
    except Exception:
        tenant.book.configure(before)
        raise


def _another(house: House, tenant: Tenant, crew: Crew) -> Configuration:
    """Widen or narrow who is synced, carry less or more, or free names at another moment."""
    now, dice = tenant.book.config, house.world.dice
    both, internal = frozenset({"internal", "external"}), frozenset({"internal"})
    wider = replace(now.scope, employment_types=internal if now.scope.employment_types == both else both)
    fewer = tuple(line for line in now.lines if line.path != "department")
    lines = fewer if len(fewer) < len(now.lines) else tenant.book.all_lines
    names = replace(now.policy, release_names=dice.choice(list(ReleaseNames)))
    return dice.choice([replace(now, scope=wider), replace(now, lines=lines), replace(now, policy=names)])


def _held(tenant: Tenant, crew: Crew) -> Sequence[Change]:
    with crew.store.read() as tx:
        return held_for_a_human(tx, tenant.tenant_id)


def _is_right(tenant: Tenant, row: Change) -> bool:
    """Ask the company itself whether somebody should be closed; who reads a list knows their people."""
    human = tenant.personio.company.humans.get(row.person_id)
    if _is_replaced(row) and tenant.book.register.is_anothers(row.person_id):
        return False
    return row.action is not Action.DEACTIVATE or human is None or not tenant.book.image(human)[0]


def _is_replaced(row: Change) -> bool:
    """Tell whether the question is if somebody is still who they were."""
    return row.why is Code.PERSON_REPLACED


def _anybody(house: House, tenant: Tenant) -> PersonId:
    people = tenant.personio.company.here or list(tenant.personio.company.humans.values())
    return people[house.world.dice.randrange(len(people))].person_id


ACTS: Mapping[str, Act] = {
    each.__name__: each
    for each in (
        check,
        sync,
        preview,
        sync_person,
        go_live,
        approve_what_is_right,
        approve_some,
        reject_some,
        undo_newest,
        pause,
        stop,
        resume,
        requeue_all,
        cancel_removals,
        fix,
        unfix,
        want_something_else,
        apply_what_was_proposed,
    )
}
OFTEN: Mapping[str, int] = {
    "sync": 8,
    "sync_person": 5,
    "resume": 3,
    "check": 2,
    "approve_what_is_right": 3,
    "requeue_all": 2,
    "apply_what_was_proposed": 2,
}
NAMES = [name for name in ACTS if name != "go_live" for _ in range(OFTEN.get(name, 1))]
