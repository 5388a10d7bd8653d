"""The units that a person belongs to, watched so that none vanishes whole without a human."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from domain.employee import Employee, Reference
from domain.ids import ChangeId


class UnitKind(StrEnum):
    """Name a kind of unit in the words of Personio's screens."""

    ENTITY = "legal entity"
    OFFICE = "office"
    DEPARTMENT = "department"


KEY_OF: Mapping[UnitKind, str] = {
    UnitKind.ENTITY: "subcompany",
    UnitKind.OFFICE: "office",
    UnitKind.DEPARTMENT: "department",
}
UNIT_KEYS = frozenset(KEY_OF.values())
"""Attributes that are read to watch units, mapped or not; a run without the right to them goes on."""

FEWEST = 2
"""One person alone is no group: that everybody of it is gone says nothing about a narrowed credential."""

Units: TypeAlias = Mapping[UnitKind, Reference | None]
"""What a record tells of a person's units; a kind that it does not tell is not in it."""


@dataclass(frozen=True, slots=True)
class VanishedUnit:
    """A unit of which nobody came, though people of it were known, and the rows that would close accounts."""

    kind: UnitKind
    name: str
    people: int
    change_ids: tuple[ChangeId, ...]

    @property
    def sentence(self) -> str:
        """Say which unit it is, for the row that waits. A unit's name is no person's."""
        called = f"{self.kind} «{self.name}»" if self.name else f"one {self.kind}"
        return f"{called}, {self.people} people"


def units_of(employee: Employee) -> Units:
    """Read which units a record tells."""
    told: dict[UnitKind, Reference | None] = {}
    for kind, key in KEY_OF.items():
        if employee.says(key):
            value = employee.attributes[key]
            told[kind] = value if isinstance(value, Reference) else None
    return told
