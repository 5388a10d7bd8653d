"""Every place of the product that logs names an action of the closed list and fields of the closed set."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from bootstrap.logging import log_event
from schemas.log_line import NAMES, Action, Fields
from tests.fakes.log import lines_of, logged

ROOT = Path(__file__).parents[3]
PACKAGES = ("domain", "workers", "producers", "adapters", "bootstrap")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
LOGGERS = {"log", "_log", "logger", "_logger", "LOG", "LOGGER"}

EXAMPLES: dict[str, Any] = dict.fromkeys(Fields.__annotations__, "example") | {
    "outcome": "success",
    "operation": "process",
    "http_status": 200,
    "duration_ns": 1_000,
    "attempt": 2,
    "count": 3,
    "config_version": 4,
    "counts": {"applied": 5},
}


@dataclass(frozen=True, slots=True)
class Site:
    """One place that logs: its action, its fields by the names on the line, and what is wrong with it."""

    place: str
    action: str
    fields: tuple[str, ...]
    complaints: tuple[str, ...] = ()


def sites(source: str, place: str) -> Iterator[Site]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield from _table(node, f"{place}:{node.lineno}")
        elif isinstance(node, ast.Call) and (name := _called(node)):
            where = f"{place}:{node.lineno}"
            if name.endswith("log_event"):
                yield _typed(node, where)
            elif name == "log" and _receiver(node) in LOGGERS:
                yield from _chosen(node, where)
            elif name in LEVELS and _receiver(node) in LOGGERS:
                yield _direct(node, where)


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _receiver(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case _:
            return ""


def _typed(node: ast.Call, where: str) -> Site:
    names = tuple(word.arg for word in node.keywords if word.arg and word.arg != "failure")
    action = _action(node.args[0]) if node.args else ""
    strange = [f"unknown field {name}" for name in names if name not in Fields.__annotations__]
    known = tuple(_on_the_line(name) for name in names if name in Fields.__annotations__)
    return Site(where, action, known, tuple(strange + _about(action)))


def _on_the_line(name: str) -> str:
    return "count.applied" if name == "counts" else NAMES[name]


def _direct(node: ast.Call, where: str) -> Site:
    said = {key: value for word in node.keywords for key, value in _pairs(word)}
    action = _action(said["event.action"]) if "event.action" in said else ""
    strange = [f"unknown field {name}" for name in said if name not in NAMES.values() and name != "exc_info"]
    constant = bool(node.args) and isinstance(node.args[0], ast.Constant)
    strange += [] if constant else ["the text is not constant"]
    fields = tuple(name for name in said if name not in {"event.action", "exc_info"})
    return Site(where, action, fields, tuple(strange + _about(action)))


def _chosen(node: ast.Call, where: str) -> Iterator[Site]:
    """Look at `log.log(level, text, **fields)`: its action comes from a table, which is looked at alone."""
    if not (len(node.args) > 1 and isinstance(node.args[1], ast.Constant)):
        yield Site(where, "", (), ("the text is not constant",))


def _table(node: ast.Assign | ast.AnnAssign, where: str) -> Iterator[Site]:
    """Look at a table of actions, named so."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if any(name.endswith("ACTIONS") for name in names) and isinstance(node.value, ast.Dict):
        for value in node.value.values:
            yield Site(where, _action(value), (), tuple(_about(_action(value))))


def _pairs(word: ast.keyword) -> Iterator[tuple[str, ast.expr]]:
    if word.arg is not None:
        yield word.arg, word.value
    elif isinstance(word.value, ast.Dict):
        for key, value in zip(word.value.keys, word.value.values, strict=True):
            yield _key(key) if key else ast.unparse(value), value
    else:
        yield ast.unparse(word.value), word.value


def _key(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


def _action(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.Attribute(value=ast.Name(id="Action"), attr=name) if name in Action.__members__:
            return Action[name].value
        case _:
            return ""


def _about(action: str) -> list[str]:
    return [] if action in set(Action) else [f"no action of the closed list: {action or 'none'}"]


def everywhere() -> list[Site]:
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return [
        site
        for path in paths
        for site in sites(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]


def test_every_place_that_logs_names_an_action_and_known_fields() -> None:
    assert [(site.place, site.complaints) for site in everywhere() if site.complaints] == []


def test_there_are_places_that_log() -> None:
    assert {"incident.opened", "incident.resolved"} <= {site.action for site in everywhere()}


def test_every_place_renders_to_a_line_of_the_schema() -> None:
    told = [site for site in everywhere() if not site.complaints]
    examples = {_on_the_line(name): value for name, value in EXAMPLES.items()} | {"count.applied": 5}
    with logged() as stream:
        for site in told:
            fields = {name: examples.get(name, "example") for name in site.fields}
            structlog.get_logger("staffetta").error("example", **{"event.action": site.action}, **fields)
    assert [line.action.value for line in lines_of(stream)] == [site.action for site in told]
    assert all(line.dropped is None for line in lines_of(stream))


@pytest.mark.parametrize("action", list(Action))
def test_every_action_with_every_field_renders_to_a_line_of_the_schema(action: Action) -> None:
    with logged() as stream:
        log_event(action, **EXAMPLES)
    assert [line.action for line in lines_of(stream)] == [action]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("log_event(Action.RUN_STARTED, email='x')", "unknown field email"),
        ("self._log_event(Action.NEVER_HEARD_OF)", "no action of the closed list: none"),
        ("log_event('run.begun')", "no action of the closed list: run.begun"),
        ("self._log.warning('x', **{'event.action': 'bell.lost', 'name': n})", "unknown field name"),
        ("logger.info(f'hello {name}', **{'event.action': 'bell.lost'})", "the text is not constant"),
        ("log.log(level, text, **fields)", "the text is not constant"),
        ("ACTIONS = {RunDue: 'run.begun'}", "no action of the closed list: run.begun"),
        ("log.error('no action at all')", "no action of the closed list: none"),
    ],
)
def test_a_careless_place_is_seen(source: str, complaint: str) -> None:
    (site,) = sites(source, "somewhere.py")
    assert complaint in site.complaints


def test_a_careful_place_is_accepted() -> None:
    source = "self._log_event(Action.ITEM_HELD, tenant_id=t, failure=error)\nmath.log(2)\nparser.error('x')"
    (site,) = sites(source, "somewhere.py")
    assert (site.action, site.fields, site.complaints) == ("item.held", ("tenant.id",), ())
