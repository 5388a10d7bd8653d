"""Write a filter over people down as a tree of clauses with «and», «or» and «not»."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never

Truth: TypeAlias = bool | None
"""Kleene's three values; None is «cannot be told», which neither creates nor removes anybody."""


class Operator(StrEnum):
    """Name what a clause may ask; the list is closed. On a list, one element that fits is enough.

    What Personio sends empty is a fact: it is `empty`, equals nothing, and is neither before nor after.
    """

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    EMPTY = "empty"
    FILLED = "filled"
    BEFORE = "before"
    AFTER = "after"
    ON_OR_BEFORE = "on_or_before"
    ON_OR_AFTER = "on_or_after"
    GREATER = "greater"
    LESS = "less"
    ANY_OF = "any_of"
    ALL_OF = "all_of"
    NONE_OF = "none_of"


@dataclass(frozen=True, slots=True)
class Today:
    """Stand for the day on which somebody looks, so many days later (or earlier)."""

    plus: int = 0

    def on(self, today: date) -> date | None:
        """Say which day that is; None where the calendar ends."""
        try:
            return today + timedelta(days=self.plus)
        except OverflowError:
            return None


Operand: TypeAlias = str | bool | int | float | date | Today


@dataclass(frozen=True, slots=True)
class Clause:
    """Ask one thing about one attribute: a Personio key, a part (`department.id`), or `universal:…`."""

    attribute: str
    operator: Operator
    operands: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Want every part to hold."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Want one part to hold."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Want the part not to hold. Not knowing it is not knowing this."""

    part: "Tree"


Tree: TypeAlias = AllOf | AnyOf | Not | Clause


def all_hold(truths: Iterable[Truth]) -> Truth:
    """Combine with «and»: one no decides, whatever cannot be told beside it."""
    found = set(truths)
    return False if False in found else None if None in found else True


def any_holds(truths: Iterable[Truth]) -> Truth:
    """Combine with «or»: one yes decides, whatever cannot be told beside it."""
    found = set(truths)
    return True if True in found else None if None in found else False


def opposite(truth: Truth) -> Truth:
    """Turn yes into no; what cannot be told stays so."""
    return None if truth is None else not truth


def clauses(tree: Tree) -> Iterator[Clause]:
    """List the clauses, as they stand in the tree."""
    match tree:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from clauses(part)
        case Not(part):
            yield from clauses(part)
        case Clause():
            yield tree
        case _:
            assert_never(tree)
