"""Decide where a person stands: wanted, kept, gone, or unknown. Unknown never removes and never creates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.codes import Code
from domain.config import Scope
from domain.employee import Employee

KNOWN_STATUSES = frozenset({"active", "inactive", "onboarding", "leave"})
"""Personio: v1 `status` has exactly these values; anything else is a dialect that we do not understand."""


class Standing(StrEnum):
    """Name what a person's record asks for.

    wanted    has an account            kept       keeps one, but gets none
    left      inactive in Personio      filtered   employed, but outside the tenant's filter
    unknown   the record does not say
    """

    WANTED = "wanted"
    KEPT = "kept"
    LEFT = "left"
    FILTERED = "filtered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Say where a person stands and why; the reason is shown to humans."""

    standing: Standing
    why: Code | None = None


def rule(employee: Employee, scope: Scope) -> Ruling:
    """Judge one record.

    status     employment type   ruling
    inactive   any               left
    known      not told          unknown
    known      outside           filtered
    chosen     inside            wanted
    other      inside            kept      (someone on leave, or hired and not there yet)

    A scope without employment types takes every type, and needs none to be told.
    """
    status = _word(employee, "status")
    kind = _word(employee, "employment_type")
    if status not in KNOWN_STATUSES:
        return Ruling(Standing.UNKNOWN, Code.PERSON_SCOPE_UNKNOWN)
    if status == "inactive":
        return Ruling(Standing.LEFT, Code.PERSON_LEFT)
    if scope.employment_types and not kind:
        return Ruling(Standing.UNKNOWN, Code.PERSON_SCOPE_UNKNOWN)
    if scope.employment_types and kind not in scope.employment_types:
        return Ruling(Standing.FILTERED, Code.PERSON_OUT_OF_SCOPE)
    if status not in scope.statuses:
        return Ruling(Standing.KEPT, Code.PERSON_OUT_OF_SCOPE)
    return Ruling(Standing.WANTED)


def past_last_day(employee: Employee, today: date) -> bool:
    """Notice somebody whose last day is over and who is not inactive: worth a warning, never a removal."""
    days = (employee.attributes.get(key) for key in ("last_working_day", "termination_date"))
    return any(isinstance(day, date) and day < today for day in days)


def _word(employee: Employee, key: str) -> str:
    value = employee.attributes.get(key)
    return value.strip().lower() if isinstance(value, str) else ""
