"""Single values: text, dates, tags and numbers, in every dialect in which Personio sends them."""

import math
import re
from datetime import date
from typing import Final

import msgspec

from adapters.sources.personio.text import LONGEST, clean
from domain.employee import Value

DATES: Final = frozenset({
    "hire_date", "contract_end_date", "termination_date", "probation_period_end", "last_working_day",
    "created_at", "last_modified_at",
})  # fmt: skip
"""Keys that hold dates even in old bodies, which know no `type`."""

_WORDY: Final = frozenset({"standard", "list", "link", "multiline"})
_NO_DAY: Final = "0000-00-00"
"""How a database writes «no date»."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MIDNIGHT = re.compile(r"\d{4}-\d{2}-\d{2}T00:00:00[+-]\d{2}:?\d{2}", re.ASCII)


class BadValueError(Exception):
    """Say that one attribute of one person cannot be read; the message holds no value."""


def to_single(key: str, value: object, kind: object) -> Value:
    """Read a value that is no object; the commonest case, a text, comes first."""
    if isinstance(value, str) and kind in _WORDY:
        return to_text(key, value)
    if kind == "date" or (kind is None and _must_be_date(key, value)):
        return to_date(key, value)
    if kind == "tags":
        return to_tags(key, value)
    if isinstance(value, str):
        return to_text(key, value)
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise BadValueError(f"{key}: no value that we know")


def to_text(key: str, value: object) -> str:
    """Clean a text, or refuse one that is longer than anything people write into a field."""
    if not isinstance(value, str):
        raise BadValueError(f"{key}: no text")
    if len(value) > LONGEST:
        raise BadValueError(f"{key}: text of {len(value)} characters")
    return value if value.isprintable() else clean(value)


def to_date(key: str, value: object) -> date | None:
    """Take the first ten characters as the calendar date; the offset differs per person and means nothing."""
    if value is None or value == "" or (isinstance(value, str) and value.startswith(_NO_DAY)):
        return None
    if not isinstance(value, str) or not _DATE.match(value):
        raise BadValueError(f"{key}: no date")
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise BadValueError(f"{key}: no day of the calendar") from None


def to_tags(key: str, value: object) -> tuple[str, ...] | None:
    """Read tags joined by commas, as a JSON list written into a text, or as a list."""
    if value is None:
        return None
    if isinstance(value, str):
        value = _split(to_text(key, value))
    if not isinstance(value, list):
        raise BadValueError(f"{key}: no tags")
    return tuple(tag for tag in (to_text(key, item).strip() for item in value) if tag)


def _split(joined: str) -> object:
    if joined.startswith("["):
        try:
            return msgspec.json.decode(joined, type=list[str])
        except msgspec.DecodeError:
            pass  # a tag may begin with a bracket
    return joined.split(",")


def _must_be_date(key: str, value: object) -> bool:
    """Recognise a date in an old body by its key, or by the midnight with offset that only dates have."""
    return key in DATES or (isinstance(value, str) and _MIDNIGHT.fullmatch(value) is not None)
