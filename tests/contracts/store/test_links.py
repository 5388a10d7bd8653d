"""Links: what was last applied to whose account."""

import pytest

from adapters.database.links import store_links
from adapters.database.store import SqlStore
from domain.account import Scalar
from domain.ids import AccountId, PersonId
from domain.link import LinkMark, Origin
from tests.contracts.store.builders import ACME, OTHER, add_tenant, digest_of, link, put_link, values

ADA, BOB = PersonId("1"), PersonId("2")


@pytest.fixture(autouse=True)
def tenant(store: SqlStore) -> None:
    add_tenant(store)


def test_a_link_comes_back_as_it_was(store: SqlStore) -> None:
    told: dict[str, Scalar] = values() | {"yes": True, "n": 3, "note": "Zoë"}
    stored = link(values=told, manager=BOB, origin=Origin.LINKED, active=False, version=7)
    with store.write() as tx:
        put_link(tx, stored)
        assert tx.links.get(ACME, [ADA, BOB]) == {ADA: stored}


def test_a_mark_is_enough_to_see_that_nothing_changed(store: SqlStore) -> None:
    with store.write() as tx:
        put_link(tx, link(manager=BOB))
        mark = LinkMark(AccountId("account-1"), True, digest_of(values()), BOB, 1)
        assert tx.links.marks(ACME, [ADA, BOB]) == {ADA: mark}
        assert tx.links.marks(ACME, []) == {}


def test_storing_again_replaces_the_link(store: SqlStore) -> None:
    changed = link(name="ada.married", version=2, manager=BOB, account_id=AccountId("moved"))
    with store.write() as tx:
        put_link(tx, link())
        put_link(tx, changed)
        assert tx.links.get(ACME, [ADA]) == {ADA: changed}
        assert tx.links.count(ACME) == 1


def test_an_older_version_is_never_recorded_over_a_newer_one(store: SqlStore) -> None:
    newer = link(name="newer", version=3)
    with store.write() as tx:
        put_link(tx, newer)
        put_link(tx, link(name="older", version=2))
        assert tx.links.get(ACME, [ADA]) == {ADA: newer}


def test_many_links_are_stored_at_once(store: SqlStore) -> None:
    many = [link(str(number)) for number in range(30)]
    with store.write() as tx:
        store_links(tx.session, ACME, [(one, digest_of(one.values), None) for one in many])
        store_links(tx.session, ACME, [])
        assert tx.links.count(ACME) == 30
        assert tx.links.get(ACME, [one.person_id for one in many]) == {one.person_id: one for one in many}


def test_closed_accounts_are_counted_too(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.links.count(ACME) == 0
        put_link(tx, link(active=False))
        put_link(tx, link("2", "bob"))
        assert tx.links.count(ACME) == 2


def test_an_account_tells_whose_it_is(store: SqlStore) -> None:
    with store.write() as tx:
        put_link(tx, link())
        assert tx.links.by_account(ACME, AccountId("account-1")) == ADA
        assert tx.links.by_account(ACME, AccountId("account-2")) is None


def test_links_of_two_tenants_stay_apart(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    with store.write() as tx:
        store_links(tx.session, OTHER, [(link(), b"digest", None)])
        assert tx.links.get(ACME, [ADA]) == {}
        assert tx.links.marks(ACME, [ADA]) == {}
        assert tx.links.count(ACME) == 0
        assert tx.links.by_account(ACME, AccountId("account-1")) is None
