"""A configuration change is a plan first: shown, guarded, and applied exactly, or not at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bootstrap.cli.config_view import draw_proposal, proposal_data
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Approvers, Configuration, Line, ReleaseNames, Scope
from domain.ids import ConfigVersion, PersonId
from domain.run import Outcome, Run, RunKind
from domain.schedule import Every, Schedule
from domain.scope import Standing
from domain.scope_tree import Clause, Not, Operator, Tree
from domain.tenant import TenantState
from domain.versions import counting, waiting
from producers.accept_feed import lost_attributes
from producers.approve import Awaiting
from producers.on_demand import NotPossibleError
from producers.reconfigure import (
    Applied,
    Set,
    apply_configuration,
    ask_for_proposal,
    proposal,
    roll_back,
    set_configuration,
)
from simulators.personio.actions import Omit
from simulators.personio.attributes import STANDARD
from simulators.personio.changes import Hire
from simulators.personio.values import Given
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live
from tests.flow.test_second_feed import FORBIDDEN, LIST
from tests.flow.truth import WANTED, accounts, is_wanted, people
from tests.unit.cli.test_plans_are_told_truly import drawn

__all__ = ["live"]


def current(live: Relay) -> Configuration:
    with live.store.read() as tx:
        found = tx.tenants.configuration(ACME)
    assert found is not None
    return found


def want(live: Relay, config: Configuration) -> Set:
    return set_configuration(ACME, config, by="operator:eve", store=live.store)


def want_only(live: Relay, where: Tree) -> Set:
    config = current(live)
    return want(live, replace(config, scope=replace(config.scope, where=where)))


def plan(live: Relay) -> Run:
    asked = ask_for_proposal(ACME, by="eve", store=live.store, publisher=live.bells, ids=live.desk.ids)
    live.drain()
    run = live.run(asked.run.run_id)
    assert run.outcome is Outcome.PLANNED, run
    return run


def say_yes(live: Relay, by: str, version: ConfigVersion | None = None) -> Applied | Awaiting:
    done = apply_configuration(
        ACME,
        version,
        by=by,
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        ring_more=live._ring_more,
    )
    live.drain()
    return done


def apply(live: Relay, version: ConfigVersion | None = None) -> Applied:
    done = say_yes(live, "operator:eve", version)
    assert isinstance(done, Applied)
    return done


def proposals(live: Relay, run: Run) -> Sequence[Change]:
    """Return what would be sent; somebody's manager has no account, and waits for one in every plan."""
    with live.store.read() as tx:
        rows = tx.changes.rows(ACME, run_id=run.run_id, states=[ChangeState.PROPOSED])
    return [row for row in rows if row.action is not Action.SET_MANAGER]


def ids(live: Relay) -> list[str]:
    return [str(person.id) for person in people(live) if is_wanted(person)]


def without(*outside: str) -> Tree:
    return Clause("id", Operator.NOT_IN, outside)


def closed(live: Relay, those: Sequence[str]) -> list[str]:
    return [person for person in those if not accounts(live)[person]["active"]]


def test_a_proposed_filter_is_planned_without_a_write_and_no_run_uses_it(live: Relay) -> None:
    outside = ids(live)[:2]
    live.app.counters.reset()
    set_ = want_only(live, without(*outside))
    assert (set_.version, set_.counts) == (2, False)
    run = plan(live)
    assert {(row.action, row.person_id, row.cause) for row in proposals(live, run)} == {
        (Action.DEACTIVATE, person, Code.PERSON_LEFT_FILTER) for person in outside
    }
    assert live.sync().config_version == 1
    assert live.app.counters.writes == 0
    assert closed(live, outside) == []


def test_the_figures_of_a_proposal_are_those_of_the_company(live: Relay) -> None:
    outside = ids(live)[:2]
    want_only(live, without(*outside))
    run = plan(live)
    with live.store.read() as tx:
        standings = tx.versions.standings(ACME, run.run_id)
    everybody = people(live)
    assert sum(standings.values()) == len(everybody)
    asked = [each for each in everybody if each.status in WANTED and each.employment_type == "internal"]
    assert standings[Standing.WANTED] == len(asked) - 2
    assert standings[Standing.LEFT] == sum(1 for each in everybody if each.status == "inactive")


