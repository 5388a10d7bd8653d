"""What leaves for a spreadsheet is read by people: no value of it may begin to compute."""

import csv
from io import StringIO

import pytest

from bootstrap.cli.csv_view import COLUMNS, harmless, write_changes
from bootstrap.cli.voice import Data
from tests.unit.cli.terminal import Terminal

FORMULAS = [
    '=HYPERLINK("http://evil.example","click")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
]


def row(**told: object) -> Data:
    usual: Data = {
        "person": "4711",
        "name": "Ada Lovelace",
        "action": "update",
        "state": "held",
        "why": {"code": "guard.updates", "sentence": "Many at once."},
        "cause": None,
        "change": "c1",
        "differences": [{"path": "title", "old": None, "new": "Engineer"}],
    }
    return usual | told


def read(*rows: Data) -> list[list[str]]:
    stream = StringIO(newline="")
    write_changes(rows, stream)
    return list(csv.reader(StringIO(stream.getvalue(), newline="")))


@pytest.mark.parametrize("value", FORMULAS)
def test_k6_no_value_begins_a_formula(value: str) -> None:
    told = read(row(name=value, differences=[{"path": "title", "old": value, "new": value}]))
    for text in (told[1][1], told[1][5], told[1][6]):
        assert text.startswith("'")
        assert "\n" not in text
        assert "\r" not in text


@pytest.mark.parametrize(
    "value", ["Ada", "O'Neill", "a=b", "3.5", "x@example.com", 'said "no", twice; left', "Ü"]
)
def test_a_harmless_value_stays_as_it_is(value: str) -> None:
    assert harmless(value) == value
    assert read(row(name=value))[1][1] == value


def test_each_value_that_changes_is_a_line_with_the_person_and_the_reason() -> None:
    two = [{"path": "title", "old": None, "new": "CTO"}, {"path": "active", "old": True, "new": False}]
    assert read(row(differences=two)) == [
        list(COLUMNS),
        [
            "4711",
            "Ada Lovelace",
            "update",
            "held",
            "title",
            "",
            "CTO",
            "guard.updates",
            "Many at once.",
            "c1",
        ],
        [
            "4711",
            "Ada Lovelace",
            "update",
            "held",
            "active",
            "yes",
            "no",
            "guard.updates",
            "Many at once.",
            "c1",
        ],
    ]


def test_a_row_without_a_value_is_a_line_as_well() -> None:
    assert len(read(row(differences=[], why=None))) == 2


def test_holds_answer_with_the_header_where_nothing_is_held(acme: Terminal) -> None:
    told = acme.type("holds", "acme", "--csv")
    assert told.code == 0
    assert next(csv.reader(StringIO(told.out))) == list(COLUMNS)
