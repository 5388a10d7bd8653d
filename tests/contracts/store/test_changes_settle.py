"""What becomes of rows after a worker had them: done, later, dead, stale, given back, or left behind."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from adapters.database.stock import count
from adapters.database.store import SqlStore
from domain.changes import Action, Aspect, ChangeState, on_change, on_link
from domain.codes import Code
from domain.compare import Wish
from domain.doubts import all_seconds
from domain.events import Queue
from domain.ids import AccountId, ChangeId, PersonId, RunId
from domain.link import MANAGER, Origin
from domain.records import Job, Outdated, Removed, Returned
from tests.contracts.store.builders import ACME, LEASE, HandClock, account, link
from tests.contracts.store.plans import (
    DIGEST,
    SOON,
    Plans,
    create,
    deactivate,
    done,
    free_name,
    keep,
    later,
    manage,
    reactivate,
    refused,
    update,
)

S = ChangeState
NOW = timedelta(0)


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


# done


def test_a_done_row_stores_its_link_one_version_higher(plans: Plans) -> None:
    plans.linked(link("1", version=4))
    [row] = plans.released("r1", update("1", "ada", "eve", seen=4))
    plans.settle(done(plans.take(row)))
    stored = plans.link_of("1")
    assert stored is not None
    assert (stored.version, stored.values["userName"]) == (5, "eve@acme.example")
    with plans.store.read() as tx:
        assert tx.changes.rows(ACME, states=[S.APPLIED])[0].change_id == row
        assert tx.links.marks(ACME, [PersonId("1")])[PersonId("1")].digest == DIGEST


def test_a_first_link_has_version_one(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.settle(done(plans.take(row)))
    stored = plans.link_of("1")
    assert stored is not None
    assert (stored.version, stored.account_id) == (1, "account-1")


def test_a_stored_link_holds_its_unique_name(plans: Plans) -> None:
    [row] = plans.released("r1", create("1", "ada"))
    plans.settle(done(plans.take(row)))
    plans.plan("r2", create("2", "ada"))
    with plans.store.read() as tx:
        [contest] = tx.changes.contests(ACME, RunId("r2"))
    assert contest.holder is not None
    assert contest.holder.person_id == "1"


def test_what_was_so_already_is_told_with_its_note(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.settle(replace(done(plans.take(row), state=S.ALREADY_SO), note="found equal"))
    assert (plans.state(row), plans.row(row).detail) == (S.ALREADY_SO, "found equal")
    assert plans.row(row).intent_at is None


def test_an_account_that_is_taken_over_comes_with_its_manager_its_doubts_and_its_reports(
    plans: Plans,
) -> None:
    former = link("1", manager=PersonId("9"))
    plans.linked(former, link("9", "boss"), link("3", "eve", manager=PersonId("1")), link("4", "mia"))
    [row] = plans.released("r0", manage("1", None))
    plans.take(row)
    plans.settle(later(row, intent=True))
    [row] = plans.plan("r1", create("2"))
    with plans.store.write() as tx:
        tx.changes.turn_into_link(ACME, row, account(former.account_id))
    plans.release("r1")
    settled = done(plans.take(row))
    plans.settle(replace(settled, link=replace(settled.link, account_id=former.account_id)))
    now, report, other = plans.link_of("2"), plans.link_of("3"), plans.link_of("4")
    assert now is not None
    assert report is not None
    assert other is not None
    assert plans.link_of("1") is None
    assert (now.account_id, now.manager) == (former.account_id, "9")
    assert now.doubts == {MANAGER}
    assert (report.manager, other.manager) == ("2", None)


def lost_race(plans: Plans, rival: str = "2") -> tuple[Job, ChangeId]:
    """Let somebody be made by one worker while another one, whose lease ran out, makes them as well."""
    [row] = plans.released("r0", create("1"))
    late = plans.take(row, token="slow")
    plans.clock.advance(LEASE)
    plans.expire()
    plans.window()
    plans.settle(done(plans.take(row, token="fast")), token="fast")
    first = plans.link_of("1")
    assert first is not None
    return late, planned_takeover(plans, rival, first.account_id)


def planned_takeover(plans: Plans, rival: str, account_id: AccountId) -> ChangeId:
    """Plan that an account becomes somebody else's."""
    [row] = plans.plan("r1", create(rival))
    with plans.store.write() as tx:
        tx.changes.turn_into_link(ACME, row, account(account_id))
    plans.release("r1")
    return row


