"""Names that are exchanged: in order, through a temporary one, and back where that comes to nothing."""

from dataclasses import replace

import pytest

from domain.changes import OPEN, Action, ChangeState
from domain.codes import Code
from domain.events import EmployeeChanged
from domain.ids import PersonId
from domain.overrides import OverrideKind
from simulators.personio.told import Told
from simulators.scim.effects import refused
from tests.flow.misfortunes import in_hand
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin
from tests.flow.test_overrides import days_pass, fix
from tests.flow.test_review_names import live
from tests.flow.truth import accounts, differences, is_wanted, people

__all__ = ["live"]


def exchange(relay: Relay, size: int) -> list[Told]:
    """Give everybody of a circle the next one's address."""
    circle = [person for person in people(relay) if is_wanted(person)][5 : 5 + size]
    for at, person in enumerate(circle):
        relay.personio.company.change(person.id, email=f"parked{at}@example.com")
    for at, person in enumerate(circle):
        relay.personio.company.change(person.id, email=circle[(at + 1) % size].email)
    return circle


def user_name(relay: Relay, person: Told) -> object:
    return accounts(relay)[str(person.id)]["userName"]


def refuse(relay: Relay, person: Told, *, times: int | None) -> None:
    relay.app.quirks.add(refused(), methods=("PATCH",), external_ids=(str(person.id),), times=times)


def plan(relay: Relay) -> list[EmployeeChanged]:
    """Carry a run out as far as its plan, and return the bells of its envelopes."""
    begin(relay)
    later: list[EmployeeChanged] = []
    while relay.bells.rung:
        event = relay.bells.rung.pop(0)
        if isinstance(event, EmployeeChanged):
            later.append(event)
        else:
            relay.take(event)
    return later


def ids(relay: Relay, circle: list[Told]) -> list[object]:
    return [accounts(relay)[str(person.id)]["id"] for person in circle]


@pytest.mark.parametrize("size", [2, 3])
def test_e2_an_exchange_goes_through_a_temporary_name_and_merges_nobody(live: Relay, size: int) -> None:
    before = [person for person in people(live) if is_wanted(person)][5 : 5 + size]
    kept = ids(live, before)
    circle = exchange(live, size)
    live.sync()
    held = [row.change_id for row in live.rows(ChangeState.HELD)]
    if held:
        live.approve(*held)
    live.later(seconds=20)
    assert differences(live) == []
    assert ids(live, circle) == kept
    freed = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.RELEASE_NAME]
    assert len(freed) == 1
    assert str((freed[0].after or {})["userName"]).startswith(f"released.{freed[0].person_id}@")


def test_e2_whoever_got_another_name_meanwhile_is_given_no_temporary_one(live: Relay) -> None:
    exchange(live, 2)
    later = plan(live)
    (release,) = [row for row in live.rows(ChangeState.RELEASED) if row.action is Action.RELEASE_NAME]
    live.personio.company.change(int(release.person_id), email="third@example.com")
    alone = live.sync_person(release.person_id)
    (own,) = [row for row in live.rows(ChangeState.RELEASED) if row.run_id == alone.run_id]
    live.take(replace(later[0], run_id=own.run_id, change_ids=(own.change_id,)))
    live.bells.rung += later
    live.drain()
    live.later(seconds=20)
    assert not [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.RELEASE_NAME]
    assert differences(live) == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_e2_a_circle_that_is_refused_half_way_leaves_nobody_under_a_temporary_name(
    live: Relay, which: int
) -> None:
    circle = exchange(live, 3)
    refuse(live, circle[which], times=None)
    live.sync()
    for _ in "123":
        live.later(seconds=20)
    assert [user_name(live, person) for person in circle] == [person.email for person in circle]
    given_back = [row for row in live.rows(ChangeState.APPLIED) if row.cause is Code.NAME_TEMPORARY]
    assert {row.action for row in given_back} <= {Action.RELEASE_NAME}
    for _ in "1234":  # a circle may be cut at somebody else each time, until all that is refused was refused
        live.sync()
    assert [user_name(live, person) for person in circle] == [person.email for person in circle]
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0


def release_then_refuse(relay: Relay, person: Told, *, times: int | None) -> None:
    """Let somebody's name be freed, and refuse what comes after that."""
    who = (str(person.id),)
    relay.app.quirks.add(refused(), methods=("PATCH",), external_ids=who, skip=1, times=times)


def freed_person(relay: Relay, circle: list[Told]) -> Told:
    """Plan the exchange, and say whose name is freed for it."""
    relay.bells.rung += plan(relay)
    (release,) = [row for row in relay.rows(*OPEN) if row.action is Action.RELEASE_NAME]
    return next(person for person in circle if str(person.id) == release.person_id)


def rename_all(relay: Relay, circle: list[Told]) -> None:
    for person in circle:
        relay.personio.company.change(person.id, last_name="Renamed")


