"""The judgement at the end of a story: who is not as the company says, and does anything tell why."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import text

from adapters.database.transaction import SqlTransaction
from domain.cases import Answer
from domain.changes import ASPECT_OF, OPEN, TRANSITIONS, Action, Change, ChangeState, on_change, on_link
from domain.codes import Code
from domain.dispatches import DispatchState
from domain.ids import PersonId
from domain.run import NEXT_PHASES, SCHEDULE, Outcome, RunKind
from domain.tenant import MOVES, TenantState
from domain.timetable import is_quiet
from tests.simulation.house import House, Tenant

EXPLAINING = (
    ChangeState.HELD,
    ChangeState.BLOCKED,
    ChangeState.WAITING,
    ChangeState.PARKED,
    ChangeState.DEAD,
)
MANAGER = "manager"
PROVEN = frozenset({Code.PERSON_LEFT, Code.PERSON_LEFT_FILTER, Code.PERSON_NOT_SEEN})
LEGAL = {"changes": TRANSITIONS, "runs": NEXT_PHASES, "tenants": MOVES}


def differences(tenant: Tenant) -> dict[PersonId, str]:
    """Compare the application with the company; undone people are as somebody wanted them."""
    found: dict[PersonId, str] = {}
    accounts = tenant.app.by_external_id()
    for human in tenant.personio.company.humans.values():
        wanted, values, boss = tenant.book.image(human)
        theirs = accounts.get(f"{tenant.book.prefix}{human.person_id}", [])
        wrong: list[str] = []
        if wanted and not theirs:
            wrong.append("has no account")
        elif wanted:
            account = theirs[-1]
            wrong += [] if account.active else ["is closed"]
            wrong += [path for path, value in values.items() if account.values.get(path) != value]
            bosses = accounts.get(f"{tenant.book.prefix}{boss}", []) if boss else []
            if account.manager != (bosses[-1].account_id if bosses else None):
                wrong.append(MANAGER)
        elif any(account.active for account in theirs):
            wrong.append("is open")
        if wrong:
            found[human.person_id] = ", ".join(wrong)
    return found


def reasons(tx: SqlTransaction, tenant: Tenant) -> Mapping[PersonId, list[str]]:
    """Collect what the house tells about people who are not as they should be."""
    told: defaultdict[PersonId, list[str]] = defaultdict(list)
    people = list(tenant.personio.company.humans)
    rows = tx.changes.rows(tenant.tenant_id, states=EXPLAINING, limit=10_000)
    open_ids = {on_change(row.change_id) for row in rows}
    linked = {
        on_link(person) for person, link in tx.links.get(tenant.tenant_id, people).items() if link.active
    }
    for row in rows:
        waits = row.state is not ChangeState.WAITING or (row.due_at is not None and row.due_at > tx.now())
        on = row.blocked_on or ""
        awaits = row.state is not ChangeState.BLOCKED or on in open_ids or on.startswith("link:")
        if waits and awaits and on not in linked:
            told[row.person_id].append(f"{row.state} {row.action}: {row.why} {on.partition(':')[0]}")
    for person_id, seen in tx.people.snapshots(tenant.tenant_id, people).items():
        if seen.why is not None and seen.standing.value in {"wanted", "kept", "unknown"}:
            told[person_id].append(f"skipped: {seen.why}")
    for person_id, said in _said(tx, tenant):
        told[person_id].append(said)
    for said in _said_of_all(tx, tenant):
        for person_id in people:
            told[person_id].append(said)
    return told


def _said_of_all(tx: SqlTransaction, tenant: Tenant) -> Iterator[str]:
    """Tell what a human must say of the whole company before more is believed."""
    if any(lost.key == "supervisor" for lost in tx.attributes.standing(tenant.tenant_id)):
        yield f"{Action.SET_MANAGER}: the company lost its managers at once: a human must say so"
    if _is_cut_in_half(tx, tenant):
        yield "the company lost half of its people at once: a human must say so"


def _said(tx: SqlTransaction, tenant: Tenant) -> Iterator[tuple[PersonId, str]]:
    """Tell what humans decided, fixed and answered about somebody."""
    for decision in tx.decisions.standing(tenant.tenant_id):
        yield decision.person_id, f"decided: {decision.kind}"
    for override in tx.overrides.standing(tenant.tenant_id):
        yield override.person_id, f"fixed: {override.kind}"
    for case in tx.cases.standing(tenant.tenant_id):
        if case.ruled is not None and case.ruled.answer is Answer.IGNORE:
            yield case.person_id, "answered: to be left alone"


def _is_cut_in_half(tx: SqlTransaction, tenant: Tenant) -> bool:
    """Tell whether the newest complete reading was not believed, since half of everybody was missing."""
    feeds = [run for run in tx.runs.newest(tenant.tenant_id, 100) if run.kind is RunKind.FEED and run.outcome]
    return bool(feeds) and feeds[0].code is Code.FEED_TOO_SHORT


def judge_state(house: House, tx: SqlTransaction) -> None:
    """Look at what must be so at any moment: legal moves, one open row, a reason for every closing."""
    for what, old, new in tx.session.connection.execute(text("SELECT what, old, new FROM moves")):
        table: Mapping[str, frozenset[str]] = LEGAL[what]  # type: ignore[assignment]
        if new not in table.get(old, frozenset()):
            house.world.fail(f"a row of {what} went from {old} to {new}")
    for tenant in house.tenants.values():
        rows = tx.changes.rows(tenant.tenant_id, limit=100_000)
        for broken in (*_doubled(rows), *_without_reason(rows)):
            house.world.fail(f"{tenant.tenant_id}: {broken}")


def _doubled(rows: Sequence[Change]) -> Iterator[str]:
    seen = Counter(
        (row.person_id, row.aspect) for row in rows if row.state in OPEN and row.action in ASPECT_OF
    )
    for (person_id, aspect), count in seen.items():
        if count > 1:
            yield f"{person_id} has {count} open rows about {aspect}"


def _without_reason(rows: Sequence[Change]) -> Iterator[str]:
    for row in rows:
        if row.action is Action.DEACTIVATE and row.state is ChangeState.APPLIED and row.cause is None:
            yield f"promise 5: {row.person_id} was closed without a cause"
        if row.action is Action.DEACTIVATE and row.cause in PROVEN and not row.evidence:
            yield f"promise 5: closing {row.person_id} shows no evidence"


def judge_customs(house: House, tx: SqlTransaction) -> None:
    """Hold what began by itself against the hours and the pauses that a tenant wants."""
    for tenant in house.tenants.values():
        watch = tenant.book.watch
        if not watch.names & {"hours", "strict"}:
            continue
        runs = [run for run in tx.runs.newest(tenant.tenant_id, 1000) if run.created_at > watch.since]
        by_itself = [run for run in runs if run.by == SCHEDULE]
        for run in by_itself if "hours" in watch.names else ():
            if is_quiet(tenant.book.config.schedule, run.created_at):
                house.world.fail(f"{tenant.tenant_id}: a run began by itself in quiet hours")
        failed = [run for run in by_itself if run.outcome is Outcome.FAILED and run.kind is RunKind.FEED]
        for one in failed if "strict" in watch.names else ():
            for later in by_itself:
                if one.ended_at and later.created_at > one.ended_at and not watch.went_on(one, later):
                    house.world.fail(f"{tenant.tenant_id}: a strict tenant went on by itself after a failure")


KNOWN_TO_WHOEVER_ASKED = frozenset({Code.PERSON_NOT_SEEN, Code.TENANT_STOPPED})
"""Ends of runs that answer an operator's own deed."""


