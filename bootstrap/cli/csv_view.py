"""Write rows of plans as CSV for spreadsheets, in which no value can become a formula."""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, TextIO

import typer

from bootstrap.cli.voice import Data, cell
from domain.plain import one_line

AsCsv = Annotated[bool, typer.Option("--csv", help="Answer with CSV for spreadsheets, one value a line.")]

COLUMNS = ("person", "name", "action", "state", "what", "old", "new", "code", "reason", "change")
LONGEST_CELL = 32_000
"""A little less than a spreadsheet takes."""

FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection), full-width forms included."""


def write_changes(rows: Iterable[Data], stream: TextIO | None = None) -> None:
    """Write one line for each value that a row changes, the columns in `COLUMNS` first."""
    writer = csv.writer(stream or sys.stdout, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerows(_lines(row))


def harmless(value: object) -> str:
    """Write a value on one line, with a quotation mark in front of what would be a formula."""
    if value is None or isinstance(value, bool):
        return "" if value is None else cell(value)
    text = str(value)
    formula = text.lstrip(" ").startswith(FORMULAS)
    return ("'" if formula else "") + one_line(text, LONGEST_CELL)


def _lines(row: Data) -> Iterator[Sequence[str]]:
    why = row["why"] or row["cause"] or {}
    head = [harmless(row[name]) for name in ("person", "name", "action", "state")]
    tail = [harmless(why.get("code")), harmless(why.get("sentence")), harmless(row["change"])]
    for each in row["differences"] or [{"path": None, "old": None, "new": None}]:
        yield [*head, *(harmless(each[name]) for name in ("path", "old", "new")), *tail]