def settle_late(plans: Plans, late: Job) -> AccountId:
    made = replace(done(late).link, account_id=AccountId("second"))
    plans.settle(replace(done(late), link=made), token="slow")
    return made.account_id


def take_over(plans: Plans, row: ChangeId) -> None:
    job = plans.take(row)
    assert job.change.account_id is not None
    settled = done(job)
    plans.settle(replace(settled, link=replace(settled.link, account_id=job.change.account_id)))


@pytest.mark.parametrize("first", ["the late request", "the takeover"])
def test_a_second_account_of_a_late_request_is_the_former_persons_own_whatever_comes_first(
    plans: Plans, first: str
) -> None:
    late, row = lost_race(plans)
    if first == "the takeover":
        take_over(plans, row)
        second = settle_late(plans, late)
    else:
        second = settle_late(plans, late)
        take_over(plans, row)
    former, now = plans.link_of("1"), plans.link_of("2")
    assert former is not None
    assert now is not None
    assert (former.account_id, former.active, former.origin) == (second, True, Origin.CREATED)
    assert all_seconds(now.doubts) == all_seconds(former.doubts) == []


def test_a_second_account_that_the_other_person_has_by_now_stays_theirs(plans: Plans) -> None:
    late, row = lost_race(plans)
    take_over(plans, row)
    plans.linked(replace(link("3"), account_id=AccountId("second")))
    settle_late(plans, late)
    assert plans.link_of("1") is None


def test_whoever_is_made_twice_at_once_has_the_account_that_was_recorded_last_and_the_other_in_doubt(
    plans: Plans,
) -> None:
    [row] = plans.released("r0", create("1"))
    late = plans.take(row, token="slow")
    plans.clock.advance(LEASE)
    plans.expire()
    plans.window()
    fast = plans.take(row, token="fast")
    second = settle_late(plans, late)
    plans.linked(replace(link("3", "eve"), manager=PersonId("1")))
    plans.settle(done(fast), token="fast")
    now, report = plans.link_of("1"), plans.link_of("3")
    assert now is not None
    assert report is not None
    assert (now.account_id, report.manager) == (done(fast).link.account_id, None)
    assert all_seconds(now.doubts) == [second]


def test_a_second_account_that_a_late_return_made_is_in_doubt(plans: Plans) -> None:
    plans.linked(replace(link("1"), active=False))
    [row] = plans.released("r0", reactivate("1"))
    late = plans.take(row, token="slow")
    plans.clock.advance(LEASE)
    plans.expire()
    plans.window()
    fast = done(plans.take(row, token="fast"))
    plans.settle(replace(fast, link=replace(fast.link, account_id=AccountId("anew"))), token="fast")
    second = settle_late(plans, late)
    now = plans.link_of("1")
    assert now is not None
    assert (now.account_id, all_seconds(now.doubts)) == ("anew", [second])


def removed(plans: Plans, person: str) -> None:
    """Let the closed account of somebody be gone for good."""
    stored = plans.link_of(person)
    assert stored is not None
    plans.linked(replace(stored, active=False))
    wish = Wish(PersonId(person), Aspect.ACCOUNT, Action.DELETE, cause=Code.PERSON_LEFT)
    [row] = plans.released(f"gone-{person}", wish)
    plans.take(row)
    plans.settle(Removed(row, ChangeState.APPLIED))


@pytest.mark.parametrize("others", ["nobody's", "somebody else's"])
def test_a_second_account_outlives_the_removal_of_the_first(plans: Plans, others: str) -> None:
    late, _ = lost_race(plans)
    second = settle_late(plans, late)
    if others != "nobody's":
        plans.linked(replace(link("3"), account_id=second))
    removed(plans, "1")
    left = plans.link_of("1")
    if others != "nobody's":
        assert left is None
    else:
        assert left is not None
        assert (left.account_id, left.active, left.origin) == (second, True, Origin.CREATED)
        assert all_seconds(left.doubts) == []


