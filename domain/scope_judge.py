"""Judge people by a filter: yes, no, or «cannot be told», from what Personio says of them."""

import contextlib
import math
import operator as compare_by
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias, assert_never

from domain.employee import Employee, Reference, Value
from domain.scope_tree import (
    AllOf,
    AnyOf,
    Clause,
    Not,
    Operand,
    Operator,
    Today,
    Tree,
    Truth,
    all_hold,
    any_holds,
    clauses,
    opposite,
)
from domain.spelling import folded

Compare: TypeAlias = Callable[[Value, Operand, date], Truth]
Order: TypeAlias = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when somebody is judged: their record, the day, and this tenant's universal ids."""

    employee: Employee
    today: date
    universal: Mapping[str, str]

    def says(self, attribute: str) -> tuple[Value, ...] | None:
        """Return what Personio says, element by element: () is «empty», None is «not told»."""
        if attribute.startswith("universal:"):
            key, part = self.universal.get(attribute.removeprefix("universal:"), attribute), ""
        else:
            key, _, part = attribute.partition(".")
        if not self.employee.says(key):
            return None
        value = self.employee.attributes[key]
        items: tuple[Value, ...] = value if isinstance(value, tuple) else (value,)
        return tuple(item for item in (_part(each, part) for each in items) if not _is_empty(item))


def holds(tree: Tree, facts: Facts) -> Truth:
    """Judge somebody by the tree."""
    match tree:
        case AllOf(parts):
            return all_hold(holds(part, facts) for part in parts)
        case AnyOf(parts):
            return any_holds(holds(part, facts) for part in parts)
        case Not(part):
            return opposite(holds(part, facts))
        case Clause():
            return _clause(tree, facts)
        case _:
            assert_never(tree)


def turning_days(tree: Tree, facts: Facts) -> Iterator[date]:
    """List the days on which a clause that speaks of today may change its answer."""
    for clause in clauses(tree):
        for operand in clause.operands:
            if isinstance(operand, Today):
                yield from _turns(operand, facts.says(clause.attribute) or ())


def _turns(operand: Today, values: Iterable[Value]) -> Iterator[date]:
    for value in values:
        day = to_day(value)
        if day is not None and (first := Today(-operand.plus).on(day)) is not None:
            yield first
            if (after := Today(1).on(first)) is not None:
                yield after


def to_day(value: object) -> date | None:
    """Read a day: a date, or a text that begins with one (2026-11-23, 2026-11-23T00:00:00+01:00)."""
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip().partition("T")[0]
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text) if len(text) == len("2026-11-23") else None
    return None


def to_number(value: object) -> float | None:
    """Read a number, also from a text such as «38.5» or «38,5»."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        number = float(value.strip().replace(",", ".", 1))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _clause(clause: Clause, facts: Facts) -> Truth:
    values = facts.says(clause.attribute)
    if values is None:
        return None
    match clause.operator:
        case Operator.EMPTY | Operator.FILLED:
            return bool(values) is (clause.operator is Operator.FILLED)
        case Operator.IS_NOT | Operator.NOT_IN | Operator.NONE_OF:
            return opposite(_some(values, clause.operands, facts.today, _equal))
        case Operator.ALL_OF:
            return all_hold(_some(values, (each,), facts.today, _equal) for each in clause.operands)
        case _:
            return _some(values, clause.operands, facts.today, COMPARISONS[clause.operator])


def _some(values: Iterable[Value], operands: Iterable[Operand], today: date, compare: Compare) -> Truth:
    """Ask whether one of the values fits one of the operands."""
    asked = tuple(operands)
    return any_holds(compare(value, operand, today) for value in values for operand in asked)


def _equal(value: Value, operand: Operand, today: date) -> Truth:
    """Compare by what the operand is. A yes/no question to something that is neither cannot be told."""
    match operand:
        case bool():
            told = {True: True, False: False, "true": True, "false": False}
            key = value if isinstance(value, bool) else _text(value)
            return None if key not in told else told[key] is operand
        case Today() | date():
            day = _day(operand, today)
            return day is not None and to_day(value) == day
        case int() | float():
            return to_number(value) == operand
        case str():
            return _text(value) == _text(operand)
        case _:
            assert_never(operand)


def _contains(value: Value, operand: Operand, _today: date) -> Truth:
    return _text(operand) in _text(value)


def _begins(value: Value, operand: Operand, _today: date) -> Truth:
    return _text(value).startswith(_text(operand))


def _days(order: Order) -> Compare:
    """Compare days; what is no day cannot be told."""

    def compare(value: Value, operand: Operand, today: date) -> Truth:
        day, limit = to_day(value), _day(operand, today)
        return None if day is None or limit is None else order(day, limit)

    return compare


def _numbers(order: Order) -> Compare:
    """Compare numbers; what is no number cannot be told."""

    def compare(value: Value, operand: Operand, _today: date) -> Truth:
        number, limit = to_number(value), to_number(operand)
        return None if number is None or limit is None else order(number, limit)

    return compare


def _day(operand: Operand, today: date) -> date | None:
    return operand.on(today) if isinstance(operand, Today) else to_day(operand)


def _part(value: Value, part: str) -> Value:
    if isinstance(value, Reference):
        return value.id if part == "id" else value.name or value.id
    return value


def _is_empty(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(value: Value | Operand) -> str:
    """Write a value as the text that a person would compare it with."""
    match value:
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return folded(str(value))


COMPARISONS: Mapping[Operator, Compare] = {
    Operator.IS: _equal,
    Operator.IN: _equal,
    Operator.ANY_OF: _equal,
    Operator.CONTAINS: _contains,
    Operator.STARTS_WITH: _begins,
    Operator.BEFORE: _days(compare_by.lt),
    Operator.ON_OR_BEFORE: _days(compare_by.le),
    Operator.AFTER: _days(compare_by.gt),
    Operator.ON_OR_AFTER: _days(compare_by.ge),
    Operator.LESS: _numbers(compare_by.lt),
    Operator.GREATER: _numbers(compare_by.gt),
}
"""How one value is compared with one operand; the other operators are made of these."""
