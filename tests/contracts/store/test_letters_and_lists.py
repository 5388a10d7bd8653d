"""Dead letters, the target's listed accounts, and the Redis that we believe in."""

from datetime import timedelta

import pytest

from adapters.database.letters import LONGEST_MESSAGE
from adapters.database.match_keys import rule_key
from adapters.database.store import SqlStore
from adapters.database.tables import LETTERS, TARGET_ACCOUNTS
from adapters.database.target_list import external_key, open_account
from domain.account import Account
from domain.codes import Code
from domain.ids import AccountId, LetterId
from domain.records import Letter
from tests.contracts.store.builders import (
    ACME,
    NOON,
    OTHER,
    HandClock,
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


def write(store: SqlStore, letter_id: str, code: Code = Code.MESSAGE_UNKNOWN) -> bool:
    with store.write() as tx:
        return tx.letters.add(ACME, LetterId(letter_id), code, "actor «x»", b"{}")


def listed(store: SqlStore) -> list[Account]:
    with store.read() as tx:
        rows = tx.session.connection.execute(TARGET_ACCOUNTS.select().order_by(TARGET_ACCOUNTS.c.account_id))
        return [open_account(tx.session, ACME, AccountId(row.account_id), row.sealed) for row in rows]


def test_letters_are_listed_newest_first(store: SqlStore, clock: HandClock) -> None:
    for number in range(3):
        assert write(store, f"l-{number}")
        clock.advance()
    with store.read() as tx:
        letters = tx.letters.newest(ACME, 2)
    assert [letter.letter_id for letter in letters] == ["l-2", "l-1"]
    at = NOON + timedelta(seconds=2)
    assert letters[0] == Letter(LetterId("l-2"), ACME, Code.MESSAGE_UNKNOWN, "actor «x»", at, None, None)


def test_a_letter_is_kept_once(store: SqlStore) -> None:
    assert write(store, "l-1")
    assert not write(store, "l-1", Code.INTERNAL)
    with store.read() as tx:
        assert [letter.code for letter in tx.letters.newest(ACME, 9)] == [Code.MESSAGE_UNKNOWN]


def test_a_message_of_nobody_is_kept_too_but_only_its_head(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.letters.add(None, LetterId("l-1"), Code.MESSAGE_UNKNOWN, "", b"\x00" * 10**6)
        assert tx.letters.newest(ACME, 9) == []
        stored = tx.session.connection.scalar(LETTERS.select().with_only_columns(LETTERS.c.message))
    assert stored is not None
    assert len(stored) == LONGEST_MESSAGE


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
