"""Objects inside a record: supervisor, office, department and their like, reduced to id and name."""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from adapters.sources.personio.values import BadValueError, to_text
from domain.employee import Reference
from schemas.personio import Told

SINGLE: Final = frozenset({
    "supervisor", "office", "department", "team", "subcompany", "holiday_calendar", "work_schedule",
})  # fmt: skip
MANY: Final = frozenset({"cost_centers", "absence_entitlement"})

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


_EMPTY: Final[tuple[object, ...]] = (None, "", [], {})


class NoIdError(Exception):
    """Say that a record has no id that could be trusted."""


def to_id(told: object) -> str:
    """Read an id, sent as integer, as text or as a float without fraction, always as text."""
    value = told.value if isinstance(told, Told) else told
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not is_id(text):
        raise NoIdError
    return text


def is_id(text: str) -> bool:
    """Tell whether this could be Personio's id of anything; it then also fits into a path as it is."""
    return text != "0" and not text.startswith("-") and _ID.fullmatch(text) is not None


def to_reference(key: str, value: object) -> Reference | None:
    """Read one object. Personio: an empty object attribute arrives as null, "" or []."""
    return None if value in _EMPTY or _is_hollow(value) else _object(key, value)


def to_references(key: str, value: object) -> tuple[Reference, ...] | None:
    """Read a list of objects; an empty list stays apart from null."""
    if value is None:
        return None
    if value in ("", []):
        return ()
    if not isinstance(value, list):
        raise BadValueError(f"{key}: no list")
    return tuple(_object(key, item) for item in value)


def _is_hollow(value: object) -> bool:
    """Recognise an object of which nothing is told: PHP writes its empty attributes as a list."""
    return isinstance(value, dict) and "attributes" in value and value["attributes"] in _EMPTY


def _object(key: str, value: object) -> Reference:
    """Read `{"type", "attributes": {"id", "name"}}`; inner values may be wrapped once more (supervisor)."""
    inner = value.get("attributes") if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        raise BadValueError(f"{key}: no object")
    try:
        if "name" in inner:
            return _unit(key, inner)
        return Reference(to_id(_bare(inner, "id")), _full_name(key, inner))
    except NoIdError:
        raise BadValueError(f"{key}: object without an id") from None


def _unit(key: str, inner: Mapping[str, Any]) -> Reference:
    unit_id, name = _bare(inner, "id"), _bare(inner, "name")
    if "id" not in inner and isinstance(name, str) and name:
        return Reference(to_text(key, name), to_text(key, name))  # Personio's examples of 2018 know no id
    if isinstance(unit_id, int) and isinstance(name, str):
        return _known_unit(key, unit_id, name)
    return Reference(to_id(unit_id), "" if name is None else to_text(key, name))


@lru_cache(maxsize=1024, typed=True)
def _known_unit(key: str, unit_id: int, name: str) -> Reference:
    """Make the reference once for all members of a department. Units only: people are not kept in memory."""
    return Reference(to_id(unit_id), to_text(key, name))


def _full_name(key: str, inner: Mapping[str, Any]) -> str:
    names = (_bare(inner, "first_name"), _bare(inner, "last_name"))
    return " ".join([to_text(key, name) for name in names if name not in (None, "")])


def _bare(inner: Mapping[str, Any], key: str) -> object:
    value = inner.get(key)
    return value.get("value") if isinstance(value, dict) else value
