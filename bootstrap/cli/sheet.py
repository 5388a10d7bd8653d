"""A table that never loses a column: where a terminal is too narrow for it, each row is a paragraph."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

READABLE = 12
"""Narrower, a column is folded into syllables that nobody reads."""

GAP = 2
INDENT = (0, 0, 0, 2)


class Sheet(Table):
    """Draw columns where they fit, and «column value» after «column value» where they do not."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose by the width that there is."""
        if self._fits(options.max_width):
            yield from super().__rich_console__(console, options)
            return
        for row in zip(*(column.cells for column in self.columns), strict=True):
            yield from self._paragraph([_plain(each) for each in row])

    def _fits(self, width: int) -> bool:
        needed = [_widest(column) for column in self.columns]
        least = needed[:1] + [min(each, READABLE) for each in needed[1:]]
        return sum(least) + GAP * (len(least) - 1) <= width

    def _paragraph(self, row: list[str]) -> Iterator[RenderableType]:
        first, *others = row
        if first:
            yield Text(first, style="bold", overflow="fold")
        names = [_plain(column.header) for column in self.columns[1:]]
        told = " · ".join(
            f"{name} {value}".strip() for name, value in zip(names, others, strict=True) if value
        )
        if told:
            yield Padding(Text(told, overflow="fold"), INDENT)


def _widest(column: Column) -> int:
    return max(len(line) for each in (column.header, *column.cells) for line in _plain(each).split("\n"))


def _plain(told: RenderableType) -> str:
    return told.plain if isinstance(told, Text) else str(told)
