"""The reference of log lines is what the product writes: no more and no less."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from schemas.log_line import MESSAGES, NAMES, Action

ROOT = Path(__file__).parents[2]
PACKAGES = ("adapters", "bootstrap", "producers", "workers")
GUIDE = ROOT / "docs" / "guides" / "log-lines.md"
ROW = re.compile(
    r"^\| `(?P<action>[a-z-]+\.[a-z-]+)` \| (?P<level>debug|info|warning|error) \|", re.MULTILINE
)
FIELD = re.compile(r"^\| `(?P<field>[a-z@_.]+)` \|", re.MULTILINE)


def test_every_action_of_the_closed_list_is_written_by_somebody() -> None:
    assert sorted(set(Action) - set(written(ROOT))) == []


def test_an_action_that_is_only_looked_for_is_not_written() -> None:
    source = "lines = [x for x in log if x.action == Action.RUN_ENDED]\nlog_event(Action.RUN_STARTED)"
    assert list(actions_of(source)) == [Action.RUN_STARTED]


def test_the_guide_lists_exactly_these_actions_with_their_levels() -> None:
    told = {found["action"]: found["level"] for found in ROW.finditer(GUIDE.read_text(encoding="utf-8"))}
    assert told == {action.value: level for action, (level, _) in MESSAGES.items()}


def test_the_guide_names_only_fields_that_a_line_may_have() -> None:
    told = {found["field"] for found in FIELD.finditer(GUIDE.read_text(encoding="utf-8"))}
    told -= {action.value for action in Action}
    assert told
    assert told <= {*NAMES.values(), "count."}


def written(root: Path) -> Iterator[Action]:
    """Find every action that the product hands to whoever writes lines."""
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            yield from actions_of(path.read_text(encoding="utf-8"))


def actions_of(source: str) -> Iterator[Action]:
    """Find the actions in calls that log, and in tables of actions from which such calls take theirs."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(args=[first, *_]) if is_log(node.func):
                yield from named(first)
            case (
                ast.Assign(value=ast.Dict(values=values))
                | ast.AnnAssign(value=ast.Dict(values=values))
                | ast.Return(value=ast.Dict(values=values))
            ):
                for value in values:
                    yield from named(value)
            case _:
                pass


def is_log(function: ast.expr) -> bool:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"log", "_log", "log_event", "_log_event"}
        case _:
            return False


def named(node: ast.expr) -> Iterator[Action]:
    for inner in ast.walk(node):
        match inner:
            case ast.Attribute(value=ast.Name(id="Action"), attr=name) if name in Action.__members__:
                yield Action[name]
