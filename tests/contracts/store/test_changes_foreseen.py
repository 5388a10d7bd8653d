"""What a plan foresees: which rows will wait for an account, and what it leaves to other runs."""

import pytest

from adapters.database.store import SqlStore
from domain.already import DONE_BY_NOW, IN_HAND
from domain.changes import ChangeState, on_change, on_link
from domain.codes import Code
from domain.ids import ChangeId, PersonId, RunId
from tests.contracts.store.builders import ACME, HandClock, link
from tests.contracts.store.plans import Plans, create, deactivate, done, manage, update

S = ChangeState


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def await_accounts(plans: Plans, run: str) -> None:
    with plans.store.write() as tx:
        tx.changes.await_accounts(ACME, RunId(run))


def set_aside(plans: Plans, run: str) -> None:
    with plans.store.write() as tx:
        tx.changes.set_aside(ACME, RunId(run))


def notes(plans: Plans, row: ChangeId) -> tuple[str | None, Code | None]:
    return plans.row(row).blocked_on, plans.row(row).why


def test_a_manager_without_an_account_blocks_and_one_with_an_account_does_not(plans: Plans) -> None:
    plans.linked(link("1"), link("2"), link("8", "ann"), link("9", "boss", active=False))
    blocked, free = plans.plan("r1", manage("1", "9"), manage("2", "8"))
    await_accounts(plans, "r1")
    assert notes(plans, blocked) == (on_link(PersonId("9")), Code.MANAGER_NOT_SYNCED)
    assert notes(plans, free) == (None, None)
    plans.release("r1")
    assert plans.at(blocked, free) == [S.BLOCKED, S.RELEASED]


@pytest.mark.parametrize("held", [False, True])
def test_who_gets_an_account_by_the_same_plan_is_followed_unless_that_is_held(
    plans: Plans, held: bool
) -> None:
    plans.linked(link("1"))
    made, row, own = plans.plan("r1", create("9", "boss"), manage("1", "9"), manage("9", None))
    if held:
        plans.hold(made, why=Code.GUARD_CREATES)
    await_accounts(plans, "r1")
    assert (plans.row(row).blocked_on, plans.row(own).blocked_on) == (
        (on_link(PersonId("9")), on_link(PersonId("9"))) if held else (None, None)
    )
    assert plans.row(own).why is None, "one's own account is no reason that anybody must read"


def test_a_manager_whose_account_the_same_plan_closes_blocks(plans: Plans) -> None:
    plans.linked(link("1"), link("9", "boss"))
    _, row = plans.plan("r1", deactivate("9", "boss"), manage("1", "9"))
    await_accounts(plans, "r1")
    assert plans.row(row).blocked_on == on_link(PersonId("9"))


def test_a_create_behind_a_held_row_brings_no_manager(plans: Plans) -> None:
    plans.linked(link("1"), link("2"))
    held, made, row = plans.plan("r1", update("2"), create("9", "boss"), manage("1", "9"))
    plans.hold(held)
    plans.block(made, on_change(held))
    await_accounts(plans, "r1")
    assert plans.row(row).blocked_on == on_link(PersonId("9"))


def test_a_plan_leaves_aside_what_is_in_hand_and_lets_others_wait_for_that(plans: Plans) -> None:
    plans.linked(link("1"))
    [working] = plans.released("r1", update())
    plans.take(working)
    mine, waits = plans.plan("r2", update(), create("2", "eve"))
    plans.block(waits, on_change(mine))
    set_aside(plans, "r2")
    assert (plans.state(mine), plans.row(mine).detail) == (S.DROPPED, IN_HAND)
    assert plans.row(mine).blocked_on == plans.row(waits).blocked_on == on_change(working)
    assert (plans.state(waits), plans.state(working)) == (S.PLANNED, S.WORKING)


def test_a_plan_leaves_aside_what_was_done_and_nothing_that_wants_more(plans: Plans) -> None:
    plans.linked(link("1"), link("2", "bob"))
    [working] = plans.released("r1", update())
    job = plans.take(working)
    same, other = plans.plan("r2", update(), update("2", "bob", "ben"))
    plans.settle(done(job))
    set_aside(plans, "r2")
    assert (plans.state(same), plans.row(same).detail) == (S.DROPPED, DONE_BY_NOW)
    assert plans.state(other) == S.PLANNED
