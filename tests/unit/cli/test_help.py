"""Every command explains itself, examples first, and answers programs as well."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from typer.main import get_command

from bootstrap.cli.app import build
from tests.unit.cli.terminal import Terminal


def commands(group: Any, *path: str) -> Iterator[tuple[str, ...]]:  # noqa: ANN401  typer's own types are private
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


ALL = sorted(commands(get_command(build())))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_begins_with_examples(words: tuple[str, ...], terminal: Terminal) -> None:
    told = terminal.type(*words, "--help")
    assert told.code == 0
    usage, _, rest = told.out.partition("\n\n")
    assert usage.startswith("Usage:")
    assert rest.split("\n")[0].strip() == "Examples:"
    assert f"staffetta {' '.join(words)}" in rest


@pytest.mark.parametrize("words", [words for words in ALL if words != ("up",)], ids=" ".join)
def test_every_command_that_answers_has_json(words: tuple[str, ...], terminal: Terminal) -> None:
    assert "--json" in terminal.type(*words, "--help").out


def test_the_issues_commands_are_there() -> None:
    names = {words[0] for words in ALL}
    wanted = "init up tenant check preview activate sync resync runs run person pause resume logs doctor"
    assert set(wanted.split()) <= names


@pytest.mark.parametrize(("typed", "meant"), [("chek", "check"), ("pausee", "pause"), ("tenants", "tenant")])
def test_a_typing_error_gets_a_suggestion(typed: str, meant: str, terminal: Terminal) -> None:
    told = terminal.type(typed)
    assert told.code == 2
    assert meant in told.err


def test_no_command_shows_what_there_is(terminal: Terminal) -> None:
    told = terminal.type()
    assert told.code == 2
    assert "Examples:" in told.out + told.err


def test_who_reports_a_fault_can_name_the_release(terminal: Terminal) -> None:
    told = terminal.type("--version")
    assert (told.code, told.out) == (0, f"staffetta {version('staffetta')}\n")


def test_nothing_is_coloured_where_nobody_looks(terminal: Terminal) -> None:
    told = terminal.type("check", "nobody")
    assert "\x1b" not in told.out + told.err
