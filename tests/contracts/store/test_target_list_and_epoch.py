"""The target's listed accounts, and the Redis that we believe in."""

from datetime import timedelta

import pytest

from adapters.database.match_keys import rule_key
from adapters.database.store import SqlStore
from adapters.database.tables import TARGET_ACCOUNTS
from adapters.database.target_list import external_key, open_account
from domain.account import Account
from domain.ids import AccountId
from tests.contracts.store.builders import (
    ACME,
    NOON,
    OTHER,
    account,
    add_tenant,
    configuration,
    values,
)

ACCOUNTS = [
    account("a-1"),
    account("a-2", "bob", external_id="17", active=False, manager=AccountId("a-1")),
    account("a-3", "eve", created_at=NOON + timedelta(milliseconds=7)),
    account("a-4", values={"userName": None, "active.note": 3.5}),
]


@pytest.fixture(autouse=True)
def tenant(store: SqlStore) -> None:
    add_tenant(store)


def listed(store: SqlStore) -> list[Account]:
    with store.read() as tx:
        rows = tx.session.connection.execute(TARGET_ACCOUNTS.select().order_by(TARGET_ACCOUNTS.c.account_id))
        return [open_account(tx.session, ACME, AccountId(row.account_id), row.sealed) for row in rows]


def test_listed_accounts_come_back_as_the_target_told_them(store: SqlStore) -> None:
    with store.write() as tx:
        tx.target_list.put(ACME, ACCOUNTS[:2], configuration())
        tx.target_list.put(ACME, ACCOUNTS[2:], configuration())
        tx.target_list.put(ACME, [], configuration())
        assert tx.target_list.count(ACME) == 4
    assert listed(store) == ACCOUNTS


def test_a_page_listed_again_changes_nothing(store: SqlStore) -> None:
    with store.write() as tx:
        tx.target_list.put(ACME, ACCOUNTS, configuration())
        tx.target_list.put(ACME, [account("a-1", "somebody.else")], configuration())
    assert listed(store) == ACCOUNTS


def test_forgetting_a_list_touches_one_tenant(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    with store.write() as tx:
        tx.target_list.put(ACME, ACCOUNTS, configuration())
        tx.target_list.put(OTHER, ACCOUNTS[:1], configuration())
        tx.target_list.forget(ACME)
        assert (tx.target_list.count(ACME), tx.target_list.count(OTHER)) == (0, 1)


def test_accounts_are_found_by_external_id_and_by_match_value_in_any_spelling(store: SqlStore) -> None:
    with store.write() as tx:
        told = values() | {"userName": " ADA@acme.example"}
        tx.target_list.put(ACME, [account(external_id="17", values=told)], configuration())
        row = tx.session.connection.execute(TARGET_ACCOUNTS.select()).one()
        assert row.external_key == external_key(tx.session, ACME, "17")
        assert row.match_key == rule_key(
            tx.session, ACME, configuration().match_rules, 0, {"userName": "ada@acme.example"}
        )


@pytest.mark.parametrize("match_path", [None, "emails.value"], ids=["no matching", "path not told"])
def test_without_a_match_value_an_account_is_found_by_external_id_only(
    store: SqlStore, match_path: str | None
) -> None:
    with store.write() as tx:
        tx.target_list.put(ACME, [account()], configuration(match_path=match_path))
        row = tx.session.connection.execute(TARGET_ACCOUNTS.select()).one()
        assert (row.external_key, row.match_key) == (None, None)


def test_the_store_believes_in_one_epoch(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.bells.epoch() is None
        tx.bells.set_epoch("first")
        tx.bells.set_epoch("second")
        assert tx.bells.epoch() == "second"
