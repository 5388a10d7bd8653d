"""Taking rows: one worker each, one row of a person at a time, and only with the accounts it needs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy import update as rewrite

from adapters.database.store import SqlStore
from adapters.database.tables_changes import CHANGES
from domain.changes import Action, ChangeState, on_link
from domain.codes import Code
from domain.compare import Wish
from domain.ids import ChangeId, PersonId
from domain.records import Job, Returned
from domain.tenant import TenantState
from tests.contracts.store.builders import ACME, LEASE, HandClock, link
from tests.contracts.store.plans import (
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
    update,
)

S = ChangeState


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def test_a_claimed_row_is_working_and_counts_a_try(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    job = plans.take(row)
    assert (job.change.state, job.change.tries, job.change.after) == (S.WORKING, 1, create().after)
    assert (job.link, job.manager) == (None, None)
    assert (plans.state(row), plans.row(row).tries) == (S.WORKING, 1)


def test_a_job_brings_the_link_as_it_was_applied(plans: Plans) -> None:
    plans.linked(link("1", version=4))
    [row] = plans.released("r1", update())
    assert plans.take(row).link == link("1", version=4)


def test_a_first_try_knows_of_no_earlier_intent(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    assert plans.take(row).change.intent_at is None
    assert plans.row(row).intent_at == plans.clock.now()


def test_a_later_try_knows_when_the_first_unsettled_request_was_meant(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    meant_at = plans.clock.now()
    plans.claim(row)
    plans.settle(later(row, timedelta(0), intent=True))
    plans.clock.advance(SOON)
    plans.window()
    assert plans.take(row).change.intent_at == meant_at
    plans.settle(later(row, timedelta(0), intent=True))
    plans.clock.advance(SOON)
    plans.window()
    assert plans.take(row).change.intent_at == meant_at


def test_a_try_that_reached_nobody_leaves_no_intent(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.claim(row)
    plans.settle(later(row, timedelta(0), intent=False))
    plans.window()
    assert plans.take(row).change.intent_at is None


def test_giving_back_a_row_keeps_the_intent_that_it_had_before(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    meant_at = plans.clock.now()
    plans.claim(row)
    plans.settle(later(row, timedelta(0), intent=True))
    plans.window()
    plans.claim(row)
    plans.settle(Returned(row))
    job = plans.take(row)
    assert (job.change.intent_at, job.change.tries) == (meant_at, 2)


def test_a_row_is_taken_once(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.take(row, token="first")
    assert plans.claim(row, token="second") == []


@pytest.mark.parametrize("end", [S.HELD, S.BLOCKED, S.WAITING, S.APPLIED, S.DROPPED, None])
def test_rows_that_are_not_released_are_left_alone(plans: Plans, end: ChangeState | None) -> None:
    row = row_in(plans, end)
    assert plans.claim(row) == []
    assert plans.state(row) is end


def row_in(plans: Plans, state: ChangeState | None) -> ChangeId:
    """Bring a row into a state, by the way that is drawn; None is a row that does not exist."""
    if state is None:
        return ChangeId("nobody")
    [row] = plans.plan("r1", create())
    if state is S.HELD:
        plans.hold(row)
    if state is S.BLOCKED:
        plans.block(row, on_link(PersonId("7")))
    plans.release("r1")
    if state is S.WAITING:
        plans.claim(row)
        plans.settle(later(row))
    if state is S.APPLIED:
        plans.apply(row)
    if state is S.DROPPED:
        plans.released("r2", keep())
    return row


def test_of_one_person_one_row_is_taken_and_the_other_rings_again(plans: Plans) -> None:
    plans.linked(link("1"), link("9", "boss"))
    [account_row, manager_row] = plans.released("r1", update(), manage())
    [job] = plans.claim(account_row, manager_row)
    assert job.change.change_id == account_row
    assert plans.claim(manager_row, token="other") == []
    plans.settle(done(job))
    [envelope] = plans.window()
    assert envelope.change_ids == (manager_row,)


@pytest.mark.parametrize("wish", [update(), deactivate(), reactivate()])
def test_a_row_for_an_account_that_we_do_not_have_is_taken_to_be_looked_at(plans: Plans, wish: Wish) -> None:
    [row] = plans.released("r1", wish)
    [job] = plans.claim(row)
    assert job.link is None


def test_a_name_of_an_account_that_we_do_not_have_is_not_freed(plans: Plans) -> None:
    [row] = plans.released("r1", free_name())
    assert plans.claim(row) == []
    assert (plans.state(row), plans.row(row).why) == (S.STALE, Code.PLAN_STALE)


def test_a_manager_waits_for_the_account_of_the_person(plans: Plans) -> None:
    plans.linked(link("9", "boss"))
    [row] = plans.released("r1", manage("1", "9"))
    assert plans.claim(row) == []
    assert plans.row(row).blocked_on == on_link(PersonId("1"))


@pytest.mark.parametrize("closed", [False, True])
def test_a_manager_waits_until_the_managers_account_is_there_and_open(plans: Plans, closed: bool) -> None:
    plans.linked(link("1"), *([link("9", "boss", active=False)] if closed else []))
    [row] = plans.released("r1", manage("1", "9"))
    assert plans.claim(row) == []
    assert (plans.state(row), plans.row(row).why) == (S.BLOCKED, Code.MANAGER_NOT_SYNCED)
    assert plans.row(row).blocked_on == on_link(PersonId("9"))


def test_a_manager_row_brings_the_managers_account(plans: Plans) -> None:
    plans.linked(link("1"), link("9", "boss"))
    [row] = plans.released("r1", manage("1", "9"))
    job = plans.take(row)
    assert (job.manager, job.change.after_manager) == ("account-9", "9")
    assert job.link == link("1")


def test_having_no_manager_any_more_needs_no_account(plans: Plans) -> None:
    plans.linked(link("1", manager=PersonId("9")))
    [row] = plans.released("r1", manage("1", None))
    assert plans.take(row).manager is None
    assert plans.row(row).action is Action.SET_MANAGER


def test_a_turned_away_row_spares_its_neighbours(plans: Plans) -> None:
    plans.linked(link("2", "eve"))
    [stale, blocked, fine] = plans.released("r1", free_name("1"), manage("2", "9"), create("3", "mia"))
    jobs = plans.claim(stale, blocked, fine)
    assert [job.change.change_id for job in jobs] == [fine]


@pytest.mark.parametrize("state", [TenantState.BLOCKED, TenantState.STOPPED])
def test_a_tenant_that_may_not_write_has_its_rows_parked(plans: Plans, state: TenantState) -> None:
    [row, other] = plans.released("r1", create("1", "ada"), create("2", "eve"))
    plans.move(state)
    assert plans.claim(row) == []
    assert plans.at(row, other) == [S.PARKED, S.RELEASED]


def test_a_paused_tenant_goes_on_with_what_is_due(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.move(TenantState.PAUSED)
    assert len(plans.claim(row)) == 1


def test_rows_of_an_unknown_tenant_are_nobodys(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    with plans.store.write() as tx:
        assert tx.changes.claim(type(ACME)("nobody"), [row], "t", LEASE) == []
    assert plans.state(row) is S.RELEASED


def test_a_renewed_lease_lasts_longer(plans: Plans) -> None:
    [row] = plans.released("r1", create())
    plans.claim(row)
    plans.clock.advance(LEASE / 2)
    with plans.store.write() as tx:
        tx.changes.keep_lease(ACME, "t1", LEASE)
        tx.changes.keep_lease(ACME, "somebody else", LEASE * 9)
    plans.clock.advance(LEASE / 2)
    assert plans.expire() == 0
    plans.clock.advance(LEASE / 2)
    assert plans.expire() == 1


def test_two_claims_at_once_get_rows_of_their_own(plans: Plans) -> None:
    ids = plans.released("r1", *[create(str(number), f"p{number}") for number in range(40)])
    together = Barrier(4)

    def claim(token: str) -> Sequence[Job]:
        together.wait(timeout=20)
        return plans.claim(*ids, token=token)

    with ThreadPoolExecutor(4) as hands:
        won = list(hands.map(claim, ["a", "b", "c", "d"]))
    taken = [job.change.change_id for jobs in won for job in jobs]
    assert sorted(taken) == sorted(ids)


def test_two_claims_at_once_never_work_on_one_person(plans: Plans) -> None:
    plans.linked(*[link(str(number), f"p{number}") for number in range(10)])
    accounts = plans.released(
        "r1", *[update(str(number), f"p{number}", f"q{number}") for number in range(10)]
    )
    managers = plans.released("r2", *[manage(str(number), None) for number in range(10)])
    together = Barrier(2)

    def claim(ids: list[ChangeId]) -> Sequence[Job]:
        together.wait(timeout=20)
        return plans.claim(*ids, token=ids[0])

    with ThreadPoolExecutor(2) as hands:
        won = list(hands.map(claim, [accounts, managers]))
    people = [job.change.person_id for jobs in won for job in jobs]
    assert len(people) == len(set(people)) == 10


def test_k12_a_row_that_does_not_open_is_taken_as_one_that_says_nothing_and_its_neighbours_as_ever(
    plans: Plans,
) -> None:
    """A swapped ciphertext opens nowhere; whoever works on the row refuses it."""
    first, second = plans.released("r1", create("1", "ada"), create("2", "bob"))
    with plans.store.write() as tx:
        swapped = rewrite(CHANGES).where(CHANGES.c.change_id == first)
        other = select(CHANGES.c.sealed).where(CHANGES.c.change_id == second)
        tx.session.connection.execute(swapped.values(sealed=tx.session.connection.scalar(other)))
    jobs = {job.change.change_id: job.change for job in plans.claim(first, second)}
    assert [(jobs[each].forgotten, jobs[each].after) for each in (first, second)] == [
        (True, None),
        (False, create("2", "bob").after),
    ]
