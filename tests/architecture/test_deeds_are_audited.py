"""Every deed of the audit is recorded somewhere, and a test sees its entry; a new one cannot be forgotten."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from domain.audit import Deed

ROOT = Path(__file__).parents[2]
DOERS = ("producers", "bootstrap/cli")
SEERS = ("tests/flow", "tests/unit/cli")


def nodes(folders: tuple[str, ...]) -> Iterator[ast.AST]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


@cache
def recorded() -> frozenset[str]:
    """Name the deeds that are written somewhere, as `Deed.PAUSED`."""
    return frozenset(
        node.attr
        for node in nodes(DOERS)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Deed"
    )


@cache
def seen() -> frozenset[str]:
    """Name the words that a test spells out, such as «paused»."""
    return frozenset(
        node.value for node in nodes(SEERS) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("deed", list(Deed))
def test_a_deed_is_recorded_where_it_is_done(deed: Deed) -> None:
    assert deed.name in recorded(), f"nobody writes {deed!r} to the audit: record it, or take it out"


@pytest.mark.parametrize("deed", list(Deed))
def test_a_test_sees_the_entry_of_a_deed(deed: Deed) -> None:
    assert deed.value in seen(), f"no test of {', '.join(SEERS)} spells out «{deed.value}»"
