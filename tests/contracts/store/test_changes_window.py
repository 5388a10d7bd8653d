"""Which rows travel next, and how many at a time."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest

from adapters.database.store import SqlStore
from domain.changes import ChangeState
from domain.codes import Code
from domain.events import Queue
from domain.ids import PersonId, TenantId
from domain.records import Returned
from domain.run import RunKind
from domain.tenant import TenantState
from tests.contracts.store.builders import ACME, LEASE, HandClock, link
from tests.contracts.store.plans import Plans, create, deactivate, done, later, manage, update

S = ChangeState
MINUTE = timedelta(seconds=60)


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def many(number: int) -> list[str]:
    return [f"{person:03}" for person in range(number)]


def creates(plans: Plans, number: int, run: str = "r1") -> list[str]:
    return list(plans.released(run, *[create(person, f"p{person}") for person in many(number)]))


def test_envelopes_hold_so_many_people_and_are_so_many(plans: Plans) -> None:
    ids = creates(plans, 7)
    first, second = plans.window(most=2, size=3)
    assert [*first.change_ids, *second.change_ids] == ids[:6]
    assert (first.tenant_id, first.run_id, first.queue) == (ACME, "r1", Queue.RECONCILE)
    assert first.envelope_id != second.envelope_id


def test_a_full_window_takes_no_more_until_an_envelope_is_settled(plans: Plans) -> None:
    ids = creates(plans, 7)
    first, _ = plans.window(most=2, size=3)
    assert plans.window(most=2, size=3) == []
    jobs = plans.claim(*first.change_ids)
    assert plans.window(most=2, size=3) == []
    plans.settle(*[done(job) for job in jobs])
    [third] = plans.window(most=2, size=3)
    assert list(third.change_ids) == ids[6:]


def test_a_turn_takes_more_in_the_one_place_that_it_has(plans: Plans) -> None:
    ids = creates(plans, 14)
    first, second = plans.window(most=2, size=3)
    jobs = plans.claim(*first.change_ids)
    plans.claim(*second.change_ids, token="t2")
    [ahead] = plans.window(most=2, size=3, turn=first)
    assert (ahead.envelope_id, list(ahead.change_ids)) == (first.envelope_id, ids[6:9])
    plans.claim(*ahead.change_ids, token="t3")
    plans.settle(*[done(job) for job in jobs])
    assert plans.window(most=2, size=3) == [], "its place is taken while it holds something"
    [more] = plans.window(most=2, size=3, turn=first)
    assert (more.envelope_id, list(more.change_ids)) == (first.envelope_id, ids[9:12])


def test_a_turn_that_takes_more_leaves_the_other_place_to_others(plans: Plans) -> None:
    ids = creates(plans, 10)
    [first] = plans.window(most=1, size=3)
    plans.claim(*first.change_ids)
    ahead, other = plans.window(most=2, size=3, turn=first)
    assert (ahead.envelope_id, list(ahead.change_ids)) == (first.envelope_id, ids[3:6])
    assert other.envelope_id != first.envelope_id
    assert list(other.change_ids) == ids[6:9]


def test_a_turn_that_holds_something_gives_its_place_to_no_other_run(plans: Plans) -> None:
    creates(plans, 3, "r2")
    [first] = plans.window(most=1, size=3)
    jobs = plans.claim(*first.change_ids)
    [before] = plans.released("r1", create("x", "xena"))
    assert plans.window(most=1, turn=first) == []
    plans.settle(*[done(job) for job in jobs])
    [other] = plans.window(most=1, turn=first)
    assert (other.run_id, other.change_ids) == ("r1", (before,))
    assert other.envelope_id != first.envelope_id


def test_rung_rows_ring_again_after_a_minute(plans: Plans) -> None:
    creates(plans, 2)
    [first] = plans.window()
    plans.clock.advance(MINUTE - timedelta(milliseconds=1))
    assert plans.window() == []
    plans.clock.advance(timedelta(milliseconds=1))
    [again] = plans.window()
    assert again.change_ids == first.change_ids
    assert again.envelope_id != first.envelope_id


def test_what_was_lost_with_redis_rings_at_once(plans: Plans) -> None:
    creates(plans, 2)
    [first] = plans.window()
    with plans.store.write() as tx:
        assert tx.changes.forget_rung(MINUTE) == 0
        assert tx.changes.forget_rung(timedelta(0)) == 2
    [again] = plans.window()
    assert again.change_ids == first.change_ids


def test_bells_that_nobody_heard_for_a_minute_are_forgotten(plans: Plans) -> None:
    creates(plans, 2)
    plans.window()
    plans.clock.advance(MINUTE)
    with plans.store.write() as tx:
        assert tx.changes.forget_rung(MINUTE) == 2


def test_an_envelope_has_one_run_only(plans: Plans) -> None:
    [one] = plans.released("r1", create("1", "ada"))
    [two] = plans.released("r2", create("2", "eve"))
    first, second = plans.window()
    assert (first.run_id, first.change_ids) == ("r1", (one,))
    assert (second.run_id, second.change_ids) == ("r2", (two,))


def test_people_and_approvals_do_not_stand_behind_a_company(plans: Plans) -> None:
    creates(plans, 3)
    [one] = plans.released("hook", create("x", "xena"), kind=RunKind.PERSON)
    [urgent] = plans.window(Queue.URGENT, size=1)
    assert urgent.change_ids == (one,)
    assert urgent.queue is Queue.URGENT
    assert len(plans.window()[0].change_ids) == 3


@pytest.mark.parametrize(("many_", "queue"), [(25, Queue.URGENT), (26, Queue.RECONCILE)])
def test_a_yes_to_a_whole_company_does_not_stand_before_whoever_is_named(
    plans: Plans, many_: int, queue: Queue
) -> None:
    plans.plan("first", *[create(person, f"p{person}") for person in many(many_)])
    plans.propose("first")
    plans.adopt("first", "a yes")
    plans.release("a yes")
    [one] = plans.released("hook", create("x", "xena"), kind=RunKind.PERSON)
    assert [each.run_id for each in plans.window(queue, size=13)[:1]] == ["a yes"]
    if queue is not Queue.URGENT:
        assert [each.change_ids for each in plans.window(Queue.URGENT)] == [(one,)]


def rounds_until_done(small: Plans, others: Sequence[Plans]) -> int:
    """Let six workers take envelopes in the order of their bells, until the small company is done."""
    everybody = {each.tenant_id: each for each in (*others, small)}
    bells = [bell for plans in everybody.values() for bell in plans.window(most=2, size=25)]
    for number in count(1):
        taken, bells = bells[:6], bells[6:]
        for bell in taken:
            plans = everybody[bell.tenant_id]
            jobs = plans.claim(*bell.change_ids, token=bell.envelope_id)
            plans.settle(*[done(job) for job in jobs], token=bell.envelope_id)
            bells += plans.window(most=2, size=25)
        if not [row for row in small.rows() if row.state is S.RELEASED]:
            return number
    raise AssertionError("it never ends")


def test_a18_a_small_company_is_done_within_twice_its_time_beside_huge_ones(
    store: SqlStore, clock: HandClock
) -> None:
    alone, beside = (Plans(store, clock, TenantId(name)) for name in ("alone", "beside"))
    huge = [Plans(store, clock, TenantId(f"huge-{number}")) for number in range(3)]
    for plans, people in ((alone, 120), (beside, 120), *((each, 500) for each in huge)):
        creates(plans, people)
    solo = rounds_until_done(alone, [])
    assert solo == 3
    assert rounds_until_done(beside, huge) <= 2 * solo
    assert all(any(row.state is S.RELEASED for row in each.rows()) for each in huge)


def test_leavers_go_first_and_joiners_wait_for_them(plans: Plans) -> None:
    plans.linked(link("1"))
    [joiner, leaver] = plans.released("r1", create("2", "eve"), deactivate("1"))
    [envelope] = plans.window()
    assert envelope.change_ids == (leaver,)
    job = plans.take(leaver)
    assert plans.window() == []
    plans.settle(done(job))
    [envelope] = plans.window()
    assert envelope.change_ids == (joiner,)


def test_a_lane_opens_once_every_earlier_row_was_tried(plans: Plans) -> None:
    plans.linked(link("1"), link("2", "eve"))
    [slow, other, joiner] = plans.released("r1", deactivate("1"), deactivate("2", "eve"), create("3", "mia"))
    plans.window()
    plans.claim(slow, other)
    plans.settle(later(slow))
    assert plans.window() == []
    plans.settle(later(other, timedelta(0)))
    [envelope] = plans.window()
    assert envelope.change_ids == (other, joiner)


def test_a_second_try_of_an_earlier_row_keeps_nobody_waiting(plans: Plans) -> None:
    plans.linked(link("1"))
    [slow, joiner] = plans.released("r1", deactivate("1"), create("3", "mia"))
    plans.claim(slow)
    plans.settle(later(slow, timedelta(0)))
    [both] = plans.window()
    assert both.change_ids == (slow, joiner)
    plans.take(slow)
    plans.clock.advance(MINUTE)
    assert [envelope.change_ids for envelope in plans.window()] == [(joiner,)]


def test_a_row_given_back_untried_keeps_its_lane_closed(plans: Plans) -> None:
    plans.linked(link("1"))
    [leaver, joiner] = plans.released("r1", deactivate("1"), create("3", "mia"))
    plans.claim(leaver)
    plans.settle(Returned(leaver))
    [envelope] = plans.window()
    assert envelope.change_ids == (leaver,)
    assert plans.state(joiner) is S.RELEASED


def test_held_rows_keep_nobody_waiting(plans: Plans) -> None:
    plans.linked(link("1"))
    [held, joiner] = plans.plan("r1", deactivate("1"), create("3", "mia"))
    plans.hold(held)
    plans.release("r1")
    [envelope] = plans.window()
    assert envelope.change_ids == (joiner,)


def test_lanes_of_one_run_do_not_hold_back_another(plans: Plans) -> None:
    plans.linked(link("1"))
    [leaver, late] = plans.released("r1", deactivate("1"), create("3", "mia"))
    [joiner] = plans.released("r2", create("4", "eve"))
    first, second = plans.window()
    assert (first.change_ids, second.change_ids) == ((leaver,), (joiner,))
    assert plans.state(late) is S.RELEASED


def test_a_person_who_is_being_worked_on_is_not_picked(plans: Plans) -> None:
    plans.linked(link("1"), link("9", "boss", manager=PersonId("8")))
    [account_row] = plans.released("r1", update("1", "ada", "eve"))
    plans.claim(account_row)
    [manager_row, other] = plans.released("r2", manage("1", "9"), manage("9", None))
    [envelope] = plans.window()
    assert envelope.change_ids == (other,)
    assert plans.state(manager_row) is S.RELEASED


def test_of_one_person_only_one_row_travels_at_a_time(plans: Plans) -> None:
    plans.linked(link("1"), link("9", "boss"))
    [first] = plans.released("r1", update("1", "ada", "eve"))
    plans.released("r2", manage("1", "9"))
    assert [envelope.change_ids for envelope in plans.window()] == [(first,)]
    assert plans.window() == []


def test_a_waiting_row_travels_when_it_is_due(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.claim(row)
    plans.settle(later(row, timedelta(seconds=90)))
    plans.clock.advance(timedelta(seconds=89))
    assert plans.window() == []
    assert due(plans) == []
    plans.clock.advance(timedelta(seconds=1))
    assert due(plans) == [ACME]
    [envelope] = plans.window()
    assert envelope.change_ids == (row,)


def test_an_envelope_of_a_crashed_worker_makes_room(plans: Plans) -> None:
    ids = creates(plans, 2)
    [first] = plans.window(most=1, size=1)
    plans.claim(*first.change_ids)
    assert plans.window(most=1, size=1) == []
    plans.clock.advance(LEASE)
    [second] = plans.window(most=1, size=1)
    assert list(second.change_ids) == ids[1:]


def test_suspects_travel_alone(plans: Plans) -> None:
    ids = creates(plans, 3)
    for _ in range(2):
        [envelope] = plans.window()
        plans.crash(*envelope.change_ids)
    assert plans.window() == []
    first, second = plans.window(Queue.SUSPECTS)
    assert [first.change_ids, second.change_ids] == [(ids[0],), (ids[1],)]


def due(plans: Plans) -> list[str]:
    with plans.store.read() as tx:
        return list(tx.changes.due())


def test_tenants_with_something_to_do_are_listed(plans: Plans) -> None:
    other = Plans(plans.store, plans.clock, type(ACME)("other"))
    assert due(plans) == []
    other.released("r1", create())
    assert due(plans) == ["other"]
    plans.released("r1", create())
    assert due(plans) == [ACME, "other"]
    other.move(TenantState.STOPPED)
    assert due(plans) == [ACME]


def test_a_tenant_that_may_not_write_rings_nobody(plans: Plans) -> None:
    creates(plans, 2)
    plans.move(TenantState.BLOCKED)
    assert plans.window() == []


def test_closings_that_were_parked_fit_no_snapshot_any_more(plans: Plans) -> None:
    [closing, other] = plans.released("r1", deactivate("1"), create("2", "eve"))
    with plans.store.write() as tx:
        assert tx.changes.park(ACME) == 2
        assert tx.changes.unpark(ACME) == 2
    assert (plans.row(closing).strict, plans.row(closing).snapshot) == (True, b"")
    assert plans.row(other).strict is False


def test_parked_rows_come_back_and_still_wait_for_their_moment(plans: Plans) -> None:
    [free, waiting] = plans.released("r1", create("1", "ada"), create("2", "eve"))
    plans.claim(waiting)
    plans.settle(later(waiting, timedelta(minutes=5)))
    with plans.store.write() as tx:
        assert tx.changes.park(ACME) == 2
    assert plans.at(free, waiting) == [S.PARKED, S.PARKED]
    assert plans.window() == []
    with plans.store.write() as tx:
        assert tx.changes.unpark(ACME) == 2
    assert [envelope.change_ids for envelope in plans.window()] == [(free,)]
    plans.apply(free)
    plans.clock.advance(timedelta(minutes=5))
    assert [envelope.change_ids for envelope in plans.window()] == [(waiting,)]


@pytest.mark.parametrize(("by", "rests"), [("schedule", True), ("stale row", True), ("ada", False)])
def test_rows_that_nobody_asked_for_rest_until_the_hours_open(
    plans: Plans, clock: HandClock, by: str, *, rests: bool
) -> None:
    plans.run("r1", by=by)
    (row,) = plans.released("r1", create())
    opens = clock.now() + timedelta(hours=8)
    with plans.store.write() as tx:
        tx.changes.keep_hours(ACME, opens)
    change = plans.row(row)
    assert change.state is (ChangeState.WAITING if rests else ChangeState.RELEASED)
    assert change.due_at == (opens if rests else None)
    assert change.why is (Code.APPLY_HOURS if rests else None)
    with plans.store.read() as tx:
        assert list(tx.changes.due()) == [ACME], "the hours may be others since"
    with plans.store.write() as tx:
        tx.changes.keep_hours(ACME, None)
    change = plans.row(row)
    assert (change.state, change.due_at, change.why) == (ChangeState.RELEASED, None, None)
