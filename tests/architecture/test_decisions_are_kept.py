"""Decisions of docs/decisions that a few lines can watch over; each page names who keeps it."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import redis

from adapters.queue.broker import EVERY_COMMAND, DeadLetters, build_broker
from adapters.queue.codec import decode, encode
from domain.config import Policy
from domain.events import (
    ConcludeDue,
    EmployeeChanged,
    Event,
    IncidentChanged,
    NoticesDue,
    PageDue,
    ProbeDue,
    Queue,
    RunDue,
)
from domain.ids import ChangeId, EnvelopeId, IncidentId, RunId, SetbackId, TenantId
from schemas.messages import Message

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PRODUCT = ("domain", "schemas", "adapters", "workers", "producers", "bootstrap")
IDS = {TenantId, RunId, EnvelopeId, ChangeId, IncidentId, SetbackId, tuple[ChangeId, ...], Queue, int}
"""All that a message may say; `int` is a number of pages read, or of probes made."""

ACME, RUN = TenantId("acme"), RunId("r1")
EVENTS: list[Event] = [
    RunDue(ACME, RUN),
    PageDue(ACME, RUN, 3),
    ConcludeDue(ACME, RUN),
    EmployeeChanged(ACME, RUN, EnvelopeId("e1"), (ChangeId("c1"), ChangeId("c2")), Queue.URGENT),
    IncidentChanged(ACME, IncidentId("i1")),
    NoticesDue(ACME),
    ProbeDue(ACME, SetbackId("s1"), 2),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_fits_on_a_page_and_says_who_keeps_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.match(rf"# {page.stem[:4]} \S", text)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Context", "Decision", "Consequences", "Alternatives", "Kept by",
    ]  # fmt: skip
    decision = text.partition("## Decision\n")[2].partition("\n## ")[0].strip()
    assert re.match(r"\*\*[^*]+\.\*\*", decision)
    assert "`" in text.partition("## Kept by\n")[2]
    assert text.count("\n") <= 60


def test_decisions_are_numbered_once_and_listed() -> None:
    numbers = [page.stem[:4] for page in PAGES]
    assert numbers == sorted(set(numbers))
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"(decisions/{page.name})" not in listed] == []


@pytest.mark.parametrize("event", get_args(Event), ids=lambda event: event.__name__)
def test_an_event_holds_ids_and_nothing_about_people(event: type[Any]) -> None:
    assert {field.name for field in dataclasses.fields(event)} == set(get_type_hints(event))
    assert set(get_type_hints(event).values()) <= IDS


def test_every_event_travels_as_a_message_and_comes_back_the_same() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert [decode(encode(event)) for event in EVENTS] == EVENTS
    tags = {kind.__struct_config__.tag for kind in get_args(Message)}
    assert {encode(event)["type"] for event in EVENTS} == tags


def test_nothing_retries_or_delays_a_message_but_the_store() -> None:
    broker = build_broker(redis.Redis.from_url("redis://127.0.0.1:1"), lambda *_: None)
    assert [type(each) for each in broker.middleware] == [DeadLetters]
    assert broker.maintenance_chance == EVERY_COMMAND
    assert [
        place for place, call in calls() if {each.arg for each in call.keywords} & {"delay", "max_retries"}
    ] == []
    broker.close()


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in (*(ROOT / "adapters" / "queue").glob("*.py"), *(ROOT / "workers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{path.name}:{node.lineno}", node


@pytest.mark.parametrize("package", PRODUCT)
def test_the_product_waits_in_threads_and_not_in_coroutines(package: str) -> None:
    found = [path.name for path in (ROOT / package).rglob("*.py") if is_async(path.read_text("utf-8"))]
    assert found == []


def is_async(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.AsyncFunctionDef | ast.Await) or {"asyncio", "anyio"} & set(names):
            return True
    return False


def test_only_the_row_of_a_deletion_removes_an_account() -> None:
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for room in ("workers", "producers", "bootstrap", "domain")
        for path in (ROOT / room).rglob("*.py")
    }
    assert [name for name, source in sources.items() if "target.delete(" in source] == ["workers/removing.py"]
    asking = {name for name, source in sources.items() if "        Action.DELETE,\n" in source}
    assert asking == {"domain/deletions.py"}
    usual = Policy()
    days = (usual.left_deleted_after, usual.left_filter_deleted_after, usual.not_seen_deleted_after)
    assert days == (None, None, None)
