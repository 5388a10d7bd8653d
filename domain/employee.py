"""A person as Personio tells it, before anybody decides anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class Reference:
    """Point at another thing in Personio: a supervisor, a department, an office.

    `id` is Personio's id as a string; `name` is its readable name, or "" where Personio sends none.
    """

    id: str
    name: str


Value: TypeAlias = (
    str | int | float | bool | date | tuple[str, ...] | tuple[Reference, ...] | Reference | None
)
"""What one attribute says. None and "" mean «present and empty»; a key that is absent means «not told»."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Describe one attribute that the credential may read. Personio: `GET /employees/attributes`."""

    key: str
    label: str
    kind: str
    universal_id: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Employee:
    """Hold what one record says. An attribute that Personio did not send is not in `attributes` at all.

    Personio omits attributes that the credential may not read, without an error; absence is never emptiness.
    `unreadable` names what it did send, in a shape that nobody understands: not told, and worth a word.
    """

    person_id: PersonId
    attributes: Mapping[str, Value]
    unreadable: frozenset[str] = frozenset()

    def says(self, key: str) -> bool:
        """Tell whether Personio sent this attribute, even if it sent it empty."""
        return key in self.attributes


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed. An empty `employees` ends the feed, whatever the totals say.

    `total` is what the source claims to have (Personio: v1 `metadata.total_elements`; v2 tells none).
    `next_cursor` is opaque: v1 counts records received, v2 hands out its own.
    """

    employees: tuple[Employee, ...]
    total: int | None
    next_cursor: str | None
