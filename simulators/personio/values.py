"""Understand the values that changes are written in: names of departments, dates as text, nicknames."""

from collections.abc import Mapping
from datetime import date
from typing import assert_never

from simulators.personio.attributes import Attribute, Shape
from simulators.personio.company import Company
from simulators.personio.person import Value

Given = object
"""What a test or an admin request may write; anything that does not fit is refused with the reason."""

_FIXED = frozenset({"id", "created_at", "last_modified_at"})
_CHOICES = {
    "status": ("active", "inactive", "onboarding", "leave"),
    "employment_type": ("internal", "external"),
}


def understand(company: Company, given: Mapping[str, Given]) -> dict[str, Value]:
    """Turn what was written into values of the company; names of units that do not exist found them."""
    values: dict[str, Value] = {}
    for name, value in given.items():
        attribute = company.catalogue.by_key[company.catalogue.key_of(name)]
        if attribute.key in _FIXED:
            raise ValueError(f"{attribute.key} cannot be changed: Personio keeps it by itself")
        values[attribute.key] = _understood(company, attribute, value)
    return values


def _understood(company: Company, attribute: Attribute, given: Given) -> Value:
    if given is None:
        return None
    match attribute.shape:
        case Shape.TEXT:
            return _text(attribute, given)
        case Shape.NUMBER | Shape.MONEY | Shape.PERSON:
            return _number(attribute, given)
        case Shape.DATE | Shape.MOMENT:
            return _date(attribute, given)
        case Shape.TAGS:
            return tuple(str(tag) for tag in _items(attribute, given))
        case Shape.UNIT:
            return _unit(company, attribute, given)
        case Shape.UNITS:
            return tuple(_unit(company, attribute, unit) for unit in _items(attribute, given))
        case _ as never:
            assert_never(never)


def _text(attribute: Attribute, given: Given) -> str:
    choices = _CHOICES.get(attribute.key)
    if not isinstance(given, str) or (choices and given not in choices):
        raise ValueError(f"{attribute.key} takes {' or '.join(choices) if choices else 'a text'}")
    return given


def _number(attribute: Attribute, given: Given) -> int | float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(f"{attribute.key} takes a number")  # noqa: TRY004  every refusal here is a ValueError
    return given


def _date(attribute: Attribute, given: Given) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise ValueError(f"{attribute.key} takes a date as YYYY-MM-DD") from None


def _items(attribute: Attribute, given: Given) -> list[object]:
    if not isinstance(given, list | tuple):
        raise ValueError(f"{attribute.key} takes a list")  # noqa: TRY004  every refusal here is a ValueError
    return list(given)


def _unit(company: Company, attribute: Attribute, given: Given) -> int:
    assert attribute.unit is not None
    if isinstance(given, str) and given:
        return company.unit_named(attribute.unit, given)
    unit = company.units.get(given) if isinstance(given, int) else None
    if unit is None or unit.kind != attribute.unit:
        raise ValueError(f"{attribute.key} takes a name, or the id of a unit of this kind that exists")
    return unit.id
