"""A yes is to exactly what was read, by as many people as the tenant wants, and not for ever."""

from dataclasses import replace

import pytest

from domain.approval import ASKED_FOR, CARRIED_OUT_WITHIN, YesState
from domain.changes import Change, ChangeState
from domain.codes import Code
from domain.config import Approvers, Configuration, Policy
from domain.ids import PersonId, RunId
from domain.records import NewRun
from domain.run import Outcome, Run, RunKind
from domain.tenant import TenantState
from producers.activate import activate
from producers.approve import Approved, Awaiting, reject
from producers.awaited import stands
from producers.on_demand import MisnamedError, NotPossibleError
from producers.second_yes import second_yes
from producers.sent import Sent
from producers.sight import Choice
from tests.flow.relay import ACME, Relay
from tests.flow.test_guards import leave_at_once
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences, is_wanted, people

__all__ = ["live"]

BOTH = Policy(approval=Approvers.TWO)


def closed(relay: Relay, persons: list[str]) -> list[str]:
    return [person for person in persons if not accounts(relay)[person]["active"]]


def held(relay: Relay) -> set[PersonId]:
    return {row.person_id for row in relay.rows(ChangeState.HELD)}


def new_approval() -> NewRun:
    return NewRun(RunKind.APPROVAL, "approve:by hand", "ada")


def newest(relay: Relay, kind: RunKind) -> list[Run]:
    with relay.store.read() as tx:
        return [run for run in tx.runs.newest(ACME, 50) if run.kind is kind]


def promote(relay: Relay, *, at: int = 10, title: str = "Chief") -> PersonId:
    person = somebody(relay, at=at)
    relay.personio.company.change(int(person), position=title)
    return person


# held rows and their hash


def test_g10_the_hash_of_what_was_shown_applies_exactly_that(live: Relay) -> None:
    leavers = leave_at_once(live)
    shown = live.show()
    assert isinstance(live.say_yes(Choice(seen=shown.hash)), Approved)
    assert closed(live, leavers) == leavers


def test_g10_a_hash_says_no_yes_to_another_set_and_tells_what_moved(live: Relay) -> None:
    leavers = leave_at_once(live)
    shown = live.show()
    live.personio.company.rehire(int(leavers[0]))
    live.personio.company.terminate(int(somebody(live, at=12)))
    live.sync()
    with pytest.raises(NotPossibleError, match=r"5 changes .* 1 came since, 1 wait no more"):
        live.say_yes(Choice(seen=shown.hash))
    assert closed(live, leavers) == []


def test_g10_an_approval_replayed_for_the_same_people_later_does_nothing(live: Relay) -> None:
    leavers = leave_at_once(live)
    shown = live.show()
    reject(ACME, store=live.store, ids=live.desk.ids, by="ada")
    with pytest.raises(NotPossibleError, match="decided already"):
        live.say_yes(Choice(seen=shown.hash))
    assert closed(live, leavers) == []


def test_what_one_cause_holds_is_approved_by_that_cause(live: Relay) -> None:
    leavers = leave_at_once(live)
    shown = live.show(Choice(code=Code.GUARD_REMOVALS))
    live.say_yes(Choice(code=Code.GUARD_REMOVALS, seen=shown.hash))
    assert closed(live, leavers) == leavers


def test_a_cause_for_which_nothing_waits_is_told_so_and_what_does_wait(live: Relay) -> None:
    leavers = leave_at_once(live)
    hash_ = live.show().hash
    waits = r"still stands, but no change waits for guard.creates; what waits: 5 for guard.removals"
    with pytest.raises(MisnamedError, match=waits):
        live.say_yes(Choice(code=Code.GUARD_CREATES, seen=hash_))
    assert len(held(live)) == len(leavers)
    with pytest.raises(
        NotPossibleError, match=r"No change .* waits for guard.creates; .* 5 for guard.removals"
    ):
        reject(ACME, choice=Choice(code=Code.GUARD_CREATES), store=live.store)
    live.say_yes(Choice(seen=hash_))
    assert closed(live, leavers) == leavers