@pytest.mark.parametrize("size", [2, 3])
def test_e2_whoever_is_refused_the_last_step_gets_the_new_name_without_the_rest(
    live: Relay, size: int
) -> None:
    circle = exchange(live, size)
    rename_all(live, circle)
    stranded = freed_person(live, circle)
    release_then_refuse(live, stranded, times=1)
    live.drain()
    live.later(seconds=20)
    wanted = [circle[(at + 1) % size].email for at in range(size)]
    assert [user_name(live, person) for person in circle] == wanted
    assert [row.person_id for row in live.rows(ChangeState.DEAD)] == [str(stranded.id)]
    live.later(hours=24)
    live.sync()
    assert differences(live) == []


@pytest.mark.parametrize("size", [2, 3])
def test_e2_whoever_is_refused_the_new_name_as_well_gets_the_old_one_back(live: Relay, size: int) -> None:
    circle = exchange(live, size)
    rename_all(live, circle)
    stranded = freed_person(live, circle)
    release_then_refuse(live, stranded, times=2)
    live.drain()
    for _ in "12":
        live.later(seconds=20)
    assert [user_name(live, person) for person in circle] == [person.email for person in circle]


def test_e2_a_name_that_cannot_be_given_back_either_is_told_and_not_sent_again_at_once(live: Relay) -> None:
    circle = exchange(live, 2)
    rename_all(live, circle)
    stranded = freed_person(live, circle)
    release_then_refuse(live, stranded, times=None)
    live.drain()
    for _ in "12":
        live.later(seconds=20)
    assert str(user_name(live, stranded)).startswith("released.")
    theirs = [row for row in live.rows(ChangeState.DEAD) if row.person_id == str(stranded.id)]
    assert len(theirs) == 3
    assert Code.TARGET_REFUSED in {each.code for each in live.incidents()}


def test_e2_once_the_target_takes_it_the_circle_is_closed_by_itself(live: Relay) -> None:
    circle = exchange(live, 3)
    refuse(live, circle[0], times=1)
    live.sync()
    live.later(seconds=20)
    for _ in "12":
        live.later(hours=24)
        live.sync()
        live.later(seconds=20)
    assert differences(live) == []


def test_e2_a_circle_is_begun_only_once_nobody_of_it_is_held(live: Relay) -> None:
    """It could not be closed, and who waits for its last step would work under a temporary name meanwhile."""
    circle = exchange(live, 3)
    fix(live, PersonId(str(circle[1].id)), OverrideKind.HOLD_UNTIL, days=2)
    live.app.counters.reset()
    for _ in "123":
        live.sync()
        live.later(minutes=50)
    assert live.app.counters.writes == 0
    assert [user_name(live, person) for person in circle] == [person.email for person in circle]
    days_pass(live, 3)
    live.sync()
    live.later(seconds=20)
    assert differences(live) == []


def test_e2_a_plan_that_meets_the_last_step_under_way_gives_no_name_back(live: Relay) -> None:
    """Whoever still has a temporary name gets theirs by a request that is with a worker."""
    circle, later = exchange(live, 2), list[EmployeeChanged]()
    live.bells.rung += plan(live)
    (freeing,) = [row.person_id for row in live.rows() if row.action is Action.RELEASE_NAME]
    first, second = sorted(circle, key=lambda person: str(person.id) != freeing)

    def plan_anew() -> None:
        assert str(user_name(live, first)).startswith("released.")
        assert user_name(live, second) == first.email
        live.personio.company.change(second.id, email="third@example.com")
        live.personio.company.change(first.id, email=first.email)
        later.extend(plan(live))

    in_hand(live, plan_anew, lambda row: (row.person_id, row.action) == (str(first.id), Action.UPDATE))
    live.drain()
    live.bells.rung += later
    live.drain()
    assert [row.person_id for row in live.rows() if row.cause is Code.NAME_TEMPORARY] == []
    live.sync()
    live.later(seconds=20)
    assert differences(live) == []


def test_whose_a_name_was_is_remembered(live: Relay) -> None:
    person = [person for person in people(live) if is_wanted(person)][5]
    live.personio.company.change(person.id, email="fresh@example.com")
    live.sync()
    with live.store.read() as tx:
        known = tx.history.names(ACME, [str(person.email).upper(), "fresh@example.com"])
    assert known == {str(person.email).upper(): frozenset({PersonId(str(person.id))})}


def test_a_name_that_was_anothers_links_nobody_by_itself(live: Relay) -> None:
    person = [person for person in people(live) if is_wanted(person)][5]
    live.personio.company.change(person.id, email="fresh@example.com")
    live.sync()
    live.app.state.add_account(str(person.email))
    joiner = live.personio.company.hire(first_name="Jo", last_name="In", email=person.email)
    live.sync()
    (row,) = [row for row in live.rows(ChangeState.HELD) if row.person_id == str(joiner)]
    assert row.why is Code.KEY_RECYCLED
    with live.store.read() as tx:
        case = tx.cases.of_person(ACME, PersonId(str(joiner)))
    assert case is not None
    assert case.candidates[0].speaks_against == ("the user name was another person's before",)
