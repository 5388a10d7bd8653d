"""`audit` tells who did what, newest first, and finds what somebody changed in the database past us."""

import pytest
from sqlalchemy import Executable, delete, update

from adapters.database.tables_audit import AUDIT, AUDIT_CHAINS
from domain.ids import TenantId
from domain.tenant import TenantState
from tests.unit.cli.terminal import ID, SECRET, TOKEN, Terminal

ACME = TenantId("acme")


def deeds(terminal: Terminal) -> list[str]:
    return [row["deed"] for row in terminal.json("audit", "acme")["entries"]]


def past_us(terminal: Terminal, statement: Executable) -> None:
    with terminal.store() as store, store.write() as tx:
        tx.session.connection.execute(statement)


@pytest.fixture
def busy(acme: Terminal) -> Terminal:
    """A tenant to which several things were done."""
    with acme.store() as store, store.write() as tx:
        tx.tenants.move(ACME, TenantState.READY, None)
        tx.tenants.move(ACME, TenantState.ACTIVE, None)
    for words in (
        ("tenant", "owners", "acme", "ada@acme.example"),
        ("pause", "acme"),
        ("resume", "acme"),
        ("stop", "acme", "--confirm=acme"),
    ):
        assert acme.type(*words).code == 0
    return acme


def test_what_an_operator_did_is_listed_newest_first_with_a_name(busy: Terminal) -> None:
    entries = busy.json("audit", "acme")["entries"]
    told = ["stopped", "resumed", "paused", "owners-changed", "tenant-added"]
    assert [row["deed"] for row in entries] == told
    assert [row["number"] for row in entries] == [5, 4, 3, 2, 1]
    assert all(row["by"].startswith("operator") for row in entries)


def test_only_so_many_entries_are_listed(busy: Terminal) -> None:
    assert len(busy.json("audit", "acme", "--limit", "2")["entries"]) == 2


def test_a_table_is_drawn_for_people(busy: Terminal) -> None:
    told = busy.type("audit", "acme")
    assert "owners-changed" in told.out
    assert "--verify" in told.err


def test_what_was_refused_or_changed_nothing_is_not_listed(busy: Terminal) -> None:
    before = deeds(busy)
    assert busy.type("stop", "acme").code == 2
    assert busy.type("stop", "acme", "--confirm=acme").code == 0
    assert busy.type("config", "discard", "acme").code == 0
    assert busy.type("activate", "acme", "--confirm=acme").code != 0
    assert deeds(busy) == before


def test_no_address_and_no_secret_is_in_the_audit(busy: Terminal) -> None:
    changed = busy.type("tenant", "credentials", "acme", "--target-token-file", "-", stdin=f"{TOKEN}9\n")
    assert changed.code == 0, changed.err
    assert deeds(busy)[0] == "credentials-replaced"
    told = busy.type("audit", "acme", "--json").out
    assert not any(text in told for text in ("@", TOKEN, SECRET, ID, "example.com"))


def test_a_whole_chain_verifies(busy: Terminal) -> None:
    told = busy.type("audit", "acme", "--verify")
    assert told.code == 0
    assert "Whole: entries 1 to 5" in told.out
    assert busy.json("audit", "acme", "--verify") == {
        "schema": 1,
        "tenant": "acme",
        "whole": True,
        "first_broken": None,
        "pruned_up_to": 0,
        "last": 5,
    }


DAMAGE = {
    "altered": (update(AUDIT).where(AUDIT.c.number == 3).values(by="operator:other"), 3),
    "removed": (delete(AUDIT).where(AUDIT.c.number == 4), 4),
    "cut": (delete(AUDIT).where(AUDIT.c.number == 5), 5),
    "its-row": (update(AUDIT_CHAINS).values(tip_number=4), 0),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_what_was_changed_past_us_ends_with_exit_code_1_and_is_named(how: str, busy: Terminal) -> None:
    statement, number = DAMAGE[how]
    past_us(busy, statement)
    told = busy.type("audit", "acme", "--verify")
    assert told.code == 1
    assert (f"entry {number}" if number else "begins and ends") in told.out
    assert "backup" in told.err
    answer = busy.type("audit", "acme", "--verify", "--json")
    assert (answer.code, answer.data["first_broken"], answer.data["whole"]) == (1, number, False)


def test_a_tenant_that_is_not_there_is_not_found(terminal: Terminal) -> None:
    assert terminal.type("audit", "nobody").code == 7
    assert terminal.type("audit", "nobody", "--verify").code == 7


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_a_mistake_of_usage(limit: str, acme: Terminal) -> None:
    assert acme.type("audit", "acme", "--limit", limit).code == 2