BUSY = frozenset({Code.TARGET_BUSY, Code.TARGET_UNREACHABLE})
"""Why a row waits, or dies, because of how the application is."""


def may_rest(tx: SqlTransaction, tenant: Tenant) -> bool:
    """Tell whether an application is left alone for a while, so that nothing is rung for."""
    known = tx.conditions.get(tenant.tenant_id)
    return known.open_since is not None or known.rests(tx.now())


def judge_rest(house: House, tx: SqlTransaction) -> None:
    """Nobody's change dies of a storm, and an application that is well again is left alone no longer."""
    for tenant in house.tenants.values():
        states = [ChangeState.DEAD, ChangeState.WAITING, ChangeState.RELEASED]
        rows = tx.changes.rows(tenant.tenant_id, states=states, limit=10_000)
        if died := [row for row in rows if row.state is ChangeState.DEAD and row.why in BUSY]:
            house.world.fail(f"promise 1: {tenant.tenant_id}: {len(died)} changes died of a storm")
        waits = [row for row in rows if row.state is not ChangeState.DEAD and row.why in BUSY]
        if waits and tx.conditions.get(tenant.tenant_id).open_since is not None:
            house.world.fail(f"promise 6: {tenant.tenant_id}: {len(waits)} changes wait though all is well")


def judge_answers(house: House, tx: SqlTransaction) -> None:
    """What a human answered stays answered while nothing that it was about is different."""
    for tenant in house.tenants.values():
        said = tenant.book.register.said
        cases = {person_id: tx.cases.of_person(tenant.tenant_id, person_id) for person_id in said}
        facts = {person_id: tenant.book.facts(person_id, each.about) for person_id, each in said.items()}
        for broken in tenant.book.register.forgotten(cases, facts):
            house.world.fail(f"{tenant.tenant_id}: {broken}")