def test_a_hash_with_words_that_mean_other_rows_is_a_contradiction_and_nothing_moved(live: Relay) -> None:
    leavers = leave_at_once(live)
    shown = live.show()
    with pytest.raises(MisnamedError, match=r"5 changes\) still stands, but --change means others"):
        live.say_yes(Choice(tuple(shown.rows)[:1], seen=shown.hash))
    promote(live)
    plan = live.sync(plan_only=True)
    with pytest.raises(MisnamedError, match="still stands, but --run means others"):
        live.say_yes(Choice(plan=plan.run_id, seen=shown.hash))
    of_plan = live.show(Choice(plan=plan.run_id))
    with pytest.raises(MisnamedError, match=r"--code guard.removals means others; .* staffetta preview acme"):
        live.say_yes(Choice(code=Code.GUARD_REMOVALS, seen=of_plan.hash))
    with pytest.raises(MisnamedError, match="Leave --code out"):
        live.say_yes(Choice(plan=plan.run_id, code=Code.GUARD_REMOVALS, seen=of_plan.hash))
    assert closed(live, leavers) == []


def test_words_beside_a_hash_that_moved_do_not_hide_how_it_moved(live: Relay) -> None:
    leavers = leave_at_once(live)
    shown = live.show()
    live.personio.company.rehire(int(leavers[0]))
    live.sync()
    with pytest.raises(NotPossibleError, match=r"any more: 1 wait no more\."):
        live.say_yes(Choice(code=Code.GUARD_CREATES, seen=shown.hash))


def test_an_approval_is_written_down(live: Relay) -> None:
    leave_at_once(live)
    done = live.say_yes(by="ada")
    assert isinstance(done, Approved)
    with live.store.read() as tx:
        [given] = tx.approvals.newest(ACME, 5)
    assert (given.state, given.first_by, given.run_id) == (YesState.GIVEN, "ada", done.run.run_id)
    assert len(given.rows) == 5


# a second person


def two_must_agree(live: Relay, config: Configuration) -> list[str]:
    live.configure(replace(config, policy=BOTH))
    live.sync()
    return leave_at_once(live)


def test_with_two_approvers_the_first_yes_sends_nothing_and_the_second_does(
    live: Relay, config: Configuration
) -> None:
    leavers = two_must_agree(live, config)
    first = live.say_yes(by="ada")
    assert isinstance(first, Awaiting)
    assert len(held(live)) == 5
    with live.store.read() as tx:
        (waiting,) = tx.approvals.awaiting(ACME)
        assert waiting.first_by == "ada"
        assert second_yes(tx, waiting) == f"staffetta approve acme --hash {waiting.hash}"
        assert stands(tx, waiting)
    second = live.say_yes(Choice(seen=first.hash), by="bob")
    assert isinstance(second, Approved)
    assert second.run.by == "ada+bob"
    assert closed(live, leavers) == leavers


def test_nobody_is_two_people(live: Relay, config: Configuration) -> None:
    leavers = two_must_agree(live, config)
    live.say_yes(by="ada")
    with pytest.raises(NotPossibleError, match="somebody else"):
        live.say_yes(by="ada")
    assert closed(live, leavers) == []


def test_two_people_activate_a_tenant_that_wants_two(relay: Relay, config: Configuration) -> None:
    relay.configure(replace(config, policy=BOTH))
    with relay.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.READY, None)
    relay.sync()

    def activated(by: str) -> Sent | Awaiting:
        return activate(
            ACME,
            by=by,
            store=relay.store,
            publisher=relay.bells,
            ids=relay.desk.ids,
            ring_more=relay._ring_more,
        )

    assert isinstance(activated("ada"), Awaiting)
    with relay.store.read() as tx:
        assert [stands(tx, waiting) for waiting in tx.approvals.awaiting(ACME)] == [True]
    with pytest.raises(NotPossibleError, match="somebody else"):
        activated("ada")
    relay.drain()
    assert (relay.state(), relay.app.counters.writes) == (TenantState.READY, 0)
    assert isinstance(activated("bob"), Sent)
    relay.drain()
    assert relay.state() is TenantState.ACTIVE
    assert differences(relay) == []
    with relay.store.read() as tx:
        assert [each.by for each in tx.audit.newest(ACME, 1)] == ["ada+bob"]


def test_a_first_yes_is_forgotten_after_a_day(live: Relay, config: Configuration) -> None:
    leavers = two_must_agree(live, config)
    live.say_yes(by="ada")
    live.later(hours=25)
    assert isinstance(live.say_yes(by="bob"), Awaiting)
    assert closed(live, leavers) == []


