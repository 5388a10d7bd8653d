"""Speak: data on standard output, words on standard error; a table for people, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TextIO, TypeAlias

from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from bootstrap.cli.sheet import Sheet
from domain.causes import for_tenant
from domain.labels import CUSTOM, with_labels
from domain.plain import one_line

SCHEMA = 1
"""Version of the JSON shapes; a field is only ever added under the same number."""

WIDE = 200
"""Columns where nobody looks at a terminal, so that `grep` finds whole rows."""

LONGEST_CELL, LONGEST_VALUE = 160, 1_000

Data: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[Data], Iterable[RenderableType]]


@dataclass(frozen=True, slots=True)
class Voice:
    """How this command answers."""

    json: bool = False

    def tell(self, data: Data, draw: Draw) -> None:
        """Answer with data, in the form that was asked for; commands in cures name the tenant."""
        data = _named(data, "")
        if self.json:
            few = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8"
            text = json.dumps({"schema": SCHEMA} | data, indent=2, ensure_ascii=few, default=_plain)
            sys.stdout.write(text + "\n")
            return
        data = _labelled(data, {})
        console = console_on(sys.stdout)
        for part in draw(data):
            console.print(part)

    def say(self, *sentences: str) -> None:
        """Say something that is not the answer."""
        console = console_on(sys.stderr)
        for sentence in sentences:
            console.print(Text(sentence), soft_wrap=True)

    def complain(self, what: str, cure: str) -> None:
        """Say what is wrong and what to do about it."""
        console = console_on(sys.stderr)
        console.print(Text(what, style="red"), soft_wrap=True)
        console.print(Text(f"  → {cure}"), soft_wrap=True)


def _labelled(value: Any, labels: Mapping[str, str]) -> Any:  # noqa: ANN401  data of any shape
    """Let a human read a company's labels where data has some; programs get keys and labels apart."""
    match value:
        case str() if labels and CUSTOM.search(value):
            return with_labels(value, labels)
        case Mapping():
            known = value.get("labels") or labels
            return {
                _labelled(key, known): _labelled(each, known)
                for key, each in value.items()
                if key != "labels"
            }
        case list() | tuple():
            return [_labelled(each, labels) for each in value]
        case _:
            return value


class Paper(Console):
    """A console that leaves it to the frame of commands what becomes of a reader who has gone."""

    def on_broken_pipe(self) -> None:
        """Say so, where rich would end the process."""
        raise BrokenPipeError


def console_on(stream: TextIO) -> Console:
    """Draw on a stream; colours only on a terminal and without NO_COLOR."""
    width = None if stream.isatty() else WIDE
    return Paper(file=stream, width=width, markup=False, highlight=False, emoji=False)


def table(*columns: str, numbers: Iterable[str] = ()) -> Table:
    """Begin a table without frames; columns of numbers stand to the right."""
    made = Sheet(box=None, pad_edge=False, header_style="bold", show_edge=False)
    right = frozenset(numbers)
    for number, column in enumerate(columns):
        justify: JustifyMethod = "right" if column in right else "left"
        made.add_column(column, justify=justify, overflow="fold", no_wrap=number == 0)
    return made


def cell(value: object, longest: int = LONGEST_CELL) -> str:
    """Write a value so that it can neither break a table nor steer a terminal."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return one_line(str(value), longest)


def pairs(rows: Iterable[tuple[str, object]]) -> Table:
    """Draw names and values below each other."""
    made = Table(box=None, pad_edge=False, show_header=False, show_edge=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, cell(value, LONGEST_VALUE))
    return made


def counted(count: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: 1 person, 2 people."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def heading(text: str) -> Text:
    """Write a heading with a blank line above."""
    return Text(f"\n{text}", style="bold")


def line(text: str, style: str = "") -> Text:
    """Write one line of data."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    return Text(indent + one_line(text, 2_000), style=style)


def _named(data: Data, tenant: str) -> Data:
    """Let sentences and cures speak of the tenant that the data around them is about."""
    here = str(data.get("tenant") or tenant)
    return {key: _spoken(key, value, here) for key, value in data.items()}


def _spoken(key: str, value: object, tenant: str) -> object:
    match value:
        case dict():
            return _named(value, tenant)
        case list():
            return [_spoken(key, each, tenant) for each in value]
        case str() if key in {"sentence", "cure"}:
            return for_tenant(value, tenant)
        case _:
            return value


def _plain(value: object) -> object:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return dict(value)
        case set() | frozenset():
            return sorted(value)
        case _:
            return str(value)


def nothing(_: Data) -> Iterable[RenderableType]:
    """Draw nothing: the words say it."""
    return ()