def test_g7_applying_a_proposal_sends_exactly_the_writes_that_were_shown(live: Relay) -> None:
    outside = ids(live)[:2]
    want_only(live, without(*outside))
    shown = {(row.person_id, row.action) for row in proposals(live, plan(live))}
    live.app.counters.reset()
    done = apply(live)
    assert len(shown) == 2
    assert live.app.counters.writes == 2
    assert closed(live, ids(live)) == outside
    assert current(live).version == 2
    assert done.follows is not None
    assert live.run(done.follows.run_id).outcome is Outcome.OK
    assert live.sync().outcome is Outcome.OK
    assert live.app.counters.writes == 2


def test_g1_a_filter_that_drops_most_people_is_held_before_the_first_is_closed(live: Relay) -> None:
    everybody = ids(live)
    outside = everybody[: len(everybody) * 6 // 10]
    want_only(live, without(*outside))
    run = plan(live)
    rows = proposals(live, run)
    assert len(rows) == len(outside)
    assert {row.why for row in rows} == {Code.GUARD_REMOVALS}
    live.app.counters.reset()
    done = apply(live)
    assert (done.going, done.staying[Code.GUARD_REMOVALS]) == (0, len(outside))
    assert live.app.counters.writes == 0
    assert closed(live, everybody) == []
    held = live.rows(ChangeState.HELD)
    assert {row.person_id for row in held} == set(outside)
    assert {row.cause for row in held} == {Code.PERSON_LEFT_FILTER}
    (incident,) = [each for each in live.incidents() if each.code is Code.GUARD_REMOVALS]
    assert incident.count == len(outside)
    live.sync()
    assert len(live.rows(ChangeState.HELD)) == len(outside)
    live.approve()
    assert set(closed(live, everybody)) == set(outside)


def test_g1_a_filter_that_dropped_people_by_mistake_is_rolled_back_and_nobody_was_closed(live: Relay) -> None:
    everybody = ids(live)
    want_only(live, without(*everybody[: len(everybody) * 6 // 10]))
    plan(live)
    apply(live)
    back = roll_back(ACME, ConfigVersion(1), by="operator:eve", store=live.store)
    assert (back.version, back.counts) == (3, False)
    assert proposals(live, plan(live)) == []
    live.app.counters.reset()
    apply(live)
    assert live.rows(ChangeState.HELD) == []
    assert live.app.counters.writes == 0
    assert current(live).scope.where is None


def test_g3_a_mapping_that_rewrites_everybody_is_shown_and_held_until_somebody_says_yes(live: Relay) -> None:
    config = current(live)
    lines = (*config.lines, Line("last_name", "nickName"))
    live.app.counters.reset()
    want(live, replace(config, lines=lines))
    rows = proposals(live, plan(live))
    opened = [person for person in ids(live) if accounts(live)[person]["active"]]
    assert Counter(row.action for row in rows) == {Action.UPDATE: len(opened)}
    live.sync()
    assert live.app.counters.writes == 0
    assert all(row.why is not None for row in rows)
    apply(live)
    assert live.app.counters.writes == 0
    live.approve()
    assert live.app.counters.writes == len(opened)
    assert all(accounts(live)[person].get("nickName") for person in opened)
    live.sync()
    assert live.app.counters.writes == len(opened)


def test_g6_g9_a_filter_over_an_attribute_that_is_not_told_creates_and_removes_nobody(live: Relay) -> None:
    want_only(live, Not(Clause("dynamic_999999", Operator.IS, ("x",))))
    run = plan(live)
    assert proposals(live, run) == []
    assert "dynamic_999999" in run.blind
    live.app.counters.reset()
    apply(live)
    assert live.app.counters.writes == 0
    assert live.figures(live.sync()).skipped[Code.PERSON_SCOPE_UNKNOWN.value] > 0
    assert closed(live, ids(live)) == []


def test_d19_a_proposal_names_what_it_reads_and_personio_does_not_tell(live: Relay) -> None:
    config, hidden = current(live), ("office", "position")
    lines = (*config.lines, Line("position", "nickName"))
    live.configure(replace(config, lines=lines))
    custom = live.personio.truth().custom_attributes
    keys = [*(known.key for known in STANDARD), *custom]
    live.personio.set_readable([key for key in keys if key not in hidden])
    where = Clause("office", Operator.IN, ("Berlin",))
    want(live, replace(config, lines=lines, scope=replace(config.scope, where=where)))
    run = plan(live)
    with live.store.read() as tx:
        data = proposal_data(tx, run, TenantState.ACTIVE, live.desk.ids)
    told = " ".join(drawn(*draw_proposal(data)).split())
    assert "it cannot be told whether they match; nothing happens to them. The attribute «Office»" in told
    assert "«Office» (office) cannot be read with these Personio credentials. It decides who" in told
    assert "«Position» (position) cannot be read" in told
    assert "nickName, which stays as it is." in told
    assert told.count("tick the named attribute under «Readable employee attributes»") == 1
    assert [(row["attribute"], row["decides"]) for row in data["untold"]] == [
        ("office", True),
        ("position", False),
    ]
    assert apply(live).plan.blind == run.blind


def test_whoever_changed_since_the_plan_is_left_alone_by_it_and_looked_at_by_the_run_that_follows(
    live: Relay,
) -> None:
    first, second = ids(live)[:2]
    want_only(live, without(first, second))
    plan(live)
    live.personio.company.change(int(first), first_name="Renamed")
    live.sync()
    done = apply(live)
    assert done.follows is not None
    assert closed(live, [first, second]) == [first, second]


def test_a_discarded_proposal_leaves_no_trace_and_cannot_be_applied(live: Relay) -> None:
    want_only(live, without(ids(live)[0]))
    plan(live)
    with live.store.write() as tx:
        assert tx.versions.discard(ACME) == 1
    with pytest.raises(NotPossibleError, match="Nothing is proposed"):
        apply(live)
    assert current(live).version == 1
    live.app.counters.reset()
    assert live.sync().outcome is Outcome.OK
    assert live.app.counters.writes == 0


def test_equal_content_adds_no_version_and_a_new_proposal_replaces_the_old_one(live: Relay) -> None:
    assert want(live, current(live)) == Set(ConfigVersion(1), counts=True, changed=False)
    one = want_only(live, without("1"))
    assert want_only(live, without("1")).version == one.version
    other = want_only(live, without("2"))
    with live.store.read() as tx:
        history = tx.versions.history(ACME)
    assert [each.waits for each in history] == [False, False, True]
    assert (counting(history), waiting(history)) == (history[0], history[2])
    assert other.version == 3
    assert {each.made_by for each in history[1:]} == {"operator:eve"}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda _live: None, "has no plan yet"),
        (lambda live: (plan(live), live.later(hours=5)), "older than four hours"),
        (lambda live: (plan(live), live.configure(replace(current(live), sync_managers=False))), "Nothing"),
    ],
    ids=["no plan", "old plan", "configured meanwhile"],
)
def test_a_plan_that_is_not_there_or_not_true_any_more_is_refused_with_the_cure(
    live: Relay, spoil: object, says: str
) -> None:
    want_only(live, without(ids(live)[0]))
    spoil(live)  # type: ignore[operator]
    live.app.counters.reset()
    with pytest.raises(NotPossibleError, match=says):
        apply(live)
    assert live.app.counters.writes == 0


def test_a_new_schedule_counts_at_once_and_ends_no_decision(live: Relay) -> None:
    everybody = ids(live)
    for person in everybody[:6]:
        live.personio.company.terminate(int(person))
    live.sync()
    held = {row.change_id for row in live.rows(ChangeState.HELD)}
    assert want(live, replace(current(live), schedule=Schedule(Every(timedelta(minutes=30))))).counts
    assert current(live).version == 2
    live.sync()
    assert {row.change_id for row in live.rows(ChangeState.HELD)} == held
    live.approve()
    assert len(closed(live, everybody[:6])) == 6


def test_open_rows_of_an_older_version_are_judged_anew_and_held_ones_stay_held(live: Relay) -> None:
    everybody = ids(live)
    for person in everybody[:6]:
        live.personio.company.terminate(int(person))
    live.sync()
    assert len(live.rows(ChangeState.HELD)) == 6
    config = current(live)
    want(live, replace(config, lines=(*config.lines, Line("last_name", "nickName"))))
    plan(live)
    apply(live)
    held = live.rows(ChangeState.HELD)
    assert {row.person_id for row in held} == set(everybody[:6])
    assert {row.config_version for row in held} == {2}
    assert live.approve().kind is RunKind.APPROVAL
    assert len(closed(live, everybody[:6])) == 6


def test_a_tenant_that_was_never_active_takes_a_configuration_at_once(relay: Relay) -> None:
    config = current(relay)
    assert want(relay, replace(config, scope=Scope(employment_types=frozenset()))).counts
    with relay.store.read() as tx, pytest.raises(NotPossibleError, match="Nothing is proposed"):
        proposal(tx, ACME)


def test_a_plan_of_a_proposal_leaves_what_stands_as_it_is(live: Relay) -> None:
    """What cannot be trusted is not trusted either by the run of one that follows."""
    person = ids(live)[9]
    config = current(live)
    here = Clause("office", Operator.IN, tuple({str(each.office) for each in people(live)}))
    live.configure(replace(config, scope=Scope(where=here)))
    live.sync()
    for path in (LIST, f"{LIST}/1"):
        live.personio.fault(Omit(attributes=["office"], empty=True), path=path, count=None)
    live.sync()
    lost = lost_attributes(ACME, store=live.store)
    assert [each.lost.key for each in lost] == ["office"]
    want(live, replace(config, scope=Scope()))
    plan(live)
    assert lost_attributes(ACME, store=live.store) == lost
    live.sync_person(PersonId(person))
    assert closed(live, [person]) == []


def test_a_plan_of_a_proposal_lets_nobodys_absence_begin_anew(live: Relay) -> None:
    gone = ids(live)[9]
    live.personio.company.erase(int(gone))
    live.personio.fault(FORBIDDEN, path=f"{LIST}/1", count=None)
    live.sync()
    live.clock.ahead += timedelta(hours=12)
    want(live, replace(current(live), scope=Scope(employment_types=frozenset())))
    plan(live)
    live.clock.ahead += timedelta(hours=12)
    live.sync()
    assert closed(live, [gone]) == [gone]


def test_newcomers_of_a_second_look_are_stored_aside_by_the_plan_of_a_proposal(live: Relay) -> None:
    """Somebody hired while the list is read moves it, and stands as the proposal would have them."""
    want_only(live, without("1"))
    joiner: dict[str, Given] = {"first_name": "Jo", "last_name": "Iner", "email": "joiner@example.com"}
    live.personio.after_page(0, Hire(attributes=joiner))
    run = plan(live)
    (person,) = [each for each in people(live) if each.email == "joiner@example.com"]
    with live.store.read() as tx:
        assert tx.runs.figures(ACME, run.run_id).people == len(people(live))
        assert tx.people.snapshot(ACME, PersonId(str(person.id))) is None


def with_approvers(config: Configuration, approvers: Approvers) -> Configuration:
    return replace(config, policy=replace(config.policy, approval=approvers))


@pytest.fixture
def two(live: Relay) -> Relay:
    """A tenant that wants two people's yes, and of whom somebody proposes to sync fewer people."""
    live.configure(with_approvers(current(live), Approvers.TWO))
    live.sync()
    want(live, replace(current(live), scope=replace(current(live).scope, employment_types=frozenset())))
    plan(live)
    return live


def test_with_two_approvers_the_first_yes_to_a_configuration_changes_nothing_and_the_second_applies_it(
    two: Relay,
) -> None:
    before = current(two).version
    two.app.counters.reset()
    first = say_yes(two, "ada")
    assert isinstance(first, Awaiting)
    with pytest.raises(NotPossibleError, match="somebody else"):
        say_yes(two, "ada")
    assert (current(two).version, two.app.counters.writes) == (before, 0)
    assert isinstance(say_yes(two, "bob"), Applied)
    assert current(two).version > before
    with two.store.read() as tx:
        assert tx.approvals.awaiting(ACME) == []
        assert [each.by for each in tx.audit.newest(ACME, 1)] == ["ada+bob"]


def test_nobody_lowers_two_approvers_to_one_alone(live: Relay) -> None:
    live.configure(with_approvers(current(live), Approvers.TWO))
    want(live, with_approvers(current(live), Approvers.ONE))
    plan(live)
    assert isinstance(say_yes(live, "ada"), Awaiting)
    assert current(live).policy.approval is Approvers.TWO


def test_who_asks_for_two_approvers_shows_that_there_are_two(live: Relay) -> None:
    want(live, with_approvers(current(live), Approvers.TWO))
    plan(live)
    assert isinstance(say_yes(live, "ada"), Awaiting)
    assert current(live).policy.approval is Approvers.ONE


def test_a_first_yes_to_a_plan_without_changes_is_none_to_another_such_plan(live: Relay) -> None:
    two = with_approvers(current(live), Approvers.TWO)
    want(live, two)
    plan(live)
    assert isinstance(say_yes(live, "ada"), Awaiting)
    want(live, replace(two, policy=replace(two.policy, release_names=ReleaseNames.NEVER)))
    plan(live)
    assert isinstance(say_yes(live, "bob"), Awaiting)
    plan(live)
    assert isinstance(say_yes(live, "ada"), Applied)
    assert current(live).policy.release_names is ReleaseNames.NEVER