def judge_silence(house: House, tx: SqlTransaction, *, at_the_end: bool) -> None:
    """Every stop and every run that failed was told to somebody; whoever stops a tenant by hand knows.

    A message that was in the hands of a worker that died is tried again after its lease, which is longer than
    the calm before the first judgement.
    """
    for tenant in house.tenants.values():
        written = tx.dispatches.of(tenant.tenant_id, 1_000)
        if not at_the_end and any(each.state is DispatchState.DUE for each in written):
            continue
        told = house.mailbox.told(tenant.tenant_id)
        found = tx.tenants.get(tenant.tenant_id)
        if (
            found
            and found.state is TenantState.BLOCKED
            and (found.why is None or found.why.value not in told)
        ):
            house.world.fail(f"promise 6: {tenant.tenant_id} is blocked for {found.why}, and nobody heard it")
        for run in tx.runs.newest(tenant.tenant_id, 1000):
            failed = run.outcome is Outcome.FAILED and run.code not in KNOWN_TO_WHOEVER_ASKED
            rests = tenant.book.config.policy.strict and Code.PAUSE_STRICT.value in told
            if failed and not rests and (run.code is None or run.code.value not in told):
                house.world.fail(f"promise 6: {tenant.tenant_id}: a run failed for {run.code}, nobody heard")
    untold = tx.incidents.untold()
    if untold:
        house.world.fail(f"promise 6: {len(untold)} incidents were never told")


def judge_end(house: House, tx: SqlTransaction) -> None:
    """Everybody is as the company says, or something tells why not; and what humans decided stands."""
    for tenant in house.tenants.values():
        differing = differences(tenant)
        told = reasons(tx, tenant) if differing else {}
        for person_id, wrong in differing.items():
            if person_id in tenant.book.exempt:
                continue
            if not _explained(wrong, told.get(person_id, [])):
                house.world.fail(f"promise 1: {tenant.tenant_id}: {person_id} {wrong}, and nothing tells why")
            else:
                house.explained.append(f"{wrong} <- {'; '.join(told[person_id])}")
        for broken in _overruled(tenant):
            house.world.fail(f"promise 5: {tenant.tenant_id}: {broken}")


def _explained(wrong: str, why: Sequence[str]) -> bool:
    """Say whether something tells why; what waits about a manager explains nothing about the account."""
    if wrong == MANAGER:
        return bool(why)
    return any(Action.SET_MANAGER.value not in each for each in why)


def _overruled(tenant: Tenant) -> Iterator[str]:
    """Find rejected changes that were sent all the same, though nothing else was asked for since."""
    accounts = tenant.app.by_external_id()
    for person_id, action, known in tenant.book.refused:
        if len(tenant.book.past[person_id]) != known or person_id in tenant.book.exempt:
            continue
        theirs = accounts.get(f"{tenant.book.prefix}{person_id}", [])
        is_open = any(account.active for account in theirs)
        if action is Action.DEACTIVATE and theirs and not is_open and person_id not in tenant.book.approved:
            yield f"{person_id} was closed although somebody had said no"
        if action is Action.CREATE and theirs:
            yield f"{person_id} got an account although somebody had said no"
