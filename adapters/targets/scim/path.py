"""An attribute path of SCIM, understood once and then used to read, to write and to ask.

urn:…:enterprise:2.0:User : emails [type eq "work"] . value
└───────── schema ──────┘   └attr┘ └─ selection ──┘   └part┘
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.account import Scalar
from schemas.scim import USER

_SHAPE = re.compile(r"(?P<head>[^\[\]]+)(?:\[(?P<selection>.+)\](?:\.(?P<tail>[\w$-]+))?)?")
_NAME = re.compile(r"(?P<attribute>[A-Za-z][\w$-]*)(?:\.(?P<part>[A-Za-z$][\w$-]*))?")
_TERM = re.compile(
    r'\s*(?P<name>[A-Za-z][\w$-]*)\s+eq\s+(?P<literal>"(?:[^"\\]|\\.)*"|true|false|-?\d+(?:\.\d+)?)\s*',
    re.IGNORECASE,
)
_AND = re.compile(r"and\s", re.IGNORECASE)


class PathError(ValueError):
    """Say that a text is not a path this relay can write to."""


@dataclass(frozen=True, slots=True)
class Path:
    """Point at one value of an account. `schema` is empty for the core schema."""

    schema: str
    attribute: str
    selection: tuple[tuple[str, Scalar], ...] = ()
    part: str | None = None

    @property
    def top(self) -> str:
        """Name the attribute with its schema, without selection and part."""
        return f"{self.schema}:{self.attribute}" if self.schema else self.attribute

    @property
    def element(self) -> str:
        """Name the selected element as a PATCH operation does."""
        terms = (f"{name} eq {json.dumps(value, ensure_ascii=False)}" for name, value in self.selection)
        return f"{self.top}[{' and '.join(terms)}]" if self.selection else self.top

    @property
    def text(self) -> str:
        """Name the value as a PATCH operation does."""
        return f"{self.element}.{self.part}" if self.part else self.element

    @property
    def asked(self) -> str:
        """Name the value as a filter does: servers agree on `emails.value`, and on little beyond it."""
        return f"{self.top}.{self.part}" if self.part else self.top


def parse(text: str) -> Path:
    """Understand a path, or raise PathError with the reason."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        raise PathError("brackets do not match")
    schema, name = _schema(shape["head"])
    named = _NAME.fullmatch(name)
    if named is None:
        raise PathError("not an attribute name")
    if shape["selection"] is None:
        return Path(schema, named["attribute"], (), named["part"])
    if named["part"]:
        raise PathError("a selection stands behind the attribute, not behind its part")
    return Path(schema, named["attribute"], _selection(shape["selection"]), shape["tail"] or "value")


def _schema(head: str) -> tuple[str, str]:
    """Cut at the last colon: a URN may have dots (`2.0`), an attribute name has no colon."""
    if not head.lower().startswith("urn:"):
        return "", head
    schema, _, name = head.rpartition(":")
    return ("" if schema.lower() == USER.lower() else schema), name


def _selection(text: str) -> tuple[tuple[str, Scalar], ...]:
    terms: list[tuple[str, Scalar]] = []
    position = 0
    while True:
        term = _TERM.match(text, position)
        if term is None:
            raise PathError('a selection reads [type eq "work"], joined by «and» where there are several')
        terms.append((term["name"], _literal(term["literal"])))
        if term.end() == len(text):
            return tuple(terms)
        joint = _AND.match(text, term.end())
        if joint is None:
            raise PathError("a selection knows only «eq» and «and»")
        position = joint.end()


def _literal(text: str) -> Scalar:
    try:
        value: Scalar = json.loads(text if text.startswith('"') else text.lower())
    except ValueError as error:
        raise PathError("a text in a selection is quoted as in JSON") from error
    return value


def read(path: Path, resource: Mapping[str, Any]) -> Scalar:
    """Return the value there, or None where there is nothing or something that is not a single value."""
    found = look(path, resource)
    return found if isinstance(found, str | int | float | bool) else None


def look(path: Path, resource: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON of any shape
    """Return whatever stands there."""
    holder = get(resource, path.schema) if path.schema else resource
    found = get(holder, path.attribute)
    if path.selection:
        found = selected(path, found)
    elif isinstance(found, list):
        found = found[0] if found else None
    return get(found, path.part) if path.part else found


def selected(path: Path, elements: object) -> Any:  # noqa: ANN401  JSON of any shape
    """Return the first element that the selection names, or the only one where the server tells no types."""
    listed = [elements] if isinstance(elements, dict) else elements
    if not isinstance(listed, list):
        return None
    chosen = (one for one in listed if all(same(get(one, name), value) for name, value in path.selection))
    return next(chosen, None) or _untyped(path, listed)


def _untyped(path: Path, elements: list[Any]) -> Any:  # noqa: ANN401  JSON of any shape
    by_type = [name.lower() for name, _ in path.selection] == ["type"]
    lonely = len(elements) == 1 and isinstance(elements[0], dict) and get(elements[0], "type") is None
    return elements[0] if by_type and lonely else None


def get(holder: object, name: str) -> Any:  # noqa: ANN401  JSON of any shape
    """Return a member; SCIM names are equal whatever their case, so a second look ignores it."""
    if not isinstance(holder, dict):
        return None
    if name in holder:
        return holder[name]
    return holder.get(own_spelling(holder, name))


def own_spelling(holder: Mapping[str, Any], name: str) -> str:
    """Return the name as this object spells it, so that a write does not add a second one."""
    lowered = name.lower()
    return next((key for key in holder if key.lower() == lowered), name)


def same(one: Scalar, other: Scalar) -> bool:
    """Compare without case, and without taking True for 1."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return type(one) is type(other) and one == other
