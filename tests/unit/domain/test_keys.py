"""Unique names: chains, circles, and names that closed accounts still hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Code
from domain.config import ReleaseNames
from domain.ids import ChangeId, PersonId
from domain.keys import Contest, FreeName, Hold, Holder, Wait, Wanter, placeholder, resolve

NEEDED = ReleaseNames.WHEN_NEEDED


def wants(person: str) -> Wanter:
    return Wanter(ChangeId(f"row-{person}"), PersonId(person))


def gives_up(person: str) -> Holder:
    return Holder(PersonId(person), active=True, change_id=ChangeId(f"row-{person}"), giving_up=True)


def contest(key: str, *wanters: str, holder: Holder | None = None) -> Contest:
    return Contest(key.encode(), tuple(wants(person) for person in wanters), holder)


def test_two_people_with_one_name_are_both_held_and_never_merged() -> None:
    rulings = resolve([contest("k", "a", "b")], NEEDED)
    assert [(type(each), getattr(each, "change_id", "")) for each in rulings] == [
        (Hold, "row-a"),
        (Hold, "row-b"),
    ]


def test_a_name_held_by_an_open_account_that_stays_is_held() -> None:
    (ruling,) = resolve([contest("k", "a", holder=Holder(PersonId("b"), active=True))], NEEDED)
    assert isinstance(ruling, Hold)
    assert ruling.why is Code.KEY_SHARED


def test_a_chain_waits_from_its_end() -> None:
    rulings = resolve(
        [contest("1", "a", holder=gives_up("b")), contest("2", "b", holder=gives_up("c"))], NEEDED
    )
    assert rulings == [Wait(ChangeId("row-a"), ChangeId("row-b")), Wait(ChangeId("row-b"), ChangeId("row-c"))]


@pytest.mark.parametrize("people", ["ab", "abc", "abcd"])
def test_a_circle_is_cut_once_and_the_rest_waits_in_order(people: str) -> None:
    ring = [
        contest(who, who, holder=gives_up(people[(at + 1) % len(people)])) for at, who in enumerate(people)
    ]
    rulings = resolve(ring, NEEDED)
    freed = [each for each in rulings if isinstance(each, FreeName)]
    assert freed == [FreeName(PersonId(people[1]), None, ChangeId("row-a"))]
    assert len([each for each in rulings if isinstance(each, Wait)]) == len(people) - 1


@pytest.mark.parametrize("held", "abc")
def test_a_circle_of_which_one_is_held_is_not_begun(held: str) -> None:
    ring = [contest(who, who, holder=gives_up(after)) for who, after in zip("abc", "bca", strict=True)]
    waits = [
        replace(each, wanters=tuple(replace(one, held=one.person_id == held) for one in each.wanters))
        for each in ring
    ]
    assert [type(each) for each in resolve(waits, NEEDED)] == [Wait, Wait, Wait]


def test_the_name_of_somebody_who_leaves_in_the_same_plan_is_freed_after_that() -> None:
    leaver = Holder(PersonId("b"), active=True, change_id=ChangeId("row-b"), leaving=True)
    assert resolve([contest("k", "a", holder=leaver)], NEEDED) == [
        FreeName(PersonId("b"), ChangeId("row-b"), ChangeId("row-a"))
    ]


def test_the_name_of_a_closed_account_is_freed_first() -> None:
    closed = Holder(PersonId("b"), active=False)
    assert resolve([contest("k", "a", holder=closed)], NEEDED) == [
        FreeName(PersonId("b"), None, ChangeId("row-a"))
    ]


def test_a_policy_that_never_frees_names_holds_the_joiner() -> None:
    closed = Holder(PersonId("b"), active=False)
    (ruling,) = resolve([contest("k", "a", holder=closed)], ReleaseNames.NEVER)
    assert isinstance(ruling, Hold)


@given(st.permutations(list("abcdef")))
def test_any_permutation_of_names_can_be_carried_out_in_some_order(order: list[str]) -> None:
    people = list("abcdef")
    moves = {who: to for who, to in zip(people, order, strict=True) if who != to}
    rulings = resolve([contest(to, who, holder=gives_up(to)) for who, to in moves.items()], NEEDED)
    held = {who: who for who in people}
    for each in rulings:
        if isinstance(each, FreeName):
            held.pop(each.person_id)
    waits = {each.change_id: each.on for each in rulings if isinstance(each, Wait)}
    left = dict(moves)
    for _ in range(len(people)):
        for who, to in sorted(left.items()):
            if waits.get(ChangeId(f"row-{who}")) in {ChangeId(f"row-{other}") for other in left}:
                continue
            assert to not in held.values(), "a name was taken while somebody held it"
            held[who] = to
            del left[who]
    assert left == {}


def test_a_placeholder_stays_an_address_of_its_domain_and_is_always_the_same() -> None:
    values = {"userName": "ada@example.com", "mail": "ada@example.com", "title": "Engineer"}
    freed = placeholder(values, "userName", PersonId("7"))
    assert freed == {"userName": "released.7@example.com", "mail": "released.7@example.com"}
    assert placeholder({"userName": "ada"}, "userName", PersonId("7")) == {"userName": "released.7"}
