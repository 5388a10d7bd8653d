"""From Personio's attribute objects to our values: lenient with every dialect of empty, strict with ids."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import UNSET

from adapters.sources.personio.references import MANY, SINGLE, to_id, to_reference, to_references
from adapters.sources.personio.text import LONGEST, clean
from adapters.sources.personio.values import BadValueError, to_single, to_text
from domain.employee import Attribute, Employee, Value
from domain.ids import PersonId
from schemas.personio import ID_KEY, Granted, Loose, Told

Reader: TypeAlias = Callable[[str, object, object], Value]
"""Turn key, value and Personio's type into a value, or raise BadValueError."""


NOTHING: frozenset[str] = frozenset()


def readers_of(keys: Sequence[str]) -> tuple[tuple[str, Reader], ...]:
    """Choose once per source how each wanted key is read, in the order of a decoded row (id first)."""
    return tuple((key, _reader_of(key)) for key in keys[1:])


def to_employee(readers: Sequence[tuple[str, Reader]], row: Sequence[Loose], *, show_id: bool) -> Employee:
    """Build the person. Absent keys stay absent; an unreadable value counts as not told, and is named."""
    person_id = PersonId(to_id(row[0]))
    attributes: dict[str, Value] = {ID_KEY: person_id} if show_id else {}
    unreadable: list[str] = []
    for (key, reader), told in zip(readers, row[1:], strict=True):
        if told is UNSET:
            continue
        try:
            attributes[key] = _value(key, reader, told)
        except BadValueError:
            unreadable.append(key)
    return Employee(person_id, attributes, frozenset(unreadable) if unreadable else NOTHING)


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
    return to_count(metadata.get("total_elements")) if isinstance(metadata, dict) else None


def to_count(claimed: object) -> int | None:
    """Read a number of rows, as number or text; None where it makes no sense."""
    if isinstance(claimed, str) and claimed.isascii() and claimed.isdigit() and len(claimed) < len("1" * 12):
        claimed = int(claimed)
    if isinstance(claimed, float) and claimed.is_integer():
        claimed = int(claimed)
    if isinstance(claimed, int) and not isinstance(claimed, bool) and claimed >= 0:
        return claimed
    return None


def _value(key: str, reader: Reader, told: Loose) -> Value:
    if not isinstance(told, Told) or told.value is UNSET:
        raise BadValueError(f"{key}: no attribute object")
    return reader(key, told.value, told.type)


def _reader_of(key: str) -> Reader:
    if key in SINGLE:
        return _read_reference
    if key in MANY:
        return _read_references
    return _read_any


def _read_reference(key: str, value: object, _kind: object) -> Value:
    return to_reference(key, value)


def _read_references(key: str, value: object, _kind: object) -> Value:
    return to_references(key, value)


def _read_any(key: str, value: object, kind: object) -> Value:
    """Judge a key that we do not know by the shape of its value."""
    if isinstance(value, dict):
        return to_reference(key, value)
    if isinstance(value, list) and kind != "tags":
        return _read_list(key, value)
    return to_single(key, value, kind)


def _read_list(key: str, value: list[object]) -> Value:
    if not value:
        return None
    if isinstance(value[0], str):
        return tuple(to_text(key, item) for item in value)
    return to_references(key, value)


def _words(value: object) -> str:
    return clean(value)[:LONGEST] if isinstance(value, str) else ""