def test_a_second_yes_that_comes_a_day_late_is_told_that_the_first_ran_out(
    live: Relay, config: Configuration
) -> None:
    leavers = two_must_agree(live, config)
    first = live.say_yes(by="ada")
    assert isinstance(first, Awaiting)
    live.later(hours=25)
    with pytest.raises(NotPossibleError, match="the first yes of two ran out"):
        live.say_yes(Choice(seen=first.hash), by="bob")
    assert closed(live, leavers) == []


def test_a_first_yes_does_not_count_for_a_set_that_moved(live: Relay, config: Configuration) -> None:
    leavers = two_must_agree(live, config)
    live.say_yes(by="ada")
    live.personio.company.rehire(int(leavers[0]))
    live.sync()
    with live.store.read() as tx:
        assert [stands(tx, waiting) for waiting in tx.approvals.awaiting(ACME)] == [False]
    assert isinstance(live.say_yes(by="bob"), Awaiting)
    assert closed(live, leavers) == []


# a plan of an active tenant


def test_g7_a_plan_of_an_active_tenant_is_applied_as_it_was_read(live: Relay) -> None:
    person = promote(live)
    plan = live.sync(plan_only=True)
    assert live.app.counters.writes == 0
    shown = live.show(Choice(plan=plan.run_id))
    done = live.say_yes(Choice(seen=shown.hash))
    assert isinstance(done, Approved)
    assert live.run(done.run.run_id).outcome is Outcome.OK
    assert accounts(live)[person]["title"] == "Chief"
    assert live.app.counters.effective_writes() == 1


def test_ticked_rows_of_a_plan_are_applied_and_the_others_are_not(live: Relay) -> None:
    ticked, other = promote(live, at=10), promote(live, at=11)
    plan = live.sync(plan_only=True)
    [row] = [row for row in live.rows(ChangeState.PROPOSED) if row.person_id == ticked]
    live.say_yes(Choice((row.change_id,), plan=plan.run_id))
    assert accounts(live)[ticked]["title"] == "Chief"
    assert accounts(live)[other]["title"] != "Chief"


def test_a_yes_to_a_plan_lifts_the_guard_for_exactly_its_rows(live: Relay) -> None:
    leavers = [person for person in people(live) if is_wanted(person)][3:8]
    for person in leavers:
        live.personio.company.terminate(person.id)
    plan = live.sync(plan_only=True)
    live.say_yes(Choice(plan=plan.run_id))
    assert closed(live, [str(person.id) for person in leavers]) == [str(person.id) for person in leavers]


def test_g7_a_plan_of_another_configuration_is_refused(live: Relay, config: Configuration) -> None:
    promote(live)
    plan = live.sync(plan_only=True)
    live.configure(replace(config, sync_managers=False))
    with pytest.raises(NotPossibleError, match="configuration"):
        live.say_yes(Choice(plan=plan.run_id))


def test_an_old_plan_is_refused_and_swept_away(live: Relay) -> None:
    promote(live)
    plan = live.sync(plan_only=True)
    live.clock.ahead += ASKED_FOR
    with pytest.raises(NotPossibleError, match="older than 7 days"):
        live.say_yes(Choice(plan=plan.run_id))
    live.later(seconds=20)
    assert live.rows(ChangeState.PROPOSED) == []


@pytest.mark.parametrize("what", ["no run", "no plan"])
def test_only_a_plan_can_be_approved(what: str, live: Relay) -> None:
    run_id = RunId("nothing") if what == "no run" else live.sync().run_id
    with pytest.raises(NotPossibleError, match="staffetta"):
        live.say_yes(Choice(plan=run_id))


# stale never means forgotten


def stale(relay: Relay) -> list[Change]:
    return list(relay.rows(ChangeState.STALE))


def test_g7_who_changed_in_personio_since_the_plan_is_looked_at_afresh(live: Relay) -> None:
    person, other = promote(live, at=10), promote(live, at=11)
    plan = live.sync(plan_only=True)
    live.personio.company.change(int(person), position="Duchess")
    live.sync(plan_only=True)
    live.say_yes(Choice(plan=plan.run_id))
    assert [(row.person_id, row.why) for row in stale(live)] == [(person, Code.PLAN_STALE)]
    assert [run.person_id for run in newest(live, RunKind.PERSON)] == [person]
    assert accounts(live)[other]["title"] == "Chief"
    assert differences(live) == []


