"""Deletions to come: one a person, the next first, due on their day."""

from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.codes import Code
from domain.deletions import Deletion
from domain.ids import AccountId, PersonId, RunId
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant


def deletion(person: str, days: int) -> Deletion:
    due = NOON + timedelta(days=days)
    return Deletion(PersonId(person), AccountId(f"a-{person}"), Code.PERSON_LEFT, NOON, due, RunId("r"))


@pytest.fixture(autouse=True)
def planned(store: SqlStore) -> None:
    add_tenant(store)
    add_tenant(store, OTHER)
    with store.write() as tx:
        tx.deletions.plan(ACME, deletion("2", 30))
        tx.deletions.plan(ACME, deletion("1", 10))


def test_they_are_listed_the_next_first_and_apart_by_tenant(store: SqlStore) -> None:
    with store.read() as tx:
        assert tx.deletions.standing(ACME) == [deletion("1", 10), deletion("2", 30)]
        assert tx.deletions.standing(OTHER) == []


def test_a_newer_one_of_the_same_person_replaces_the_older(store: SqlStore) -> None:
    with store.write() as tx:
        tx.deletions.plan(ACME, deletion("1", 40))
    with store.read() as tx:
        assert tx.deletions.standing(ACME) == [deletion("2", 30), deletion("1", 40)]


def test_a_tenant_is_due_when_the_day_has_come(store: SqlStore, clock: HandClock) -> None:
    with store.read() as tx:
        assert tx.deletions.due() == []
    clock.advance(timedelta(days=10))
    with store.read() as tx:
        assert tx.deletions.due() == [ACME]


def test_ending_one_twice_is_told(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.deletions.end(ACME, PersonId("1"))
        assert not tx.deletions.end(ACME, PersonId("1"))
        assert not tx.deletions.end(OTHER, PersonId("2"))


def test_nothing_was_removed_yet(store: SqlStore) -> None:
    with store.read() as tx:
        assert tx.deletions.gone_today(ACME) == 0


def test_what_was_cancelled_is_neither_listed_nor_due_and_is_known_to_be(
    store: SqlStore, clock: HandClock
) -> None:
    one, two = PersonId("1"), PersonId("2")
    with store.write() as tx:
        assert tx.deletions.cancel(ACME, one)
        assert not tx.deletions.cancel(ACME, one)
        assert not tx.deletions.cancel(OTHER, two)
        assert not tx.deletions.end(ACME, one)
    clock.advance(timedelta(days=20))
    with store.read() as tx:
        assert tx.deletions.standing(ACME) == [deletion("2", 30)]
        assert tx.deletions.due() == []
        assert tx.deletions.cancelled(ACME, [one, two]) == {one}
        assert tx.deletions.cancelled(OTHER, [one, two]) == frozenset()


def test_a_later_closing_plans_anew_what_was_cancelled(store: SqlStore) -> None:
    with store.write() as tx:
        tx.deletions.cancel(ACME, PersonId("1"))
        tx.deletions.plan(ACME, deletion("1", 40))
        assert tx.deletions.cancelled(ACME, [PersonId("1")]) == frozenset()
        assert tx.deletions.standing(ACME) == [deletion("2", 30), deletion("1", 40)]
