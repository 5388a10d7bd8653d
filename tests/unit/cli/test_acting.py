"""Pause, resume and stop work without a queue, need a name for danger, and say what they did."""

import json

import pytest

from domain.codes import Code
from domain.ids import TenantId
from domain.tenant import TenantState
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
S = TenantState


def put(terminal: Terminal, *states: TenantState, why: Code | None = None) -> None:
    with terminal.store() as store, store.write() as tx:
        for state in states:
            assert tx.tenants.move(ACME, state, why if state is S.BLOCKED else None)


def state(terminal: Terminal) -> str:
    return str(terminal.json("tenant", "show", "acme")["state"])


def test_an_active_tenant_is_paused_and_resumed(acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE)
    assert acme.json("pause", "acme", "--reason", "payroll week")["state"] == "paused"
    assert acme.type("pause", "acme").code == 0
    assert acme.json("resume", "acme")["state"] == "active"
    assert acme.type("resume", "acme").code == 0


def test_only_an_active_tenant_can_be_paused(acme: Terminal) -> None:
    told = acme.type("pause", "acme")
    assert told.code == 1
    assert "setup" in told.err


@pytest.mark.parametrize("words", [(), ("--confirm=other",)])
def test_stopping_needs_the_name_once_more(words: tuple[str, ...], acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE)
    told = acme.type("stop", "acme", *words)
    assert told.code == 2
    assert "--confirm=acme" in told.err
    assert state(acme) == "active"


@pytest.mark.parametrize(
    ("before", "after"),
    [((), "setup"), ((S.READY,), "ready"), ((S.READY, S.ACTIVE), "active")],
    ids=["setup", "ready", "active"],
)
def test_a_stopped_tenant_returns_to_where_it_was(
    before: tuple[TenantState, ...], after: str, acme: Terminal
) -> None:
    put(acme, *before)
    assert acme.json("stop", "acme", "--confirm=acme")["state"] == "stopped"
    assert acme.json("resume", "acme")["state"] == after


def test_a_blocked_tenant_wants_a_check_and_no_resume(acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE, S.BLOCKED, why=Code.SOURCE_CREDENTIALS_REFUSED)
    told = acme.type("resume", "acme")
    assert told.code == 6
    assert "staffetta check acme" in told.err


def test_a_tenant_that_never_was_active_cannot_be_resumed(acme: Terminal) -> None:
    assert acme.type("resume", "acme").code == 1


def test_activating_needs_the_name_once_more(acme: Terminal) -> None:
    told = acme.type("activate", "acme")
    assert told.code == 2
    assert "--confirm=acme" in told.err


def test_a_tenant_that_was_never_checked_cannot_be_activated(acme: Terminal) -> None:
    told = acme.type("activate", "acme", "--confirm=acme")
    assert told.code == 1
    assert "staffetta check acme" in told.err


def test_a_tenant_without_a_plan_cannot_be_activated(acme: Terminal) -> None:
    put(acme, S.READY)
    told = acme.type("activate", "acme", "--confirm=acme")
    assert told.code == 1
    assert "staffetta preview acme" in told.err


@pytest.mark.parametrize(
    "words", [("sync", "acme"), ("preview", "acme"), ("resync", "acme", "--person", "1")]
)
def test_a_run_without_anybody_to_do_it_is_not_even_asked_for(words: tuple[str, ...], acme: Terminal) -> None:
    told = acme.type(*words)
    assert told.code == 75
    assert "--here" in told.err
    assert "staffetta up" in told.err
    assert acme.json("runs", "acme")["runs"] == []


@pytest.mark.parametrize("words", [("sync",), ("preview",), ("resync", "--person", "1"), ("sync", "--here")])
def test_a_tenant_that_nobody_knows_is_told_before_anything_is_brought_up(
    words: tuple[str, ...], acme: Terminal
) -> None:
    command, *options = words
    told = acme.type(command, "acne", *options)
    assert told.code == 7
    assert "There is no tenant «acne»" in told.err


