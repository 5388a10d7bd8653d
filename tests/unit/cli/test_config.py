"""Versions of a configuration are shown, compared and proposed by the command line."""

from pathlib import Path

import pytest

from bootstrap.cli.exits import ExitCode
from domain.employee import Attribute
from domain.ids import ConfigVersion, RunId, TenantId
from domain.records import NewRun
from domain.run import Outcome, RunKind
from domain.tenant import TenantState
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
TWO = '[policy]\napproval = "two"\n'
FILTER = '[[scope.where]]\nattribute = "office"\nin = ["Berlin", "Kiel"]\n'


def file(folder: Path, text: str) -> Path:
    path = folder / "acme.toml"
    path.write_text(f'profile = "generic"\n{text}', encoding="utf-8")
    return path


@pytest.fixture
def active(acme: Terminal) -> Terminal:
    with acme.store() as store, store.write() as tx:
        for state in (TenantState.READY, TenantState.ACTIVE):
            assert tx.tenants.move(ACME, state, None)
    return acme


def test_a_tenant_that_was_never_active_takes_a_change_at_once(acme: Terminal, tmp_path: Path) -> None:
    told = acme.type("config", "set", "acme", "--file", file(tmp_path, FILTER))
    assert told.code == 0, told.err
    assert "Version 2" in told.err
    assert "office is one of Berlin, Kiel" in acme.type("config", "show", "acme").out


def test_an_active_tenant_gets_a_proposal_that_does_not_count(active: Terminal, tmp_path: Path) -> None:
    told = active.type("config", "set", "acme", "--file", file(tmp_path, FILTER), "--no-plan")
    assert told.code == 0, told.err
    assert "Version 2 is proposed; no run uses it" in told.err
    assert active.json("config", "show", "acme")["configuration"]["version"] == 1
    rows = active.json("config", "history", "acme")["versions"]
    assert [(row["version"], row["state"]) for row in rows] == [(2, "proposed"), (1, "current")]


def test_what_differs_is_said_by_lines_and_conditions(active: Terminal, tmp_path: Path) -> None:
    mapped = '[[mapping]]\nsource = "email"\npath = "userName"\nrequired = true\n'
    active.type("config", "set", "acme", "--file", file(tmp_path, FILTER + mapped), "--no-plan")
    told = active.type("config", "diff", "acme").out
    assert "from version 1 to version 2" in told
    assert "+ filter office is one of Berlin, Kiel" in told
    assert "- mapping name.familyName" in told
    assert "~ mapping userName: transform lower → transform none" in told
    found = active.json("config", "diff", "acme", "1", "2")["differences"]
    assert {key: value for key, value in found[-1].items() if key != "after"} == {
        "what": "filter office is one of Berlin, Kiel",
        "before": None,
    }


def test_a_custom_attribute_is_shown_with_the_label_that_the_company_gave_it(
    active: Terminal, tmp_path: Path
) -> None:
    with active.store() as store, store.write() as tx:
        tx.attributes.learn(ACME, [Attribute("dynamic_4711", "T-Shirt size", "list", None)])
    where = FILTER.replace("office", "dynamic_4711")
    active.type("config", "set", "acme", "--file", file(tmp_path, where), "--no-plan")
    told = active.type("config", "diff", "acme").out
    assert "+ filter «T-Shirt size» (dynamic_4711) is one of Berlin, Kiel" in told
    assert "«T-Shirt size» (dynamic_4711)" in active.type("config", "show", "acme", "--version", "2").out
    data = active.json("config", "diff", "acme")
    assert data["differences"][0]["what"] == "filter dynamic_4711 is one of Berlin, Kiel"
    assert data["labels"] == {"dynamic_4711": "T-Shirt size"}


def test_only_a_new_schedule_counts_at_once(active: Terminal, tmp_path: Path) -> None:
    told = active.type("config", "set", "acme", "--file", file(tmp_path, '[schedule]\nevery = "2h"\n'))
    assert told.code == 0, told.err
    assert "counts at once" in told.err


def test_a_proposal_is_dropped(active: Terminal, tmp_path: Path) -> None:
    active.type("config", "set", "acme", "--file", file(tmp_path, FILTER), "--no-plan")
    assert active.json("config", "discard", "acme")["discarded"] == 1
    assert "Nothing was proposed" in active.type("config", "discard", "acme").err


