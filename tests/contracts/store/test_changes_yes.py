"""What a human's yes does to rows that are held, or only proposed."""

import pytest

from adapters.database.store import SqlStore
from domain.changes import ChangeState, on_change
from domain.codes import Code
from domain.ids import ChangeId, RunId
from tests.contracts.store.builders import NOON, HandClock, seen
from tests.contracts.store.plans import Plans, create, deactivate, free_name, update

S = ChangeState


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def held(plans: Plans, run: str, person: str = "1") -> ChangeId:
    [row] = plans.plan(run, deactivate(person))
    plans.hold(row)
    plans.release(run)
    assert plans.at(row) == [S.HELD]
    return row


def test_an_approved_row_that_was_to_wait_for_another_still_waits(plans: Plans) -> None:
    [freeing] = plans.released("r0", free_name("9"))
    [row] = plans.plan("r1", create())
    plans.block(row, on_change(freeing))
    plans.hold(row)
    plans.release("r1")
    plans.approve("yes", row)
    assert plans.at(row) == [S.BLOCKED]
    assert plans.row(row).strict


def test_a_plan_is_adopted_in_part(plans: Plans) -> None:
    first, second = plans.plan("r1", create("1", "ada"), create("2", "bob"))
    plans.propose("r1")
    assert plans.adopt("r1", "yes", second) == 1
    plans.release("yes")
    assert plans.at(first, second) == [S.PROPOSED, S.RELEASED]


def test_adopting_keeps_a_hold_and_a_yes_lifts_it(plans: Plans) -> None:
    first, second = plans.plan("r1", deactivate("1"), deactivate("2", "bob"))
    plans.hold(first, second)
    plans.propose("r1")
    plans.adopt("r1", "activated", first)
    plans.release("activated")
    plans.adopt("r1", "yes", second, lift=True)
    plans.release("yes")
    assert plans.at(first, second) == [S.HELD, S.RELEASED]


def test_no_yes_lifts_what_the_world_holds(plans: Plans) -> None:
    [row] = plans.plan("r1", create())
    plans.hold(row, why=Code.KEY_SHARED, detail="two people")
    plans.propose("r1")
    plans.adopt("r1", "yes", lift=True)
    plans.release("yes")
    assert plans.at(row) == [S.HELD]
    assert plans.row(row).why is Code.KEY_SHARED


def test_a_yes_to_a_plan_is_a_yes_to_what_waited_for_one_already(plans: Plans) -> None:
    waiting = held(plans, "r1")
    [row] = plans.plan("r2", deactivate())
    plans.propose("r2")
    plans.adopt("r2", "yes", lift=True)
    plans.release("yes")
    assert plans.at(waiting, row) == [S.SUPERSEDED, S.RELEASED]
    assert plans.stored(waiting, "superseded_by") == row


def test_a_held_row_that_is_wished_for_again_stands_for_the_newest_reading(plans: Plans) -> None:
    waiting = held(plans, "r1")
    plans.plan("r2", deactivate(name="eve"), snapshot=b"newer")
    plans.release("r2")
    row = plans.row(waiting)
    assert (row.state, row.snapshot) == (S.HELD, b"newer")
    assert row.before is not None
    assert row.before["userName"] == "eve@acme.example"


def test_an_approved_row_is_never_renewed_behind_the_back_of_who_approved_it(plans: Plans) -> None:
    waiting = held(plans, "r1")
    plans.approve("yes", waiting)
    plans.plan("r2", deactivate(name="eve"), snapshot=b"newer")
    plans.release("r2")
    assert (plans.row(waiting).state, plans.row(waiting).snapshot) == (S.RELEASED, b"")


def test_an_adopted_row_outlives_a_newer_reading_to_be_found_stale(plans: Plans) -> None:
    [row] = plans.plan("r1", update(), snapshot=b"older")
    plans.propose("r1")
    with plans.store.write() as tx:
        tx.people.put(plans.tenant_id, RunId("r1"), [seen()], NOON)
    plans.adopt("r1", "yes")
    plans.release("yes")
    assert plans.at(row) == [S.RELEASED]