@pytest.mark.parametrize("account_id", ["account-1", "another"])
def test_reports_of_a_link_that_was_forgotten_are_in_doubt_once_it_is_to_another_account(
    plans: Plans, account_id: str
) -> None:
    plans.linked(link("1"), link("3", "eve", manager=PersonId("1")), link("4", "mia", manager=PersonId("9")))
    [row] = plans.released("r0", Wish(PersonId("1"), Aspect.ACCOUNT, Action.UNLINK))
    plans.settle(replace(done(plans.take(row)), forget=True))
    assert plans.link_of("1") is None
    [row] = plans.released("r1", create("1"))
    again = done(plans.take(row))
    plans.settle(replace(again, link=replace(again.link, account_id=AccountId(account_id))))
    report, other = plans.link_of("3"), plans.link_of("4")
    assert report is not None
    assert other is not None
    assert report.manager == "1"
    assert report.doubts == (frozenset() if account_id == "account-1" else {MANAGER})
    assert other.doubts == frozenset()


REPORT = link("3", "eve", manager=PersonId("1"))


@pytest.mark.parametrize("wish", [update("3", "corrected"), manage("3", "1")], ids=["update", "manager"])
def test_a_report_in_other_hands_while_its_managers_account_goes_to_another_id_is_noted_below_that(
    plans: Plans, wish: Wish
) -> None:
    plans.linked(link("1"), REPORT if wish.action is Action.UPDATE else replace(REPORT, manager=None))
    [row] = plans.released("r0", wish)
    job = plans.take(row, token="slow")
    take_over(plans, planned_takeover(plans, "2", link("1").account_id))
    plans.settle(done(job), token="slow")
    now = plans.link_of("3")
    assert now is not None
    assert now.manager == "2"


@pytest.mark.parametrize("wish", [update("3", "corrected"), manage("3", "1")], ids=["update", "manager"])
def test_a_report_in_other_hands_while_its_managers_account_is_replaced_has_no_manager_any_more(
    plans: Plans, wish: Wish
) -> None:
    plans.linked(link("1"), REPORT if wish.action is Action.UPDATE else replace(REPORT, manager=None))
    row, other = plans.released("r0", wish, update("1", "corrected"))
    report, manager = plans.take(row, token="slow"), done(plans.take(other))
    plans.settle(replace(manager, link=replace(manager.link, account_id=AccountId("another"))))
    plans.settle(done(report), token="slow")
    now = plans.link_of("3")
    assert now is not None
    assert now.manager is None


def test_of_two_accounts_taken_over_at_once_one_is_the_others_manager_still(plans: Plans) -> None:
    plans.linked(link("1", manager=PersonId("2"), active=False), link("2", "boss", active=False))
    rows = plans.plan("r1", create("5"), create("6", "boss"))
    with plans.store.write() as tx:
        tx.changes.turn_into_link(ACME, rows[0], account("account-1"))
        tx.changes.turn_into_link(ACME, rows[1], account("account-2", "boss"))
    plans.release("r1")
    found = [(done(job), job.change.account_id) for job in plans.claim(*rows)]
    plans.settle(
        *[
            replace(one, link=replace(one.link, account_id=account_id))
            for one, account_id in found
            if account_id
        ]
    )
    now = plans.link_of("5")
    assert now is not None
    assert now.manager == "6"


