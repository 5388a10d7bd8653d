"""Read a filter from what a person wrote in a file or a form, and write it back; mistakes have places."""

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias, assert_never

from domain.scope_tree import AllOf, AnyOf, Clause, Not, Operand, Operator, Today, Tree

Place: TypeAlias = tuple[str | int, ...]

DEEPEST = 8
MOST_CLAUSES = 200
MOST_VALUES = 1000
LONGEST_VALUE = 200

SEVERAL = frozenset({Operator.IN, Operator.NOT_IN, Operator.ANY_OF, Operator.ALL_OF, Operator.NONE_OF})
BARE = frozenset({Operator.EMPTY, Operator.FILLED})
TEXTS = frozenset({Operator.CONTAINS, Operator.STARTS_WITH})
NUMBERS = frozenset({Operator.GREATER, Operator.LESS})
DAYS = frozenset({Operator.BEFORE, Operator.AFTER, Operator.ON_OR_BEFORE, Operator.ON_OR_AFTER})

OPERATORS = tuple(each.value for each in Operator)
ALSO_CALLED = {
    "equals": "is",
    "eq": "is",
    "equal": "is",
    "ne": "is_not",
    "not_equals": "is_not",
    "like": "contains",
    "is_empty": "empty",
    "is_filled": "filled",
    "is_set": "filled",
    "gt": "greater",
    "lt": "less",
    "since": "on_or_after",
    "until": "on_or_before",
}

