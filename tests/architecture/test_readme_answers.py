"""Every answer of the README is held by a test that exists; a promise that nobody tests is not made."""

import re
from pathlib import Path

import pytest

from tests.architecture.test_docs_tell_the_truth import functions_of

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<question>[^|]+\?) \| (?P<answer>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [row.groupdict() for row in ROW.finditer(README)]


def test_the_questions_that_everybody_asks_are_answered() -> None:
    assert len(ROWS) >= 20
    asked = " ".join(row["question"].lower() for row in ROWS)
    for word in (
        "two rows",
        "approval",
        "e-mail",
        "redis",
        "killed",
        "un-ticked",
        "empty",
        "deactivated",
        "never",
    ):
        assert word in asked


@pytest.mark.parametrize("row", ROWS, ids=[row["question"] for row in ROWS])
def test_an_answer_is_one_line_and_held_by_tests_that_exist(row: dict[str, str]) -> None:
    named = TEST.findall(row["tests"])
    assert named
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []
    assert len(row["answer"]) <= 240