def test_g7_whose_account_another_run_changed_since_the_plan_is_looked_at_afresh(live: Relay) -> None:
    person = promote(live)
    plan = live.sync(plan_only=True)
    live.personio.company.change(int(person), position="Duchess")
    live.sync_person(person)
    live.personio.company.change(int(person), position="Chief")
    live.sync(plan_only=True)
    live.app.counters.reset()
    live.say_yes(Choice(plan=plan.run_id))
    assert [row.why for row in stale(live)] == [Code.PLAN_STALE]
    assert newest(live, RunKind.PERSON)[0].by == "stale row"
    assert differences(live) == []


def test_g7_a_configuration_that_changed_after_the_yes_sends_nothing_and_reads_everybody(
    live: Relay, config: Configuration
) -> None:
    leavers = leave_at_once(live)
    with live.store.write() as tx:
        tx.tenants.move(ACME, TenantState.PAUSED, None)
        held_rows = [row.change_id for row in tx.changes.rows(ACME, states=[ChangeState.HELD])]
        run = tx.runs.add(ACME, RunId("yes"), new_approval(), live.rows()[0].config_version)
        assert run is not None
        tx.changes.approve(ACME, held_rows, run.run_id)
    live.configure(replace(config, sync_managers=False))
    live.later(seconds=20)
    assert {row.why for row in stale(live)} == {Code.CONFIG_CHANGED}
    assert newest(live, RunKind.FEED)[0].by == "new configuration"
    assert len(closed(live, leavers)) < len(leavers)


# nothing waits for ever


def test_a_hold_that_nobody_decides_is_asked_anew_and_never_let_go(live: Relay) -> None:
    leavers = leave_at_once(live)
    before = {row.change_id for row in live.rows(ChangeState.HELD)}
    live.later(days=7, hours=1)
    after = {row.change_id for row in live.rows(ChangeState.HELD)}
    assert not before & after
    assert held(live) == set(leavers)
    assert {row.change_id for row in live.rows(ChangeState.EXPIRED)} == before
    assert closed(live, leavers) == []
    assert {run.by for run in newest(live, RunKind.PERSON)} == {"expired hold"}


def test_an_old_hold_cannot_be_approved_before_somebody_looked(live: Relay) -> None:
    leavers = leave_at_once(live)
    live.clock.ahead += ASKED_FOR
    with pytest.raises(NotPossibleError, match="look afresh"):
        live.say_yes()
    live.later(seconds=20)
    live.say_yes()
    assert closed(live, leavers) == leavers


def test_who_came_back_is_let_go_by_the_look_at_an_old_hold(live: Relay) -> None:
    leavers = leave_at_once(live)
    live.personio.company.rehire(int(leavers[0]))
    live.later(days=8)
    assert held(live) == set(leavers[1:])


def test_the_owner_hears_once_more_of_a_decision_that_is_waited_for(live: Relay) -> None:
    leave_at_once(live)
    assert Code.GUARD_REMOVALS in {each.code for each in live.incidents() if each.told_open_at}
    live.bells.history.clear()
    live.later(days=8)
    [incident] = [each for each in live.incidents() if each.code is Code.GUARD_REMOVALS]
    assert incident.told_open_at is not None
    assert incident.told_open_at >= incident.opened_at + ASKED_FOR


def test_an_approved_row_that_could_not_be_sent_for_a_week_is_looked_at_afresh(live: Relay) -> None:
    leavers = leave_at_once(live)
    with live.store.write() as tx:
        rows = [row.change_id for row in tx.changes.rows(ACME, states=[ChangeState.HELD])]
        run = tx.runs.add(ACME, RunId("yes"), new_approval(), live.rows()[0].config_version)
        assert run is not None
        tx.changes.approve(ACME, rows, run.run_id)
        assert tx.tenants.move(ACME, TenantState.BLOCKED, Code.TARGET_UNREACHABLE)
        tx.changes.park(ACME)
    live.later(hours=CARRIED_OUT_WITHIN.total_seconds() / 3600)
    assert closed(live, leavers) == []
    with live.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.ACTIVE, None)
        tx.changes.unpark(ACME)
    live.personio.company.rehire(int(leavers[0]))
    live.later(seconds=20)
    assert {row.why for row in stale(live)} == {Code.APPROVAL_EXPIRED}
    assert {run.person_id for run in newest(live, RunKind.PERSON)} == set(leavers)
    assert accounts(live)[leavers[0]]["active"]
