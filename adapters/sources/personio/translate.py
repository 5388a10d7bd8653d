"""From Personio's attribute objects to our values: lenient with every dialect of empty, strict with ids."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from adapters.sources.personio.text import LONGEST, clean
from domain.employee import Attribute, Employee, Reference, Value
from domain.ids import PersonId
from schemas.personio import ID_KEY, Granted, Loose, Told

DATES: Final = frozenset({
    "hire_date", "contract_end_date", "termination_date", "probation_period_end", "last_working_day",
    "created_at", "last_modified_at",
})  # fmt: skip
"""Keys that hold dates even in old bodies, which know no `type`."""
REFERENCES: Final = frozenset({
    "supervisor", "office", "department", "team", "subcompany", "holiday_calendar", "work_schedule",
})  # fmt: skip
REFERENCE_LISTS: Final = frozenset({"cost_centers", "absence_entitlement"})

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MIDNIGHT = re.compile(r"\d{4}-\d{2}-\d{2}T00:00:00[+-]\d{2}:?\d{2}")
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")

OnBadValue = Callable[[PersonId, str], None]
"""Hear of a person's attribute that could not be read and was left out."""


class BadValueError(Exception):
    """Say that one attribute of one person cannot be read; the message holds no value."""


class NoIdError(Exception):
    """Say that a record has no id that could be trusted."""


def to_employee(
    keys: Sequence[str], row: Sequence[Loose], wanted: frozenset[str], on_bad_value: OnBadValue
) -> Employee:
    """Build the person. Absent keys stay absent; an unreadable value counts as not told."""
    person_id = PersonId(to_id(row[0]))
    attributes: dict[str, Value] = {ID_KEY: person_id} if ID_KEY in wanted else {}
    for key, told in zip(keys[1:], row[1:], strict=True):
        if told is msgspec.UNSET:
            continue
        try:
            attributes[key] = to_value(key, told)
        except BadValueError:
            on_bad_value(person_id, key)
    return Employee(person_id, attributes)


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


def to_value(key: str, told: Loose) -> Value:
    """Read one attribute by its key and type, or raise BadValueError."""
    if not isinstance(told, Told) or told.value is msgspec.UNSET:
        raise BadValueError(f"{key}: no attribute object")
    value = told.value
    if key in REFERENCES:
        return _reference(key, value)
    if key in REFERENCE_LISTS:
        return _references(key, value)
    if told.type == "date" or (told.type is None and _must_be_date(key, value)):
        return _date(key, value)
    if told.type == "tags":
        return _tags(key, value)
    return _plain(key, value)


def to_attribute(granted: Granted) -> Attribute | None:
    """Describe a readable attribute; a row without a key describes nothing."""
    if not isinstance(granted.key, str) or not granted.key:
        return None
    options = granted.options if isinstance(granted.options, list) else []
    return Attribute(
        key=clean(granted.key),
        label=_words(granted.label),
        kind=_words(granted.type) or "standard",
        universal_id=_words(granted.universal_id) or None,
        options=tuple(clean(option) for option in options if isinstance(option, str)),
    )


def to_total(metadata: object) -> int | None:
    """Read `metadata.total_elements`, as number or text; None where it makes no sense."""
    claimed = metadata.get("total_elements") if isinstance(metadata, dict) else None
    if isinstance(claimed, str) and claimed.isascii() and claimed.isdigit() and len(claimed) < len("1" * 12):
        claimed = int(claimed)
    if isinstance(claimed, float) and claimed.is_integer():
        claimed = int(claimed)
    if isinstance(claimed, int) and not isinstance(claimed, bool) and claimed >= 0:
        return claimed
    return None


def _plain(key: str, value: object) -> Value:
    match value:
        case None | bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case str():
            return _text(key, value)
        case []:
            return None
        case [str(), *_]:
            return tuple(_text(key, item) for item in value)
        case [*_]:
            return _references(key, value)
        case dict():
            return _reference(key, value)
        case _:
            raise BadValueError(f"{key}: no value that we know")


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"{key}: no text")
    if len(value) > LONGEST:
        raise BadValueError(f"{key}: text of {len(value)} characters")
    return clean(value)


def _must_be_date(key: str, value: object) -> bool:
    """Recognise a date in an old body by its key, or by the midnight with offset that only dates have."""
    return key in DATES or (isinstance(value, str) and _MIDNIGHT.fullmatch(value) is not None)


def _date(key: str, value: object) -> date | None:
    """Take the first ten characters as the calendar date; the offset differs per person and means nothing."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _DATE.match(value):
        raise BadValueError(f"{key}: no date")
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise BadValueError(f"{key}: no day of the calendar") from None


def _tags(key: str, value: object) -> tuple[str, ...] | None:
    """Read tags joined by commas, as a JSON list written into a text, or as a list."""
    if value is None:
        return None
    if isinstance(value, str):
        value = _split(_text(key, value))
    if not isinstance(value, list):
        raise BadValueError(f"{key}: no tags")
    return tuple(tag for tag in (_text(key, item).strip() for item in value) if tag)


def _split(joined: str) -> object:
    if joined.startswith("["):
        try:
            return msgspec.json.decode(joined, type=list[str])
        except msgspec.DecodeError:
            pass  # a tag may begin with a bracket
    return joined.split(",")


def _references(key: str, value: object) -> tuple[Reference, ...] | None:
    if value is None:
        return None
    if value in ("", []):
        return ()
    if not isinstance(value, list):
        raise BadValueError(f"{key}: no list")
    return tuple(_object(key, item) for item in value)


def _reference(key: str, value: object) -> Reference | None:
    """Personio: an empty object attribute arrives as null, "" or []."""
    return None if value in (None, "", []) else _object(key, value)


def _object(key: str, value: object) -> Reference:
    """Read `{"type", "attributes": {"id", "name"}}`; inner values may be wrapped once more (supervisor)."""
    inner = value.get("attributes") if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        raise BadValueError(f"{key}: no object")
    try:
        found = to_id(_bare(inner, "id"))
    except NoIdError:
        raise BadValueError(f"{key}: object without an id") from None
    name = _name(key, inner)
    return Reference(found, name)


def _name(key: str, inner: Mapping[str, Any]) -> str:
    names = (
        [_bare(inner, "name")] if "name" in inner else [_bare(inner, "first_name"), _bare(inner, "last_name")]
    )
    return " ".join(_text(key, name) for name in names if name not in (None, ""))


def _bare(inner: Mapping[str, Any], key: str) -> object:
    value = inner.get(key)
    return value.get("value") if isinstance(value, dict) else value


def _words(value: object) -> str:
    return clean(value)[:LONGEST] if isinstance(value, str) else ""
