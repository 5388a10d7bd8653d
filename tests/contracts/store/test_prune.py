"""History is forgotten in small steps: values after 30 days, dead ones after 90, the rest after 13 months."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from adapters.database.store import SqlStore
from domain.changes import ChangeState
from domain.codes import Code
from domain.dispatches import NewDispatch, Sent, Undelivered
from domain.ids import ChangeId, IncidentId, LetterId, RunId
from domain.notices import Audience, Stage
from domain.run import Outcome
from domain.undo import Left, take_back
from producers.prune import DEAD_VALUES_KEPT, HISTORY_KEPT, MESSAGES_KEPT, VALUES_KEPT, Pruned, prune
from tests.contracts.store.builders import ACME, HandClock, values
from tests.contracts.store.plans import Plans, create, refused, update

MOMENT = timedelta(seconds=1)


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def applied(plans: Plans, run: str, *people: str) -> list[ChangeId]:
    """Give each of these an account, one run for all."""
    rows = plans.released(run, *(create(person, f"name{person}") for person in people))
    plans.apply(*rows)
    return rows


def end(plans: Plans, run: str) -> None:
    with plans.store.write() as tx:
        tx.runs.end(ACME, RunId(run), Outcome.OK)


def known(plans: Plans, run: str) -> bool:
    with plans.store.read() as tx:
        return tx.runs.get(ACME, RunId(run)) is not None


def test_c10_a_settled_change_tells_its_values_for_thirty_days_and_what_it_was_for_thirteen_months(
    plans: Plans,
) -> None:
    (row,) = applied(plans, "r1", "1")
    before = plans.row(row)
    plans.clock.advance(VALUES_KEPT - MOMENT)
    assert prune(store=plans.store) == Pruned(0, 0, 0, more=False)
    assert plans.row(row) == before
    plans.clock.advance(MOMENT)
    assert prune(store=plans.store) == Pruned(1, 0, 0, more=False)
    after = plans.row(row)
    assert (after.before, after.after, after.evidence, after.forgotten) == (None, None, None, True)
    assert (after.person_id, after.action, after.state) == (before.person_id, before.action, before.state)
    plans.clock.advance(HISTORY_KEPT - VALUES_KEPT - MOMENT)
    assert prune(store=plans.store) == Pruned(0, 0, 0, more=False)
    plans.clock.advance(MOMENT)
    assert prune(store=plans.store).rows == 1
    assert plans.state(row) is None


def test_what_is_open_keeps_its_values_however_old_it_is(plans: Plans) -> None:
    (row,) = plans.released("r1", create("1", "ada"))
    plans.hold(row)
    plans.clock.advance(HISTORY_KEPT * 2)
    assert prune(store=plans.store) == Pruned(0, 0, 0, more=False)
    assert plans.row(row).after == values("ada")


def test_a19_a_dead_change_can_be_released_for_ninety_days_and_not_afterwards(plans: Plans) -> None:
    rows = plans.released("r1", create("1", "ada"), create("2", "bob"))
    for row in rows:
        plans.take(row)
        plans.settle(refused(row))
    plans.clock.advance(DEAD_VALUES_KEPT - MOMENT)
    prune(store=plans.store)
    assert plans.requeue(rows[0]) == 1
    assert plans.row(rows[0]).after == values("ada")
    plans.clock.advance(MOMENT)
    assert prune(store=plans.store).values == 1
    assert plans.requeue(rows[1]) == 0
    assert plans.state(rows[1]) is ChangeState.DEAD


def test_c10_each_step_is_small_and_says_whether_there_is_more(plans: Plans) -> None:
    applied(plans, "r1", *map(str, range(7)))
    plans.clock.advance(VALUES_KEPT)
    assert prune(store=plans.store, most=3) == Pruned(3, 0, 0, more=True)
    assert prune(store=plans.store, most=3) == Pruned(3, 0, 0, more=True)
    assert prune(store=plans.store, most=3) == Pruned(1, 0, 0, more=False)
    plans.clock.advance(HISTORY_KEPT)
    assert [prune(store=plans.store, most=3).rows for _ in range(4)] == [3, 3, 1, 0]


def test_a_run_goes_with_its_pages_once_its_rows_are_gone_but_the_newest_stays(plans: Plans) -> None:
    applied(plans, "r1", "1")
    with plans.store.write() as tx:
        assert tx.runs.get(ACME, RunId("r1")) is not None
    end(plans, "r1")
    plans.clock.advance()
    applied(plans, "r2", "2")
    end(plans, "r2")
    plans.clock.advance(HISTORY_KEPT)
    assert prune(store=plans.store) == Pruned(2, 2, 1, more=False)
    assert (known(plans, "r1"), known(plans, "r2")) == (False, True)


def test_a_run_whose_row_waits_for_a_human_stays(plans: Plans) -> None:
    (row,) = plans.released("r1", create("1", "ada"))
    plans.hold(row)
    end(plans, "r1")
    plans.clock.advance()
    plans.run("r2")
    plans.clock.advance(HISTORY_KEPT * 2)
    prune(store=plans.store)
    assert known(plans, "r1")


def test_an_undo_reaches_as_far_as_the_values(plans: Plans) -> None:
    applied(plans, "r1", "1")
    (row,) = plans.released("r2", update("1", "name1", "eve"))
    plans.apply(row)
    link = plans.link_of("1")
    assert link is not None
    plans.clock.advance(VALUES_KEPT)
    prune(store=plans.store)
    found = take_back([plans.row(row)], link, link.version, "userName")
    assert found == Left(link.person_id, Code.UNDO_TOO_OLD)


QUESTIONS = {
    "ix_changes_telling": "EXPLAIN QUERY PLAN SELECT change_id FROM changes WHERE settled_at IS NOT NULL"
    " AND length(sealed) > 0 AND settled_at <= 5 ORDER BY settled_at LIMIT 3",
    "ix_changes_emptied": "EXPLAIN QUERY PLAN SELECT change_id FROM changes WHERE settled_at IS NOT NULL"
    " AND length(sealed) = 0 AND settled_at <= 5 ORDER BY settled_at LIMIT 3",
}


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("index", QUESTIONS)
def test_c10_a_step_looks_at_what_it_forgets_and_not_at_all_of_history(plans: Plans, index: str) -> None:
    with plans.store.read() as tx:
        plan = " ".join(str(row) for row in tx.session.connection.execute(text(QUESTIONS[index])))
    assert index in plan
    assert "TEMP B-TREE" not in plan


def happened(plans: Plans, number: int, code: Code) -> IncidentId:
    """Let an incident happen, be told over a channel that works, end, and be told to be over."""
    this = IncidentId(f"i-{number}")
    with plans.store.write() as tx:
        tx.incidents.open(ACME, this, code, "", 1, None)
        tx.incidents.told(ACME, this, resolved=False)
        new = [NewDispatch(f"{this}-opened", "email", Stage.OPENED, this, Audience.OWNERS)]
        tx.dispatches.add(ACME, new)
        taken = tx.dispatches.take(ACME, "t")
        assert taken is not None
        tx.dispatches.settle(taken, "t", Sent())
    return this


def over(plans: Plans, incident: IncidentId, code: Code) -> None:
    with plans.store.write() as tx:
        tx.incidents.resolve(ACME, [code])
        tx.incidents.told(ACME, incident, resolved=True)


def told(plans: Plans) -> list[str]:
    with plans.store.read() as tx:
        return [each.notice_id for each in tx.dispatches.of(ACME, 100)]


def test_c10_who_was_told_is_known_for_ninety_days_and_of_an_open_incident_for_as_long_as_it_is_open(
    plans: Plans,
) -> None:
    short, long = happened(plans, 1, Code.TARGET_BUSY), happened(plans, 2, Code.TARGET_REFUSED)
    over(plans, short, Code.TARGET_BUSY)
    plans.clock.advance(MESSAGES_KEPT - MOMENT)
    assert prune(store=plans.store).messages == 0
    plans.clock.advance(MOMENT)
    assert prune(store=plans.store).messages == 1
    assert told(plans) == [f"{long}-opened"], "or its owners would hear of it as if it were new"
    over(plans, long, Code.TARGET_REFUSED)
    assert prune(store=plans.store).messages == 1
    assert told(plans) == []


def test_what_arrived_nowhere_is_kept_as_long_as_history_is(plans: Plans) -> None:
    with plans.store.write() as tx:
        tx.dispatches.add(ACME, [NewDispatch("n", "email", Stage.DIGEST, "2026-03-02", Audience.OWNERS)])
        taken = tx.dispatches.take(ACME, "t")
        assert taken is not None
        tx.dispatches.settle(taken, "t", Undelivered(Code.NOTICE_REFUSED, ""))
    plans.clock.advance(HISTORY_KEPT - MOMENT)
    assert prune(store=plans.store).messages == 0
    plans.clock.advance(MOMENT)
    assert prune(store=plans.store).messages == 1


def test_c10_incidents_that_are_over_go_after_thirteen_months_and_open_ones_stay(plans: Plans) -> None:
    gone, open_, unheard = (
        happened(plans, number, code)
        for number, code in enumerate((Code.TARGET_BUSY, Code.TARGET_REFUSED, Code.TARGET_UNREACHABLE))
    )
    over(plans, gone, Code.TARGET_BUSY)
    with plans.store.write() as tx:
        tx.incidents.resolve(ACME, [Code.TARGET_UNREACHABLE])
    plans.clock.advance(HISTORY_KEPT - MOMENT)
    assert prune(store=plans.store).incidents == 0
    plans.clock.advance(MOMENT)
    assert prune(store=plans.store).incidents == 1
    with plans.store.read() as tx:
        left = [each for each in (gone, open_, unheard) if tx.incidents.get(ACME, each) is not None]
    assert left == [open_, unheard]


def test_c10_letters_that_need_nobody_go_after_thirteen_months_and_standing_ones_stay(plans: Plans) -> None:
    with plans.store.write() as tx:
        for name in ("old", "stands"):
            tx.letters.add(ACME, LetterId(name), Code.MESSAGE_UNKNOWN, "", b"from the future")
        tx.letters.dismiss(ACME, [LetterId("old")], "ada")
    (row,) = plans.released("r1", create("1", "ada"))
    plans.take(row)
    plans.settle(refused(row))
    plans.clock.advance(HISTORY_KEPT - MOMENT)
    assert prune(store=plans.store).letters == 0
    plans.clock.advance(MOMENT)
    found = prune(store=plans.store)
    assert (found.rows, found.letters) == (1, 2), "the letter of a change goes with it"
    with plans.store.read() as tx:
        assert [each.letter_id for each in tx.letters.list(ACME, 10, states=())] == ["stands"]


def test_c10_messages_letters_and_incidents_go_in_small_steps_too(plans: Plans) -> None:
    causes = [code for code in Code if code.value.startswith("target.")][:5]
    for number, code in enumerate(causes):
        over(plans, happened(plans, number, code), code)
        with plans.store.write() as tx:
            tx.letters.add(ACME, LetterId(f"l-{number}"), Code.MESSAGE_UNKNOWN, "", b"%d" % number)
            tx.letters.dismiss(ACME, [LetterId(f"l-{number}")], "ada")
    plans.clock.advance(HISTORY_KEPT)
    steps = [prune(store=plans.store, most=2) for _ in range(3)]
    assert [(step.messages, step.letters, step.incidents) for step in steps] == [(2,) * 3, (2,) * 3, (1,) * 3]
    assert [step.more for step in steps] == [True, True, False]
