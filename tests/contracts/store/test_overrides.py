"""Overrides: one of each kind over a person, in force until they end, reasons sealed."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from adapters.database.store import SqlStore
from adapters.database.tables_overrides import OVERRIDES
from domain.ids import PersonId
from domain.overrides import Override, OverrideKind
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant

ADA = PersonId("1")
PIN = Override("o1", ADA, OverrideKind.PIN_ACTIVE, "Ada works on", "operator:ina", NOON)
FREEZE = replace(PIN, override_id="o2", kind=OverrideKind.FREEZE, path="title")


def put(store: SqlStore, *overrides: Override) -> None:
    with store.write() as tx:
        for override in overrides:
            tx.overrides.put(ACME, override)


def standing(store: SqlStore) -> list[Override]:
    with store.read() as tx:
        return list(tx.overrides.standing(ACME))


def test_an_override_comes_back_as_it_was_set_and_only_to_its_tenant(store: SqlStore) -> None:
    add_tenant(store)
    add_tenant(store, OTHER)
    put(store, PIN, FREEZE)
    with store.read() as tx:
        assert tx.overrides.of(ACME, [ADA, PersonId("2")]) == {ADA: [PIN, FREEZE]}
        assert tx.overrides.of(OTHER, [ADA]) == {}


def test_a_reason_is_not_readable_in_the_table(store: SqlStore) -> None:
    add_tenant(store)
    put(store, PIN)
    with store.write() as tx:
        sealed = tx.session.connection.scalar(select(OVERRIDES.c.reason))
    assert sealed is not None
    assert b"Ada" not in bytes(sealed)


def test_the_same_override_again_replaces_the_earlier_one(store: SqlStore) -> None:
    add_tenant(store)
    again = replace(PIN, override_id="o3", reason="still")
    put(store, PIN, again)
    assert standing(store) == [again]


def test_an_ended_override_is_not_in_force(store: SqlStore) -> None:
    add_tenant(store)
    put(store, PIN, FREEZE)
    with store.write() as tx:
        assert tx.overrides.end(ACME, ADA, OverrideKind.PIN_ACTIVE, "operator:ina") == 1
        assert tx.overrides.end(ACME, ADA, OverrideKind.PIN_ACTIVE, "operator:ina") == 0
    assert standing(store) == [FREEZE]


def test_on_its_day_an_override_is_over_and_found_once(store: SqlStore, clock: HandClock) -> None:
    add_tenant(store)
    put(store, replace(PIN, until=clock.now() + timedelta(days=1)))
    with store.write() as tx:
        assert tx.overrides.expired() == []
        assert tx.overrides.take_expired(ACME) == []
    clock.advance(timedelta(days=1))
    assert standing(store) == []
    with store.write() as tx:
        assert tx.overrides.expired() == [ACME]
        assert [each.person_id for each in tx.overrides.take_expired(ACME)] == [ADA]
        assert tx.overrides.take_expired(ACME) == []
        assert tx.overrides.expired() == []
