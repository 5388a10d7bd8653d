"""`init` makes what is missing, keeps what is there, and never lets two keys fight over one database."""

import fcntl
import stat
from pathlib import Path

import pytest

from tests.unit.cli.terminal import Terminal


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_a_private_home_and_a_private_key(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "var")
    told = terminal.type("init", "--json")
    assert (told.code, told.data["master_key_made"]) == (0, True)
    assert mode(terminal.home) == 0o700
    assert mode(terminal.home / "master.key") == 0o600
    assert "Next" in told.err


def test_init_twice_changes_nothing(terminal: Terminal) -> None:
    key = (terminal.home / "master.key").read_bytes()
    told = terminal.type("init", "--json")
    assert (told.code, told.data["master_key_made"]) == (0, False)
    assert (terminal.home / "master.key").read_bytes() == key


def test_a_home_named_by_option_wins_over_the_environment(terminal: Terminal, tmp_path: Path) -> None:
    told = terminal.type("init", "--home", tmp_path / "other")
    assert told.code == 0
    assert (tmp_path / "other" / "master.key").exists()
    assert str(tmp_path / "other") in told.err


def test_a_lost_key_beside_a_database_is_never_replaced(terminal: Terminal) -> None:
    (terminal.home / "master.key").unlink()
    told = terminal.type("init")
    assert told.code == 4
    assert "backup" in told.err
    assert not (terminal.home / "master.key").exists()


@pytest.mark.parametrize("lost", ["gone", "empty"])
def test_a_database_that_vanished_beside_a_living_key_is_never_replaced_in_silence(
    lost: str, acme: Terminal
) -> None:
    database = acme.home / "staffetta.sqlite"
    for each in acme.home.glob("staffetta.sqlite*"):
        each.unlink()
    if lost == "empty":
        database.touch()
    for words in (["tenant", "list"], ["init"], ["up"]):
        told = acme.type(*words)
        assert told.code == 1
        assert f"The database {database} is {lost}" in told.err
        assert "backup" in told.err
        assert "staffetta init --new-database" in told.err
        assert database.exists() is (lost == "empty")
    found = {each["about"]: each for each in acme.type("doctor", "--json").data["findings"]}
    assert str(database) in found["database"]["what"]
    assert acme.type("init", "--new-database").code == 0
    assert acme.json("tenant", "list")["tenants"] == []


def test_a_wrong_key_starts_nothing(terminal: Terminal, tmp_path: Path) -> None:
    other = Terminal(tmp_path / "other")
    other.type("init")
    (terminal.home / "master.key").write_bytes((other.home / "master.key").read_bytes())
    told = terminal.type("tenant", "list")
    assert told.code == 4
    assert "Traceback" not in told.err


def test_a_key_that_others_may_read_starts_nothing(terminal: Terminal) -> None:
    (terminal.home / "master.key").chmod(0o644)
    told = terminal.type("tenant", "list")
    assert told.code == 4
    assert "chmod 600" in told.err


def test_before_init_every_command_says_how_to_begin(tmp_path: Path) -> None:
    told = Terminal(tmp_path / "nothing").type("tenant", "list")
    assert told.code == 1
    assert "staffetta init" in told.err
    assert not (tmp_path / "nothing").exists()


def test_a_folder_that_is_not_ours_stays_as_it_is(tmp_path: Path) -> None:
    assert Terminal(tmp_path).type("tenant", "list").code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_environment_is_a_mistake_in_use(terminal: Terminal) -> None:
    told = terminal.type("tenant", "list", STAFFETTA_LOG_LEVEL="LOUD", STAFFETTA_CLIENT_SECRET="canary-7")
    assert told.code == 2
    assert "STAFFETTA_LOG_LEVEL" in told.err
    assert "STAFFETTA_CLIENT_SECRET" in told.err
    assert "canary-7" not in told.err


def test_a_second_up_in_the_same_folder_is_refused(terminal: Terminal) -> None:
    with (terminal.home / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = terminal.type("up")
    assert told.code == 1
    assert "up" in told.err
    assert "Traceback" not in told.err


def test_what_comes_next_after_init_speaks_of_no_process_that_does_not_run(terminal: Terminal) -> None:
    told = terminal.type("init").err
    assert "Next:" in told
    assert "after Ctrl-C" not in told


def test_a_home_that_cannot_be_a_folder_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / ("x" * 300)):
        for words in (("init",), ("tenant", "list"), ("up",)):
            told = Terminal(home).type(*words)
            assert told.code == 1
            assert "unexpected" not in told.err
            assert "Traceback" not in told.err