def test_applying_needs_the_name_a_proposal_and_a_plan(active: Terminal, tmp_path: Path) -> None:
    assert active.type("config", "apply", "acme").code == 2
    assert "Nothing is proposed" in active.type("config", "apply", "acme", "--confirm=acme").err
    active.type("config", "set", "acme", "--file", file(tmp_path, FILTER), "--no-plan")
    told = active.type("config", "apply", "acme", "--confirm=acme")
    assert told.code != 0
    assert "staffetta config plan acme" in told.err


def planned(terminal: Terminal, version: int) -> None:
    """Store a plan of a version that changes nobody."""
    run = RunId(f"plan-{version}")
    with terminal.store() as store, store.write() as tx:
        new = NewRun(RunKind.FEED, f"plan:{version}", "test", plan_only=True)
        assert tx.runs.add(ACME, run, new, ConfigVersion(version))
        tx.runs.end(ACME, run, Outcome.PLANNED)


@pytest.mark.parametrize("command", [("config", "apply"), ("activate",)], ids=["config apply", "activate"])
def test_a_plan_of_a_tenant_that_wants_two_waits_for_another_operator(
    acme: Terminal, tmp_path: Path, command: tuple[str, ...]
) -> None:
    states = [TenantState.READY, TenantState.ACTIVE] if command == ("config", "apply") else []
    with acme.store() as store, store.write() as tx:
        assert all(tx.tenants.move(ACME, state, None) for state in states)
    acme.type("config", "set", "acme", "--file", file(tmp_path, TWO), "--no-plan")
    with acme.store() as store, store.write() as tx:
        assert states or tx.tenants.move(ACME, TenantState.READY, None)
    planned(acme, 2)
    first = acme.type(*command, "acme", "--confirm=acme", "--json", LOGNAME="ada")
    assert (first.code, first.data["waits_for"]) == (ExitCode.HELD, "second-yes")
    assert f"another operator may type: staffetta {' '.join(command)} acme" in first.err
    waiting = acme.type("holds", "acme", "--json")
    assert waiting.code == ExitCode.HELD
    assert "Nothing is held; 1 list of changes still wants a second person's yes." in waiting.err
    (row,) = waiting.data["second_yes"]
    assert row["first_by"] == "operator:ada"
    assert row["command"].startswith(f"staffetta {' '.join(command)} acme --")
    assert f"another operator's yes to {row['hash']}: {row['command']}" in acme.type("holds", "acme").out
    other = acme.type("approve", "acme", "--hash", row["hash"], LOGNAME="bob")
    assert other.code != ExitCode.OK
    assert row["command"] in other.err
    again = acme.type(*command, "acme", "--confirm=acme", LOGNAME="ada")
    assert again.code == ExitCode.FAILED
    assert "somebody else" in again.err
    assert acme.type(*row["command"].split()[1:], LOGNAME="bob").code == ExitCode.OK
    assert acme.json("audit", "acme")["entries"][0]["by"] == "operator:ada+operator:bob"


def test_going_back_to_a_version_that_is_not_there_is_told(active: Terminal) -> None:
    told = active.type("config", "rollback", "acme", "--to", "7")
    assert told.code == 7
    assert "config history acme" in told.err
    assert active.type("config", "show", "acme", "--version", "7").code == 7


@pytest.mark.parametrize("how", ["discarded", "planned anew under another version"])
def test_a_first_yes_to_what_is_no_longer_so_waits_for_nobody(
    active: Terminal, tmp_path: Path, how: str
) -> None:
    active.type("config", "set", "acme", "--file", file(tmp_path, TWO), "--no-plan")
    planned(active, 2)
    assert active.type("config", "apply", "acme", "--confirm=acme", LOGNAME="ada").code == ExitCode.HELD
    if how == "discarded":
        active.json("config", "discard", "acme")
    else:
        active.type("config", "set", "acme", "--file", file(tmp_path, TWO + FILTER), "--no-plan")
        planned(active, 3)
    told = active.type("holds", "acme")
    assert (told.code, told.err.strip()) == (ExitCode.OK, "Nothing is held.")
    assert "is out of date: what was read is no longer so" in told.out
    assert "another operator's yes" not in told.out
    assert [row["stands"] for row in active.json("holds", "acme")["second_yes"]] == [False]