def test_approving_wants_to_know_which_and_the_name(acme: Terminal) -> None:
    assert acme.type("approve", "acme", "--confirm=acme").code == 2
    assert acme.type("approve", "acme", "--change", "c1").code == 2
    told = acme.type("reject", "acme", "--all")
    assert told.code == 1
    assert "staffetta holds acme" in told.err


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("--all", "--confirm=acme"), "staffetta holds acme"),
        (("--code", "guard.removals", "--confirm=acme"), "staffetta holds acme"),
        (("--run", "r1", "--confirm=acme"), "staffetta preview acme --run r1"),
    ],
    ids=["all", "code", "run"],
)
def test_a_yes_to_a_whole_list_must_name_what_was_read(
    words: tuple[str, ...], where: str, acme: Terminal
) -> None:
    told = acme.type("approve", "acme", *words)
    assert told.code == 2
    assert "hash" in told.err
    assert where in told.err


def test_a_hash_that_nobody_was_shown_approves_nothing(acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE)
    told = acme.type("approve", "acme", "--hash", "aaaa-bbbb-cccc")
    assert told.code == 1
    assert "staffetta holds acme" in told.err


@pytest.mark.parametrize(
    ("hash_", "code", "says"),
    [("nope", 2, "«nope» is no hash"), ("aaaa-bbbb-cccc", 1, "the hash aaaa-bbbb-cccc")],
    ids=["no hash", "unknown"],
)
def test_a_hash_that_is_nonsense_is_told_before_the_state_of_the_tenant(
    hash_: str, code: int, says: str, acme: Terminal
) -> None:
    told = acme.type("approve", "acme", "--hash", hash_)
    assert told.code == code
    assert 0 <= told.err.find(says) < told.err.find("«acme» is setup")
    assert "→ First comes: staffetta check acme" in told.err


def test_a_cause_that_asks_nobody_is_named_as_a_mistake(acme: Terminal) -> None:
    told = acme.type("approve", "acme", "--code", "key.shared", "--hash", "aaaa-bbbb-cccc")
    assert told.code == 2
    assert "guard.removals" in told.err


def test_what_an_operator_does_stands_in_the_log(acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE)
    acme.type("pause", "acme", "--reason", "payroll week")
    told = acme.type("logs", "--tenant", "acme").out
    assert "pause reason=payroll week" in told
    assert "user.id=operator" in told


def test_who_lets_a_tenant_go_on_stands_in_the_log_once(acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE)
    acme.type("pause", "acme")
    for _ in range(2):
        acme.type("resume", "acme")
    log = (acme.home / "log" / "staffetta.jsonl").read_text(encoding="utf-8").splitlines()
    [resumed] = [each for each in map(json.loads, log) if each["event.action"] == "tenant.resumed"]
    assert (resumed["tenant.id"], resumed["user.id"][:8]) == ("acme", "operator")


def test_a_pause_is_shown_as_data_with_the_command_that_ends_it(acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE)
    assert acme.json("tenant", "show", "acme")["pause"] is None
    acme.type("pause", "acme")
    for told in (acme.json("tenant", "show", "acme"), acme.json("tenant", "list")["tenants"][0]):
        assert told["why"]["code"] == "tenant.paused"
        pause = told["pause"]
        assert (pause["reason"], pause["code"]) == ("by-hand", "tenant.paused")
        assert pause["command"] == "staffetta resume acme"
        assert pause["since"] == told["since"]
        assert pause["ends_at"] > pause["since"]
    assert "staffetta resume acme" in acme.type("tenant", "show", "acme").out


def test_a_blocked_tenant_that_is_paused_by_hand_stays_blocked(acme: Terminal) -> None:
    put(acme, S.READY, S.ACTIVE, S.BLOCKED, why=Code.TARGET_CREDENTIALS_REFUSED)
    assert acme.json("pause", "acme")["state"] == "blocked"
    assert "--target-token-file" in acme.json("tenant", "show", "acme")["pause"]["command"]
