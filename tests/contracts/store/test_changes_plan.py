"""What plans become: rows, carried, superseded, held, blocked, proposed, approved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.changes import Action, Aspect, ChangeState, on_change, on_link
from domain.codes import Code
from domain.events import Queue
from domain.ids import ChangeId, PersonId, RunId
from domain.run import RunKind
from tests.contracts.store.builders import ACME, HandClock, account, link, seen
from tests.contracts.store.plans import (
    SOON,
    V1,
    Plans,
    create,
    deactivate,
    done,
    free_name,
    keep,
    later,
    manage,
    refused,
    update,
)

S = ChangeState


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def test_a_planned_row_tells_what_was_wished(plans: Plans) -> None:
    [change_id] = plans.plan("r1", replace(deactivate(), link_version=3, evidence={"status": "inactive"}))
    row = plans.row(change_id)
    assert (row.state, row.action, row.aspect) == (S.PLANNED, Action.DEACTIVATE, Aspect.ACCOUNT)
    assert (row.cause, row.link_version, row.config_version) == (Code.PERSON_LEFT, 3, V1)
    assert row.before == deactivate().before
    assert row.evidence == {"status": "inactive"}
    assert (row.tries, row.strict, row.intent_at) == (0, False, None)


def test_what_a_row_says_about_a_person_is_sealed(plans: Plans) -> None:
    [change_id] = plans.plan("r1", create(name="canary"))
    sealed = plans.stored(change_id, "sealed")
    assert isinstance(sealed, bytes)
    assert b"canary" not in sealed.lower()


def test_even_broken_characters_come_back(plans: Plans) -> None:
    broken = replace(create(), after={"userName": "ada\ud800", "nickName": "\x00"})
    [change_id] = plans.plan("r1", broken)
    assert plans.row(change_id).after == broken.after


def test_the_same_page_twice_plans_once(plans: Plans) -> None:
    [first] = plans.plan("r1", create())
    [second] = plans.plan("r1", create(name="changed meanwhile"))
    assert plans.at(first, second) == [S.PLANNED, None]


def test_nothing_wished_is_nothing_planned(plans: Plans) -> None:
    plans.run("r1")
    with plans.store.write() as tx:
        assert tx.changes.plan(ACME, RunId("r1"), [], V1, {}) == 0


def test_a_plan_remembers_the_snapshot_it_was_made_from(plans: Plans) -> None:
    plans.run("r1")
    with plans.store.write() as tx:
        wishes = [(ChangeId("c"), create("1"))]
        tx.changes.plan(ACME, RunId("r1"), wishes, V1, {PersonId("1"): b"as read"})
    assert plans.row(ChangeId("c")).snapshot == b"as read"


def test_a_configuration_must_be_stored_before_it_is_used(plans: Plans) -> None:
    plans.run("r1")
    with plans.store.write() as tx, pytest.raises(LookupError, match="no configuration 7"):
        tx.changes.plan(ACME, RunId("r1"), [(ChangeId("c"), create())], type(V1)(7), {})


def test_a_refused_wish_makes_no_row_for_a_day(plans: Plans) -> None:
    [dead] = plans.released("r1", create())
    plans.claim(dead)
    plans.settle(refused(dead))
    assert planned_again(plans, "r2") == 0
    plans.clock.advance(timedelta(hours=24))
    assert planned_again(plans, "r3") == 1


def planned_again(plans: Plans, run: str) -> int:
    plans.run(run)
    with plans.store.write() as tx:
        return tx.changes.plan(ACME, RunId(run), [(plans.fresh(), create())], V1, {})


def test_another_wish_of_the_same_person_is_not_refused(plans: Plans) -> None:
    [dead] = plans.released("r1", create())
    plans.claim(dead)
    plans.settle(refused(dead))
    [other] = plans.plan("r2", create(name="corrected"))
    assert plans.state(other) is S.PLANNED


# merge


def test_the_same_wish_again_carries_the_open_row(plans: Plans) -> None:
    [first] = plans.released("r1", create())
    plans.claim(first)
    plans.settle(later(first, SOON))
    due = plans.row(first).due_at
    [second] = plans.released("r2", create())
    assert plans.at(first, second) == [S.WAITING, None]
    carried = plans.row(first)
    assert (carried.tries, carried.due_at, carried.run_id) == (1, due, "r1")
    assert plans.stored(first, "carried_by") == "r2"


def test_a_carried_hold_stays_held(plans: Plans) -> None:
    [first] = plans.plan("r1", create())
    plans.hold(first)
    plans.release("r1")
    plans.released("r2", create())
    assert plans.at(first) == [S.HELD]
    assert (plans.row(first).why, plans.row(first).detail) == (Code.GUARD_REMOVALS, "too many")


def test_a_contested_name_stays_held_while_each_plan_finds_it_contested(plans: Plans) -> None:
    [first] = plans.plan("r1", create())
    plans.hold(first, why=Code.KEY_SHARED)
    plans.release("r1")
    [second] = plans.plan("r2", create())
    plans.hold(second, why=Code.KEY_SHARED)
    plans.release("r2")
    assert plans.at(first, second) == [S.HELD, None]


def test_a_name_that_nobody_contests_any_more_goes_without_a_human(plans: Plans) -> None:
    [first] = plans.plan("r1", create())
    plans.hold(first, why=Code.KEY_SHARED)
    plans.release("r1")
    [second] = plans.released("r2", create())
    assert plans.at(first, second) == [S.SUPERSEDED, S.RELEASED]


def test_a_free_row_is_not_carried_past_a_hold_that_the_new_plan_found(plans: Plans) -> None:
    [first] = plans.released("r1", create())
    [second] = plans.plan("r2", create())
    plans.hold(second, why=Code.KEY_SHARED)
    plans.release("r2")
    assert plans.at(first, second) == [S.SUPERSEDED, S.HELD]


def test_a_free_row_is_not_carried_past_something_to_wait_for(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [leaver, first] = plans.released("r1", deactivate("9"), create("1", "ada"))
    [second] = plans.plan("r2", create("1", "ada"))
    plans.block(second, on_change(leaver))
    plans.release("r2")
    assert plans.at(first, second) == [S.SUPERSEDED, S.BLOCKED]


def test_who_waits_for_a_planned_row_waits_for_the_open_one_that_is_carried(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [holder, wanter] = plans.plan("r1", update("9", "ada", "eve"), create("1", "ada"))
    plans.block(wanter, on_change(holder))
    plans.release("r1")
    [same_holder, same_wanter] = plans.plan("r2", update("9", "ada", "eve"), create("1", "ada"))
    plans.block(same_wanter, on_change(same_holder))
    plans.release("r2")
    assert plans.at(holder, wanter, same_holder, same_wanter) == [S.RELEASED, S.BLOCKED, None, None]
    assert plans.row(wanter).blocked_on == on_change(holder)


def test_another_wish_supersedes_the_open_row(plans: Plans) -> None:
    [first] = plans.released("r1", create())
    [second] = plans.released("r2", create(name="eve"))
    assert plans.at(first, second) == [S.SUPERSEDED, S.RELEASED]
    assert plans.stored(first, "superseded_by") == second


def test_superseding_a_held_row_holds_the_new_one(plans: Plans) -> None:
    [first] = plans.plan("r1", create())
    plans.hold(first, why=Code.GUARD_REMOVALS, detail="too many")
    plans.release("r1")
    [second] = plans.plan("r2", create(name="eve"))
    plans.release("r2")
    assert plans.at(first, second) == [S.SUPERSEDED, S.HELD]
    assert (plans.row(second).why, plans.row(second).detail) == (Code.GUARD_REMOVALS, "too many")


def test_a_successor_knows_that_a_request_may_have_been_acted_upon(plans: Plans) -> None:
    [first] = plans.released("r1", create())
    asked_at = plans.clock.now()
    plans.claim(first)
    plans.settle(later(first, intent=True))
    [second] = plans.released("r2", create(name="eve"))
    assert plans.take(second).change.intent_at == asked_at


def test_a_successor_of_a_suspect_stays_alone(plans: Plans) -> None:
    [first] = plans.released("r1", create())
    plans.crash(first)
    plans.window()
    plans.crash(first)
    [second] = plans.released("r2", create(name="eve"))
    assert plans.window() == []
    [envelope] = plans.window(Queue.SUSPECTS)
    assert envelope.change_ids == (second,)
    assert plans.row(second).crashes == 2


def test_a_wish_that_meets_a_working_row_waits_for_it(plans: Plans) -> None:
    [first] = plans.released("r1", create())
    job = plans.take(first)
    [second] = plans.released("r2", create(name="eve"))
    assert plans.state(second) is S.BLOCKED
    assert plans.row(second).blocked_on == on_change(first)
    plans.settle(done(job))
    assert plans.at(first, second) == [S.APPLIED, S.RELEASED]


def test_what_is_not_wanted_any_more_is_dropped(plans: Plans) -> None:
    [first, boss] = plans.released("r1", create(), manage())
    [closing] = plans.released("r2", keep())
    assert plans.at(first, boss, closing) == [S.DROPPED, S.RELEASED, None]


def test_closing_what_is_not_open_does_nothing(plans: Plans) -> None:
    [closing] = plans.released("r1", keep())
    assert plans.rows() == []
    assert plans.state(closing) is None


def test_what_waited_for_a_superseded_row_waits_for_its_successor(plans: Plans) -> None:
    plans.linked(link("1"))
    [holder] = plans.released("r1", update("1", "ada", "eve"))
    [wanter] = plans.plan("r1b", create("2", "ada"))
    plans.block(wanter, on_change(holder))
    plans.release("r1b")
    [successor] = plans.released("r2", update("1", "ada", "mia"))
    assert plans.state(wanter) is S.BLOCKED
    assert plans.row(wanter).blocked_on == on_change(successor)


def test_rows_of_two_runs_never_leave_two_open_for_one_aspect(plans: Plans) -> None:
    [first] = plans.plan("r1", create())
    [second] = plans.plan("r2", create(name="eve"))
    plans.release("r1")
    plans.release("r2")
    assert plans.at(first, second) == [S.SUPERSEDED, S.RELEASED]


def test_open_aspects_are_those_of_open_and_working_rows(plans: Plans) -> None:
    [made, _, _] = plans.released("r1", create("1"), manage("1"), create("2", "eve"))
    plans.claim(made)
    plans.plan("r2", create("3", "mia"))
    with plans.store.read() as tx:
        found = tx.changes.open_aspects(ACME, [PersonId("1"), PersonId("2"), PersonId("3")])
    assert found == {"1": {Aspect.ACCOUNT, Aspect.MANAGER}, "2": {Aspect.ACCOUNT}}


# release, hold, block, insert


def test_release_sends_each_row_where_its_notes_say(plans: Plans) -> None:
    [free, held, blocked] = plans.plan("r1", create("1"), create("2", "eve"), create("3", "mia"))
    plans.hold(held)
    plans.block(blocked, on_change(held))
    assert plans.release("r1") == 1
    assert plans.at(free, held, blocked) == [S.RELEASED, S.HELD, S.BLOCKED]
    assert plans.release("r1") == 0


def test_a_row_that_waits_for_what_is_there_is_released(plans: Plans) -> None:
    plans.linked(link("9"))
    [waiting] = plans.plan("r1", manage("1", "9"))
    plans.block(waiting, on_link(PersonId("9")))
    assert plans.release("r1") == 1
    assert plans.state(waiting) is S.RELEASED


def test_holding_settled_rows_changes_nothing(plans: Plans) -> None:
    [first] = plans.released("r1", create())
    plans.apply(first)
    plans.hold(first)
    assert plans.state(first) is S.APPLIED


def test_concluding_adds_a_row_of_its_own(plans: Plans) -> None:
    with plans.store.write() as tx:
        tx.people.put(ACME, RunId("r1"), [seen("1")], plans.clock.now())
    made, change_id = plans.insert("r1", free_name("1"), on_link(PersonId("7")))
    plans.release("r1")
    assert made
    assert plans.state(change_id) is S.BLOCKED
    assert plans.row(change_id).snapshot == seen("1").digest


@pytest.mark.parametrize("state", [S.PLANNED, S.RELEASED, S.WORKING])
def test_concluding_adds_no_second_row_for_an_aspect(plans: Plans, state: ChangeState) -> None:
    plans.linked(link("1", active=False))
    _, first = plans.insert("r1", free_name("1"))
    if state is not S.PLANNED:
        plans.release("r1")
    if state is S.WORKING:
        plans.claim(first)
    made, second = plans.insert("r1", free_name("1"))
    assert not made
    assert plans.at(first, second) == [state, None]


# proposals and approval


def test_a_proposal_reaches_nobody(plans: Plans) -> None:
    [row, closing] = plans.plan("r1", create("1"), keep("2"))
    assert plans.propose("r1") == 1
    assert plans.at(row, closing) == [S.PROPOSED, None]
    assert plans.window() == []
    assert plans.claim(row) == []


def test_a_preview_leaves_open_rows_alone(plans: Plans) -> None:
    [open_row] = plans.released("r1", create())
    plans.plan("r2", create(name="eve"))
    plans.propose("r2")
    assert plans.state(open_row) is S.RELEASED


def test_approval_applies_exactly_the_proposals_as_strict_rows(plans: Plans) -> None:
    [first, second] = plans.plan("r1", create("1"), create("2", "eve"))
    plans.propose("r1")
    assert plans.adopt("r1", "yes") == 2
    assert plans.release("yes") == 2
    assert [(row.run_id, row.strict) for row in plans.rows()] == [("yes", True)] * 2
    [envelope] = plans.window(Queue.URGENT)
    assert envelope.change_ids == (first, second)
    assert plans.adopt("r1", "yes") == 0


def test_approval_keeps_holds_and_waits(plans: Plans) -> None:
    [held, blocked] = plans.plan("r1", create("1"), create("2", "eve"))
    plans.hold(held)
    plans.block(blocked, on_change(held))
    plans.propose("r1")
    plans.adopt("r1", "yes")
    assert plans.release("yes") == 0
    assert plans.at(held, blocked) == [S.HELD, S.BLOCKED]
    assert plans.row(held).why is Code.GUARD_REMOVALS


def test_an_approved_row_meets_what_is_open_by_now(plans: Plans) -> None:
    [proposal] = plans.plan("r1", create())
    plans.propose("r1")
    [automatic] = plans.released("r2", create(name="eve"))
    plans.adopt("r1", "yes")
    plans.release("yes")
    assert plans.at(proposal, automatic) == [S.RELEASED, S.SUPERSEDED]


# first contact


def test_creates_are_counted_before_the_target_is_listed(plans: Plans) -> None:
    plans.plan("r1", create("1"), create("2", "eve"), deactivate("3", "mia"))
    with plans.store.read() as tx:
        assert tx.changes.creates_planned(ACME, RunId("r1")) == 2
        assert tx.changes.creates_planned(ACME, RunId("r0")) == 0


def test_a_create_becomes_a_link_to_the_account_that_is_there(plans: Plans) -> None:
    [change_id] = plans.plan("r1", create("1", "ada"))
    with plans.store.write() as tx:
        tx.changes.turn_into_link(ACME, change_id, account("a-7", "old name"))
    row = plans.row(change_id)
    assert (row.action, row.account_id, row.aspect) == (Action.LINK, "a-7", Aspect.ACCOUNT)
    assert row.before == account("a-7", "old name").values
    assert row.after == create("1", "ada").after


def test_the_next_plan_carries_a_link_although_it_wishes_for_a_create(plans: Plans) -> None:
    [first] = plans.plan("r1", create())
    with plans.store.write() as tx:
        tx.changes.turn_into_link(ACME, first, account())
    plans.release("r1")
    [second] = plans.released("r2", create())
    assert plans.at(first, second) == [S.RELEASED, None]


def test_only_a_planned_create_becomes_a_link(plans: Plans) -> None:
    [leaving, made] = plans.plan("r1", deactivate("1"), create("2", "eve"))
    plans.release("r1")
    with plans.store.write() as tx:
        tx.changes.turn_into_link(ACME, leaving, account())
        tx.changes.turn_into_link(ACME, made, account())
        tx.changes.turn_into_link(ACME, ChangeId("nobody"), account())
    assert [row.action for row in plans.rows()] == [Action.DEACTIVATE, Action.CREATE]


# reading rows


def test_rows_are_listed_by_run_person_and_state_oldest_first(plans: Plans) -> None:
    [one, two] = plans.released("r1", create("1"), manage("1"))
    [three] = plans.plan("r2", create("2", "eve"), kind=RunKind.PERSON)
    with plans.store.read() as tx:
        ids = [row.change_id for row in tx.changes.rows(ACME)]
        of_run = [row.change_id for row in tx.changes.rows(ACME, run_id=RunId("r2"))]
        of_person = [row.change_id for row in tx.changes.rows(ACME, person_id=PersonId("1"))]
        released = [row.change_id for row in tx.changes.rows(ACME, states=[S.RELEASED, S.DEAD])]
        first = [row.change_id for row in tx.changes.rows(ACME, limit=1)]
    assert (ids, of_run, of_person) == ([one, two, three], [three], [one, two])
    assert (released, first) == ([one, two], [one])


def test_tenants_do_not_see_each_others_rows(plans: Plans) -> None:
    other = Plans(plans.store, plans.clock, type(ACME)("other"))
    [mine] = plans.released("r1", create())
    [theirs] = other.released("r1", create())
    other.settle(refused(mine))
    assert other.claim(mine) == []
    assert plans.take(mine).change.change_id == mine
    assert other.state(theirs) is S.RELEASED
