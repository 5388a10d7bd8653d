"""Who works in the simulated company, and the units they belong to: pure data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

Kind = Literal[
    "Office",
    "Department",
    "Team",
    "Subcompany",
    "CostCenter",
    "HolidayCalendar",
    "TimeOffType",
    "WorkSchedule",
]
Value = str | int | float | date | tuple[str, ...] | tuple[int, ...] | None
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Unit:
    """Something people belong to; people refer to it by id, the wire shows its name and details."""

    id: int
    kind: Kind
    name: str
    details: Mapping[str, str | int | float | None] = field(default_factory=dict)
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One employee; every change makes a new object, so that whoever cached the old one can tell."""

    id: int
    created_at: datetime
    modified_at: datetime
    values: Values
    touched: Mapping[str, datetime] = field(default_factory=dict)

    def changed(self, values: Values, at: datetime) -> "Person":
        """Give the person with new values; an attribute that stays as it was does not count as touched."""
        new = {key: value for key, value in values.items() if self.values.get(key) != value}
        if not new:
            return self
        touched = {**self.touched, **dict.fromkeys(new, at)}
        return replace(self, values={**self.values, **new}, touched=touched, modified_at=at)

    def text(self, key: str) -> str:
        """Read a text attribute; what is not set reads as the empty text."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def reference(self, key: str) -> int | None:
        """Read an attribute that points at a unit or at another person."""
        value = self.values.get(key)
        return value if isinstance(value, int) else None
