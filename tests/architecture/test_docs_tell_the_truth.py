"""What the documents name exists: files, commands and their options, settings, tests, states."""

import ast
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bootstrap.cli.app import build
from bootstrap.settings import KNOWN
from domain.changes import OPEN, TRANSITIONS, ChangeState
from domain.codes import Code
from domain.notices import Stage, commands, notice_of
from domain.run import NEXT_PHASES
from domain.tenant import MOVES
from schemas.log_line import NAMES, Action
from tests.fakes.incidents import incident, tenant

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "simulators", "deploy", "benchmarks", "profiles")
PAGES = sorted([*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))])
ARCHITECTURE = ROOT / "docs" / "architecture.md"
MADE_BY_READERS = {
    "adapters/targets/acme.py",
    "tests/contracts/test_acme_target.py",
    "deploy/compose.env",
}
"""Files that a guide tells to write."""

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
PATH = re.compile(
    r"(?:adapters|benchmarks|bootstrap|deploy|docs|domain|producers|profiles|schemas|simulators|tests|workers)"
    r"/[\w*./-]*"
)
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
COMMAND = re.compile(
    r"(?<![\w/.-])staffetta((?: --\w+[= ]\S+)*) ([a-z]+(?:-[a-z]+)*)(?: ([a-z]+))?(?=([^\n]*))"
)

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def code_of(page: Path) -> Iterator[str]:
    """Yield what stands between backticks; lines that go on are one line."""
    for block, span in CODE.findall(page.read_text(encoding="utf-8")):
        yield (block or span).replace("\\\n", " ").replace("docker compose run --rm cli", "staffetta")


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8"))]
    inside = [link for link in links if link and not re.match(r"https?:|mailto:", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pages
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = {found.rstrip(".") for code in code_of(page) for found in PATH.findall(code) if "…" not in code}
    assert sorted(name for name in named if not is_there(name)) == []


def is_there(name: str) -> bool:
    return name in MADE_BY_READERS or bool(list(ROOT.glob(name.rstrip("/"))))


@pages
def test_every_test_that_is_named_exists(page: Path) -> None:
    named = {found for code in code_of(page) for found in TEST.findall(code)}
    assert sorted(f"{path}::{name}" for path, name in named if name not in functions_of(path)) == []


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pages
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    known = set(re.findall(r"^COMMANDS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split())
    named = {found for code in code_of(page) for found in re.findall(r"(?<![\w-])make ([a-z]+)", code)}
    assert named <= known


@pages
def test_every_command_that_is_named_exists_with_its_options(page: Path) -> None:
    wrong = [f"staffetta {told}" for code in code_of(page) for told in mistakes(code)]
    assert wrong == []


@cache
def commands_of_the_cli() -> Mapping[str, Any]:
    """Build them once: a page names hundreds."""
    found: Mapping[str, Any] = vars(get_command(build()))["commands"]
    return found


def mistakes(code: str) -> Iterator[str]:
    for _, first, second, rest in COMMAND.findall(code):
        command, told = commands_of_the_cli().get(first), first
        if command is not None and hasattr(command, "commands"):
            default = command.commands.get(getattr(command, "default", ""))
            command, told = command.commands.get(second or "add", default), f"{first} {second}"
        if command is None:
            yield told
            continue
        known = {option for each in command.params for option in each.opts} | {"--help"}
        words = rest.partition(" staffetta ")[0].partition("#")[0]
        yield from (
            f"{told} {option}" for option in re.findall(r"(?<=\s)--[a-z-]+", words) if option not in known
        )


def test_a_wrong_command_is_seen() -> None:
    assert [*mistakes("staffetta sink acme; staffetta tenant lose acme --now")] == ["sink", "tenant lose"]
    assert [*mistakes("STAFFETTA_HOME=x .venv/bin/staffetta sync acme --waiting")] == []
    assert [*mistakes("staffetta --home x sync acme --wait --waiting")] == ["sync --waiting"]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("code", Code)
def test_every_command_that_a_notice_names_exists(code: Code, language: str) -> None:
    told = notice_of(incident(code, run_id="run-7"), tenant(language=language), Stage.OPENED)
    assert [*mistakes(told.body)] == []


@pytest.mark.parametrize("run_id", ["run-7", None])
@pytest.mark.parametrize("code", Code)
def test_every_command_that_looks_further_can_be_typed_as_it_stands(code: Code, run_id: str | None) -> None:
    for told in commands(incident(code, run_id=run_id)):
        _, name, *words = shlex.split(told)
        commands_of_the_cli()[name].make_context(name, words)


@pages
def test_every_setting_that_is_named_is_read(page: Path) -> None:
    named = set(re.findall(r"STAFFETTA_([A-Z_]*[A-Z])", page.read_text(encoding="utf-8")))
    assert named <= set(KNOWN)


@pages
def test_every_cause_that_is_named_is_in_the_catalogue(page: Path) -> None:
    areas = "|".join(sorted({code.value.partition(".")[0] for code in Code}))
    spans = {span for _, span in CODE.findall(page.read_text(encoding="utf-8")) if span}
    named = {span for span in spans if re.fullmatch(rf"(?:{areas})\.[a-z]+(?:-[a-z]+)*", span)}
    files = {span for span in named if span.endswith((".py", ".md", ".sh", ".yml"))}
    lines = {*Action, *NAMES.values()}  # words of the log, some of which begin like a cause
    assert named - files - lines <= {code.value for code in Code}


def test_the_states_of_a_change_are_drawn_as_they_are() -> None:
    rows = [("state", "open", "may become"), ("---", "---", "---")]
    rows += [(state, "yes" if state in OPEN else "no", told(TRANSITIONS[state])) for state in ChangeState]
    assert drawn(rows) in ARCHITECTURE.read_text(encoding="utf-8")


def test_the_phases_of_a_run_are_drawn_as_they_are() -> None:
    rows = [("phase", "may become"), ("---", "---")]
    assert drawn([*rows, *((phase, told(after)) for phase, after in NEXT_PHASES.items())]) in (
        ARCHITECTURE.read_text(encoding="utf-8")
    )


def test_the_states_of_a_tenant_are_drawn_as_they_are() -> None:
    rows = [("tenant is", "may become"), ("---", "---")]
    assert drawn([*rows, *((state, told(after)) for state, after in MOVES.items())]) in (
        ARCHITECTURE.read_text(encoding="utf-8")
    )


def told(states: frozenset[StrEnum]) -> str:
    order = list(type(next(iter(states)))) if states else []
    return ", ".join(each for each in order if each in states) or "(settled)"


def drawn(rows: Sequence[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
