"""Make what a server showed fit to be sent back: servers show more, and more loosely, than they take."""

import re
from typing import Any

from schemas.scim import Resource

UNASSIGNED: tuple[object, ...] = (None, "", [], {})
"""What SCIM calls unassigned (RFC 7643, 2.5), and how servers show it."""

DAMAGED = "\ufffd"
"""Stands for what could not be read, as in every decoder of Unicode."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_FLAGS = frozenset({"active", "primary"})


def tidied(resource: Resource) -> Resource:
    """Return a copy without what is unassigned, and with flags that are flags."""
    kept = {name: _tidy(name, value) for name, value in resource.items()}
    return {name: value for name, value in kept.items() if value not in UNASSIGNED}


def legible(told: Any) -> Any:  # noqa: ANN401  JSON
    """Return a copy in which every half of a sign cut in two is `DAMAGED`: no database takes halves."""
    if isinstance(told, str):
        return _LONE_SURROGATE.sub(DAMAGED, told)
    if isinstance(told, list):
        return [legible(one) for one in told]
    if isinstance(told, dict):
        return {legible(name): legible(below) for name, below in told.items()}
    return told


def _tidy(name: str, value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return tidied(value)
    if isinstance(value, list):
        told = [_tidy("", one) for one in value if not _is_hollow(one)]
        return [one for one in told if one not in UNASSIGNED]
    if name.lower() in _FLAGS and isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    return value


def _is_hollow(element: object) -> bool:
    """Recognise an element of a list whose value is empty: an e-mail without an address is no e-mail."""
    return isinstance(element, dict) and "value" in element and element["value"] in UNASSIGNED