def test_a_settled_row_is_not_settled_twice(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    job = plans.take(row)
    plans.settle(done(job))
    assert plans.settle(refused(row)) == []
    plans.settle(later(row), Returned(row), done(job))
    assert plans.state(row) is S.APPLIED
    stored = plans.link_of("1")
    assert stored is not None
    assert stored.version == 1


def test_two_who_settle_at_once_settle_once(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    job = plans.take(row)
    together = Barrier(2)

    def settle(_: int) -> None:
        together.wait(timeout=20)
        plans.settle(done(job))

    with ThreadPoolExecutor(2) as hands:
        list(hands.map(settle, range(2)))
    stored = plans.link_of("1")
    assert stored is not None
    assert stored.version == 1


def test_a_worker_that_lost_its_lease_records_nothing_but_the_account_that_it_made(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    late = plans.take(row, token="slow")
    plans.clock.advance(LEASE)
    plans.expire()
    plans.window()
    plans.take(row, token="fast")
    plans.settle(done(late), token="slow")
    assert plans.state(row) is S.WORKING
    made = plans.link_of("1")
    assert made is not None
    assert made.account_id == done(late).link.account_id
    assert plans.settled(later(row), token="slow").recorded == ()
    assert plans.settled(later(row), token="fast").recorded == (later(row),)


def test_a_lease_that_ran_out_unnoticed_still_counts(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    job = plans.take(row)
    plans.clock.advance(LEASE * 2)
    plans.settle(done(job))
    assert (plans.state(row), plans.expire()) == (S.APPLIED, 0)


# waking


def test_a_new_account_wakes_its_own_manager_row_and_those_of_its_reports(plans: Plans) -> None:
    plans.linked(link("1"))
    [boss, own, report] = plans.released("r1", create("9", "boss"), manage("9", None), manage("1", "9"))
    assert plans.claim(own, report) == []
    assert plans.at(own, report) == [S.BLOCKED, S.BLOCKED]
    plans.apply(boss)
    assert plans.at(own, report) == [S.RELEASED, S.RELEASED]
    assert (plans.row(report).why, plans.row(report).blocked_on) == (None, None)
    assert plans.take(report).manager == "account-9"


def test_closing_an_account_wakes_nobody_who_needs_it_open(plans: Plans) -> None:
    plans.linked(link("1"), link("9", "boss", active=False))
    [report] = plans.released("r1", manage("1", "9"))
    plans.claim(report)
    [leaver] = plans.released("r2", replace(deactivate("9", "boss"), link_version=1))
    plans.apply(leaver)
    assert plans.state(report) is S.BLOCKED


def test_what_was_held_about_an_account_that_was_in_hand_is_dropped_with_its_closing(plans: Plans) -> None:
    plans.linked(link("1"))
    closing = replace(deactivate(), link_version=1)
    [first] = plans.released("r1", closing)
    job = plans.take(first)
    [again, name] = plans.plan("r2", closing, free_name())
    plans.block(name, on_change(again))
    plans.hold(again)
    plans.release("r2")
    assert plans.at(again, name) == [S.HELD, S.BLOCKED]
    plans.settle(done(job))
    assert plans.at(first, again, name) == [S.APPLIED, S.DROPPED, S.RELEASED]


def test_what_was_held_about_an_account_that_may_have_been_opened_stays_held(plans: Plans) -> None:
    plans.linked(link("1"))
    closing = replace(deactivate(), link_version=1)
    [first] = plans.released("r1", closing)
    plans.take(first)
    plans.settle(later(first, NOW, intent=True))
    plans.window()
    job = plans.take(first)
    [again] = plans.plan("r2", closing)
    plans.hold(again)
    plans.release("r2")
    plans.settle(done(job))
    assert plans.at(first, again) == [S.APPLIED, S.HELD], "nothing was said of what is in doubt"


def test_a_done_row_wakes_what_waited_for_it(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [holder, wanter] = plans.plan("r1", update("9", "ada", "eve"), create("1", "ada"))
    plans.block(wanter, on_change(holder))
    plans.release("r1")
    plans.apply(holder)
    assert plans.state(wanter) is S.RELEASED


def test_a_stale_row_wakes_what_waited_for_it(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [holder, wanter] = plans.plan("r1", update("9", "ada", "eve"), create("1", "ada"))
    plans.block(wanter, on_change(holder))
    plans.release("r1")
    plans.claim(holder)
    plans.settle(Outdated(holder, Code.PLAN_STALE, "the link moved"))
    assert plans.at(holder, wanter) == [S.STALE, S.RELEASED]
    assert (plans.row(holder).why, plans.row(holder).detail) == (Code.PLAN_STALE, "the link moved")


def test_what_waits_for_a_dead_row_waits_on(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [holder, wanter] = plans.plan("r1", update("9", "ada", "eve"), create("1", "ada"))
    plans.block(wanter, on_change(holder))
    plans.release("r1")
    plans.claim(holder)
    plans.settle(refused(holder))
    assert plans.wake() == 0
    assert plans.state(wanter) is S.BLOCKED


def test_the_sweeper_wakes_what_somebody_forgot(plans: Plans) -> None:
    [row, dropped, other] = plans.plan("r1", manage("1", "9"), create("2", "eve"), create("3", "mia"))
    plans.block(row, on_link(PersonId("9")))
    plans.block(other, on_change(dropped))
    plans.release("r1")
    plans.released("r2", keep("2"))
    plans.linked(link("9", "boss"))
    assert plans.wake() == 2
    assert plans.at(row, other) == [S.RELEASED, S.RELEASED]


def test_nobody_waits_for_a_row_that_does_not_exist(plans: Plans) -> None:
    [row] = plans.plan("r1", create())
    plans.block(row, on_change(ChangeId("pruned")))
    plans.release("r1")
    assert plans.state(row) is S.RELEASED


# later


def test_a_postponed_row_waits_and_says_why(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.claim(row)
    plans.settle(later(row, SOON))
    waiting = plans.row(row)
    assert (waiting.state, waiting.why, waiting.detail) == (S.WAITING, Code.TARGET_BUSY, "429")
    assert waiting.due_at == plans.clock.now() + SOON


def test_a_postponed_row_gives_way_to_the_newer_plan(plans: Plans) -> None:
    [older] = plans.released("r1", create("1", "ada"))
    meant_at = plans.clock.now()
    plans.claim(older)
    [newer] = plans.released("r2", create("1", "eve"))
    plans.settle(replace(later(older, SOON, intent=True), sent=True))
    assert plans.at(older, newer) == [S.STALE, S.RELEASED]
    assert plans.row(newer).sent_at == plans.clock.now()
    assert plans.stored(older, "superseded_by") == newer
    assert plans.window() == []
    plans.clock.advance(SOON)
    [envelope] = plans.window()
    assert envelope.change_ids == (newer,)
    job = plans.take(newer)
    assert (job.change.intent_at, job.change.tries) == (meant_at, 2)


def test_a_postponed_row_gives_way_to_a_newer_row_that_is_held(plans: Plans) -> None:
    [older] = plans.released("r1", create("1", "ada"))
    plans.claim(older)
    [newer] = plans.plan("r2", create("1", "eve"))
    plans.hold(newer)
    plans.release("r2")
    plans.settle(later(older))
    assert plans.at(older, newer) == [S.STALE, S.HELD]


def test_what_waited_for_a_row_that_gave_way_waits_for_the_newer_one(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [holder, wanter] = plans.plan("r1", update("9", "ada", "eve"), create("1", "ada"))
    plans.block(wanter, on_change(holder))
    plans.release("r1")
    plans.claim(holder)
    [newer] = plans.released("r2", update("9", "ada", "mia"))
    plans.settle(later(holder))
    assert plans.at(holder, newer, wanter) == [S.STALE, S.RELEASED, S.BLOCKED]
    assert plans.row(wanter).blocked_on == on_change(newer)


# given back


def test_a_returned_row_is_as_if_never_taken(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.window()
    plans.claim(row)
    plans.settle(Returned(row))
    back = plans.row(row)
    assert (back.state, back.tries, back.intent_at) == (S.RELEASED, 0, None)
    [envelope] = plans.window()
    assert envelope.change_ids == (row,)


def test_a_returned_row_gives_way_to_the_newer_plan(plans: Plans) -> None:
    [older] = plans.released("r1", create("1", "ada"))
    plans.claim(older)
    [newer] = plans.released("r2", create("1", "eve"))
    plans.settle(Returned(older))
    assert plans.at(older, newer) == [S.STALE, S.RELEASED]


# dead


def test_a_refused_row_dies_with_a_letter(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.claim(row)
    [letter_id] = plans.settle(refused(row, Code.TARGET_KEY_TAKEN))
    dead = plans.row(row)
    assert (dead.state, dead.why, dead.detail) == (S.DEAD, Code.TARGET_KEY_TAKEN, "400 invalidValue")
    with plans.store.read() as tx:
        [letter] = tx.letters.list(ACME, 10)
    assert letter.letter_id == letter_id
    assert (letter.change_id, letter.person_id, letter.code) == (row, "1", Code.TARGET_KEY_TAKEN)


def test_the_newer_plan_goes_on_where_the_older_one_died(plans: Plans) -> None:
    [older] = plans.released("r1", create("1", "ada"))
    plans.claim(older)
    [newer] = plans.released("r2", create("1", "eve"))
    plans.settle(refused(older))
    assert plans.at(older, newer) == [S.DEAD, S.RELEASED]


def refusals(plans: Plans) -> dict[Code, int]:
    with plans.store.read() as tx:
        return dict(tx.changes.refusals(ACME))


def test_refusals_count_people_by_cause_until_they_end(plans: Plans) -> None:
    [one, two, three] = plans.released("r1", create("1"), create("2", "eve"), create("3", "mia"))
    plans.claim(one, two, three)
    plans.settle(refused(one), refused(two), refused(three, Code.TARGET_KEY_TAKEN))
    assert refusals(plans) == {Code.TARGET_REFUSED: 2, Code.TARGET_KEY_TAKEN: 1}
    [corrected] = plans.released("r2", create("1", "corrected"))
    plans.apply(corrected)
    assert refusals(plans) == {Code.TARGET_REFUSED: 1, Code.TARGET_KEY_TAKEN: 1}
    plans.requeue(three)
    assert refusals(plans) == {Code.TARGET_REFUSED: 1}
    plans.clock.advance(timedelta(hours=24))
    assert refusals(plans) == {}


def test_a_requeued_row_is_tried_again(plans: Plans) -> None:
    [row, other] = plans.released("r1", create("1"), create("2", "eve"))
    plans.claim(row)
    letters = plans.settle(refused(row))
    assert plans.requeue(row, other, ChangeId("nobody")) == 1
    assert plans.at(row, other) == [S.RELEASED, S.RELEASED]
    plans.window()
    plans.claim(row)
    plans.clock.at += timedelta(seconds=1)
    assert plans.settle(refused(row)) == letters
    with plans.store.read() as tx:
        [letter] = tx.letters.list(ACME, 10)
    assert (letter.count, letter.last_at - letter.first_at) == (2, timedelta(seconds=1))


def test_a_dead_row_stays_dead_where_a_newer_one_is_open(plans: Plans) -> None:
    [dead] = plans.released("r1", create("1", "ada"))
    plans.claim(dead)
    plans.settle(refused(dead))
    [newer] = plans.released("r2", create("1", "eve"))
    assert plans.requeue(dead) == 0
    assert plans.at(dead, newer) == [S.DEAD, S.RELEASED]


def test_of_two_dead_rows_of_one_aspect_the_newer_is_tried_again(plans: Plans) -> None:
    [older] = plans.released("r1", create("1", "ada"))
    plans.claim(older)
    plans.settle(refused(older))
    [newer] = plans.released("r2", create("1", "eve"))
    plans.claim(newer)
    plans.settle(refused(newer))
    assert plans.requeue(older, newer) == 1
    assert plans.at(older, newer) == [S.DEAD, S.RELEASED]


# crashes


def test_a_row_left_behind_waits_due_now_and_keeps_its_intent(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    meant_at = plans.clock.now()
    plans.claim(row)
    assert plans.expire() == 0
    plans.clock.advance(LEASE)
    assert plans.expire() == 1
    waiting = plans.row(row)
    assert (waiting.state, waiting.crashes, waiting.tries) == (S.WAITING, 1, 1)
    assert (waiting.due_at, waiting.intent_at) == (plans.clock.now(), meant_at)
    plans.window()
    assert plans.take(row).change.intent_at == meant_at


def test_a_row_left_behind_gives_way_to_the_newer_plan(plans: Plans) -> None:
    [older] = plans.released("r1", create("1", "ada"))
    plans.claim(older)
    [newer] = plans.released("r2", create("1", "eve"))
    plans.clock.advance(LEASE)
    plans.expire()
    assert plans.at(older, newer) == [S.STALE, S.RELEASED]
    assert plans.row(newer).crashes == 1
    assert plans.row(newer).intent_at is not None


def test_a_poison_row_dies_alone(plans: Plans) -> None:
    people = [create(f"{number:02}", f"p{number}") for number in range(16)]
    ids = plans.released("r1", *people)
    poison, neighbours = ids[3], [*ids[:3], *ids[4:]]
    for _ in range(2):
        [envelope] = plans.window()
        assert list(envelope.change_ids) == ids
        plans.crash(*ids)
    while envelopes := plans.window(Queue.SUSPECTS):
        for envelope in envelopes:
            [only] = envelope.change_ids
            if only == poison:
                plans.crash(only)
            else:
                plans.apply(only)
    assert plans.at(*neighbours) == [S.APPLIED] * 15
    assert (plans.state(poison), plans.row(poison).why) == (S.DEAD, Code.CRASHED_TWICE)
    with plans.store.read() as tx:
        [letter] = tx.letters.list(ACME, 10)
    assert (letter.change_id, letter.code) == (poison, Code.CRASHED_TWICE)
    assert refusals(plans) == {Code.CRASHED_TWICE: 1}


def test_the_leases_of_each_tenant_are_looked_after_by_itself(plans: Plans) -> None:
    other = Plans(plans.store, plans.clock, type(ACME)("other"))
    [mine] = plans.released("r1", create())
    [theirs] = other.released("r1", create())
    plans.claim(mine)
    other.claim(theirs)
    plans.clock.advance(LEASE)
    assert (plans.expire(), other.expire()) == (1, 1)
    assert (plans.state(mine), other.state(theirs)) == (S.WAITING, S.WAITING)


# at size


def count_while_small(plans: Plans) -> None:
    """Let PostgreSQL know of a few rows that are done and of nothing else, as where a company is new."""
    other = Plans(plans.store, plans.clock, type(ACME)("other"))
    other.apply(*other.released("r1", *[create(f"{number}", f"p{number}") for number in range(40)]))
    with plans.store.write() as tx:
        count(tx.session)


@pytest.mark.slow
def test_ten_thousand_joiners_are_planned_and_released(plans: Plans) -> None:
    count_while_small(plans)
    people = [f"{number:05}" for number in range(10_000)]
    for at in range(0, len(people), 1_000):
        plans.plan("r1", *[create(person, f"p{person}") for person in people[at : at + 1_000]])
    plans.plan("r1", *[manage(person, people[0]) for person in people])
    assert plans.release("r1") == 20_000
    [first, _] = plans.window()
    assert len(first.change_ids) == 25
    plans.apply(*first.change_ids)
    plans.plan("r2", *[create(person, f"p{person}") for person in people])
    assert plans.release("r2") == 0, "who has an account by now is made none"
    plans.plan("r3", *[create(person, f"q{person}") for person in people])
    assert plans.release("r3") == 10_000
    assert len(plans.rows("r1")) == 1_000


def test_each_lost_reply_starts_the_wait_for_its_account_anew(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.claim(row)
    plans.clock.at += timedelta(seconds=10)
    plans.settle(replace(later(row, intent=True), sent=True))
    assert plans.row(row).sent_at == plans.clock.now()


def test_a_row_that_only_closes_another_one_is_about_what_that_one_is_about(plans: Plans) -> None:
    [row] = plans.plan("r1", keep("1", Aspect.MANAGER))
    assert plans.row(row).aspect is Aspect.MANAGER