ATTRIBUTE = re.compile(r"universal:[\w.-]+|[A-Za-z_]\w*(\.(id|name))?")
_RELATIVE = re.compile(r"today(?:\s*(?P<sign>[+-])\s*(?P<number>\d{1,5})\s*(?P<unit>[dw]))?", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")

SAY_ONE = 'write one value, such as is = "Berlin"; for several, write in = ["Berlin", "Hamburg"]'
SAY_SEVERAL = 'write a list of 1 to 1000 values, such as in = ["Berlin", "Hamburg"]'
SAY_TEXT = "write a text of 1 to 200 characters"
SAY_DAY = 'write a day such as 2026-12-31, or "today", "today+14d", "today-2w"'
SAY_NUMBER = "write a number, without quotation marks"
SAY_NODE = (
    'write { attribute = "department", is = "Sales" }, or one of all = […], any = […], not = { … } alone'
)
SAY_ATTRIBUTE = 'name a Personio attribute, such as "department", "dynamic_4711", "office.id", "universal:x"'


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mistake in a filter: where, what is wrong (or what was found there), and the cure."""

    place: Place
    cure: str
    what: str = ""
    found: object = None


@dataclass(slots=True)
class Reading:
    """What a filter was read into: a tree, or mistakes."""

    tree: Tree | None = None
    wrong: list[Wrong] = field(default_factory=list)
    clauses: int = 0


def read_where(told: object) -> Reading:
    """Read a list of conditions that must all hold; an empty list is no filter."""
    reading = Reading()
    if not isinstance(told, list):
        reading.wrong.append(Wrong((), "begin each condition with [[scope.where]]", found=told))
        return reading
    parts = _parts(told, (), 1, reading)
    if reading.clauses > MOST_CLAUSES:
        reading.wrong.append(
            Wrong((), "write values of one attribute as in = […]", f"has more than {MOST_CLAUSES} clauses")
        )
    if not reading.wrong and parts:
        reading.tree = parts[0] if len(parts) == 1 else AllOf(parts)
    return reading


def write_where(tree: Tree | None) -> list[dict[str, Any]]:
    """Write a tree as `read_where` reads it."""
    if tree is None:
        return []
    return [_write(part) for part in tree.parts] if isinstance(tree, AllOf) else [_write(tree)]


def write_operand(operand: Operand) -> str | bool | int | float:
    """Write a value as it stands in a file."""
    match operand:
        case Today(plus):
            return f"today{plus:+d}d" if plus else "today"
        case date():
            return operand.isoformat()
        case _:
            return operand


def _write(tree: Tree) -> dict[str, Any]:
    match tree:
        case AllOf(parts):
            return {"all": [_write(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [_write(part) for part in parts]}
        case Not(part):
            return {"not": _write(part)}
        case Clause(attribute, operator, operands):
            values = [write_operand(each) for each in operands]
            value: object = True if operator in BARE else values if operator in SEVERAL else values[0]
            return {"attribute": attribute, operator.value: value}
        case _:
            assert_never(tree)


def _parts(told: list[object], place: Place, depth: int, reading: Reading) -> tuple[Tree, ...]:
    found = [_node(each, (*place, number), depth, reading) for number, each in enumerate(told)]
    return tuple(tree for tree in found if tree is not None)


def _node(told: object, place: Place, depth: int, reading: Reading) -> Tree | None:
    """Read a clause, or what combines some."""
    if depth > DEEPEST:
        reading.wrong.append(Wrong(place, "say it with fewer levels", f"is nested deeper than {DEEPEST}"))
        return None
    if not isinstance(told, Mapping):
        reading.wrong.append(Wrong(place, SAY_NODE, found=told))
        return None
    combining = [word for word in ("all", "any", "not") if word in told]
    if not combining:
        return _clause(told, place, reading)
    if len(told) > 1:
        reading.wrong.append(Wrong(place, SAY_NODE, f"says more than one thing: {_listed(told)}"))
        return None
    word = combining[0]
    inner = told[word]
    if word == "not":
        part = _node(inner, (*place, "not"), depth + 1, reading)
        return None if part is None else Not(part)
    if not isinstance(inner, list) or not inner:
        cure = f"write {word} = [ …, … ] with at least one condition in it"
        reading.wrong.append(Wrong((*place, word), cure, found=inner))
        return None
    parts = _parts(inner, (*place, word), depth + 1, reading)
    return AllOf(parts) if word == "all" else AnyOf(parts)


def _clause(told: Mapping[str, object], place: Place, reading: Reading) -> Clause | None:
    reading.clauses += 1
    before = len(reading.wrong)
    reading.wrong += _key_mistakes(told, place)
    if len(reading.wrong) > before:
        return None
    name = next(key for key in told if key != "attribute")
    operator = Operator(name)
    operands = _operands(operator, told[name])
    if operands is None:
        reading.wrong.append(Wrong((*place, name), _cure_of(operator), found=told[name]))
        return None
    return Clause(str(told["attribute"]), operator, operands)


def _key_mistakes(told: Mapping[str, object], place: Place) -> list[Wrong]:
    attribute = told.get("attribute")
    wrong = [_unknown(str(key), place) for key in told if key != "attribute" and key not in OPERATORS]
    if "attribute" not in told:
        wrong.append(Wrong(place, SAY_ATTRIBUTE, "names no attribute"))
    elif not isinstance(attribute, str) or ATTRIBUTE.fullmatch(attribute) is None:
        wrong.append(Wrong((*place, "attribute"), SAY_ATTRIBUTE, found=attribute))
    known = [key for key in told if key in OPERATORS]
    if not known and not wrong:
        wrong.append(Wrong(place, f"write one of {', '.join(OPERATORS)}", "asks nothing about its attribute"))
    if len(known) > 1:
        cure = "write one condition for each; all of them must hold"
        wrong.append(Wrong(place, cure, f"asks {len(known)} things at once: {_listed(known)}"))
    return wrong


def _unknown(key: str, place: Place) -> Wrong:
    also = ALSO_CALLED.get(key.lower())
    near = [also] if also else difflib.get_close_matches(key.lower(), OPERATORS, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return Wrong((*place, key), f"known are attribute, {', '.join(OPERATORS)}{hint}", "is not known")


def _operands(operator: Operator, told: object) -> tuple[Operand, ...] | None:
    """Read what stands behind an operator; None if it makes no sense there."""
    if operator in BARE:
        return () if told is True else None
    read = _reader(operator)
    if operator not in SEVERAL:
        one = read(told)
        return None if one is None else (one,)
    if not isinstance(told, list) or not 1 <= len(told) <= MOST_VALUES:
        return None
    values = [value for value in (read(each) for each in told) if value is not None]
    return tuple(values) if len(values) == len(told) else None


def _reader(operator: Operator) -> Callable[[object], Operand | None]:
    if operator in TEXTS:
        return _text
    if operator in NUMBERS:
        return _number
    return _day if operator in DAYS else _value


def _value(told: object) -> Operand | None:
    if isinstance(told, bool):
        return told
    for read in (_day, _number, _text):
        value = read(told)
        if value is not None:
            return value
    return None


def _text(told: object) -> str | None:
    good = isinstance(told, str) and told.strip() and len(told) <= LONGEST_VALUE
    return told if good and isinstance(told, str) else None


def _number(told: object) -> int | float | None:
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
        return None
    return told


def _day(told: object) -> date | Today | None:
    if isinstance(told, datetime):
        return None
    if isinstance(told, date):
        return told
    if not isinstance(told, str):
        return None
    text = told.strip()
    relative = _RELATIVE.fullmatch(text)
    if relative is not None:
        return Today(_days_of(relative))
    try:
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None


def _days_of(relative: "re.Match[str]") -> int:
    if relative["number"] is None:
        return 0
    days = int(relative["number"]) * (7 if relative["unit"].lower() == "w" else 1)
    return -days if relative["sign"] == "-" else days


def _cure_of(operator: Operator) -> str:
    if operator in BARE:
        other = Operator.FILLED if operator is Operator.EMPTY else Operator.EMPTY
        return f"write {operator.value} = true, or {other.value} = true for the opposite"
    if operator in SEVERAL:
        return SAY_SEVERAL
    if operator in TEXTS:
        return SAY_TEXT
    if operator in NUMBERS:
        return SAY_NUMBER
    return SAY_DAY if operator in DAYS else f"{SAY_ONE}; for nothing at all, empty = true"


def _listed(keys: Mapping[str, object] | list[str]) -> str:
    return ", ".join(str(key)[:40] for key in list(keys)[:5])
