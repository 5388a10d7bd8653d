"""Which changes look like a slip: one attribute everywhere, shuffled people, one manager for all."""

import pytest

from domain.account import Scalar
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Line
from domain.guards import OFF, Bound, Guards
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId
from domain.rewrites import (
    ManagerMove,
    NameMove,
    collapses,
    demotions,
    mass_rewrites,
    runs_the_application,
    shuffles,
)
from tests.builders import configuration

SIZES = (20, 21, 100, 999, 1_000, 50_000)
USUAL = Guards()


def row(person: int, before: dict[str, Scalar], after: dict[str, Scalar]) -> Change:
    return Change(
        change_id=ChangeId(f"c{person:05}"),
        run_id=RunId("run"),
        person_id=PersonId(str(person)),
        action=Action.UPDATE,
        state=ChangeState.PLANNED,
        config_version=ConfigVersion(1),
        before=before,
        after={**before, **after},
    )


def retitled(person: int) -> Change:
    return row(person, {"title": "Engineer", "name.familyName": "A"}, {"title": "Ingenieur"})


def married(person: int) -> Change:
    return row(person, {"title": "Engineer", "name.familyName": "A"}, {"name.familyName": "B"})


@pytest.mark.parametrize("size", SIZES)
def test_an_attribute_rewritten_for_too_many_is_held_and_nothing_else(size: int) -> None:
    bound = Bound(30, 20, 5_000)
    few, many = bound.a_day(size), bound.a_day(size) + 1
    assert mass_rewrites([retitled(each) for each in range(few)], bound, size) == []
    holds = mass_rewrites([*(retitled(each) for each in range(many)), married(many)], bound, size)
    assert {hold.change_id for hold in holds} == {retitled(each).change_id for each in range(many)}
    assert {hold.why for hold in holds} == {Code.GUARD_UPDATES}
    assert holds[0].detail == f"«title» changes for {many} of {size} open accounts; {few} in 24 hours go by"


def moves(people: int, bosses: int, to: str | None = "99") -> list[ManagerMove]:
    new = PersonId(to) if to else None
    return [
        ManagerMove(ChangeId(f"c{each:05}"), PersonId(f"boss-{each % bosses}"), new) for each in range(people)
    ]


@pytest.mark.parametrize("to", ["99", None])
@pytest.mark.parametrize("size", SIZES)
def test_many_managers_collapsing_into_one_are_held(size: int, to: str | None) -> None:
    enough = Bound(10, 5, 100).a_day(size)
    bound = USUAL.collapse
    assert len(collapses(moves(enough, 3, to), bound, size)) == enough
    assert collapses(moves(enough - 1, 3, to), bound, size) == []
    assert collapses(moves(enough, 2, to), bound, size) == []
    assert collapses(moves(enough, 3, to), OFF, size) == []


def test_a_first_manager_is_no_collapse() -> None:
    first = [ManagerMove(ChangeId(f"c{each}"), None, PersonId("99")) for each in range(50)]
    assert collapses(first, USUAL.collapse, 50) == []


LINES = (
    Line("email", "userName", required=True),
    Line("first_name", "name.givenName"),
    Line("last_name", "name.familyName"),
)
CONFIG = configuration(lines=LINES)


def ring(size: int, *, names_too: bool) -> list[NameMove]:
    """Everybody takes the address of the next one, and perhaps their name as well."""
    found = []
    for each in range(size):
        takes = (each + 1) % size
        before: dict[str, Scalar] = {"userName": f"p{each}@x.example", "name.givenName": f"P{each}"}
        after: dict[str, Scalar] = {"userName": f"p{takes}@x.example"}
        if names_too:
            after["name.givenName"] = f"P{takes}"
        found.append(NameMove(row(each, before, after), bytes([takes]), bytes([each])))
    return found


@pytest.mark.parametrize("size", [2, 3, 5, 40])
def test_people_who_turn_into_one_another_are_held_however_few(size: int) -> None:
    holds = shuffles(ring(size, names_too=True), CONFIG, 400)
    assert len(holds) == size
    assert {hold.why for hold in holds} == {Code.GUARD_SWAPS}


@pytest.mark.parametrize(("size", "held"), [(2, 0), (3, 0), (20, 0), (21, 21), (40, 40)])
def test_a_few_may_exchange_their_addresses_and_stay_who_they_are(size: int, held: int) -> None:
    assert len(shuffles(ring(size, names_too=False), CONFIG, 400)) == held


def test_where_no_name_is_mapped_every_exchange_is_held() -> None:
    config = configuration(lines=(Line("email", "userName", required=True),))
    assert len(shuffles(ring(2, names_too=False), config, 400)) == 2


def test_a_successor_who_takes_an_address_over_is_no_shuffle() -> None:
    first, second, _ = ring(3, names_too=False)
    assert shuffles([first, second], CONFIG, 400) == []


@pytest.mark.parametrize(
    ("told", "runs"),
    [
        ({("roles", "Admin")}, True),
        ({("roles", "user")}, False),
        ({("userType", "Owner")}, True),
        ({("title", "Owner")}, False),
        ({("urn:example:2.0:User:isOwner", "true")}, True),
        ({("urn:example:2.0:User:isOwner", "false")}, False),
        (set(), False),
    ],
)
def test_who_runs_the_application_is_told_by_it(told: set[tuple[str, str]], runs: bool) -> None:
    words = frozenset({"admin", "owner", "urn:example:2.0:User:isOwner:true"})
    assert runs_the_application(told, words) is runs


def test_what_makes_somebody_an_owner_is_not_overwritten() -> None:
    demoted = row(1, {"userType": "admin"}, {"userType": "internal"})
    usual = row(2, {"userType": "external"}, {"userType": "internal"})
    retitled_owner = row(3, {"userType": "admin", "title": "x"}, {"title": "y"})
    assert [hold.change_id for hold in demotions([demoted, usual, retitled_owner], USUAL.owners)] == [
        "c00001"
    ]
