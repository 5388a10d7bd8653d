"""History is forgotten in small steps: values after 30 days, dead ones after 90, the rest after 13 months."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from adapters.database.store import SqlStore
from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import ChangeId, RunId
from domain.run import Outcome
from domain.undo import Left, take_back
from producers.prune import DEAD_VALUES_KEPT, HISTORY_KEPT, VALUES_KEPT, Pruned, prune
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
