"""Decide where a person stands: wanted, kept, gone, or unknown. Unknown never removes and never creates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from domain.codes import Code
from domain.config import Scope
from domain.employee import Employee, Value
from domain.scope_judge import Facts, holds, turning_days
from domain.scope_tree import AllOf, Clause, Operator, Truth, all_hold, clauses

KNOWN_STATUSES = frozenset({"active", "inactive", "onboarding", "leave"})
"""Personio: v1 `status` has exactly these values; anything else is a dialect that we do not understand."""

NO_UNIVERSAL_IDS: Mapping[str, str] = MappingProxyType({})


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


GETS_NONE = frozenset({Standing.KEPT, Standing.LEFT, Standing.FILTERED})
"""Where people stand for whom no account is made."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Say where a person stands and why; the reason is shown to humans."""

    standing: Standing
    why: Code | None = None


@dataclass(frozen=True, slots=True)
class ClauseVerdict:
    """Show one clause, what it saw (None: was not told, (): empty), and its answer."""

    clause: Clause
    saw: tuple[Value, ...] | None
    truth: Truth


def rule(
    employee: Employee, scope: Scope, today: date, universal: Mapping[str, str] = NO_UNIVERSAL_IDS
) -> Ruling:
    """Judge one record, on one day.

    status     type and filter    ruling
    inactive   any                left
    not known  any                unknown
    known      no                 filtered
    known      cannot be told     unknown
    chosen     yes                wanted
    other      yes                kept      (someone on leave, or hired and not there yet)

    A scope without employment types takes every type, and needs none to be told.
    """
    status = _word(employee, "status")
    if status not in KNOWN_STATUSES:
        return Ruling(Standing.UNKNOWN, Code.PERSON_SCOPE_UNKNOWN)
    if status == "inactive":
        return Ruling(Standing.LEFT, Code.PERSON_LEFT)
    match _inside(employee, scope, Facts(employee, today, universal)):
        case None:
            return Ruling(Standing.UNKNOWN, Code.PERSON_SCOPE_UNKNOWN)
        case False:
            return Ruling(Standing.FILTERED, Code.PERSON_OUT_OF_SCOPE)
        case True if status not in scope.statuses:
            return Ruling(Standing.KEPT, Code.PERSON_OUT_OF_SCOPE)
        case True:
            return Ruling(Standing.WANTED)


def explain(
    employee: Employee, scope: Scope, today: date, universal: Mapping[str, str] = NO_UNIVERSAL_IDS
) -> tuple[ClauseVerdict, ...]:
    """Show every clause with the value that it saw, status and employment type first."""
    facts = Facts(employee, today, universal)
    simple = [Clause("status", Operator.IN, tuple(sorted(scope.statuses)))]
    if scope.employment_types:
        simple.append(Clause("employment_type", Operator.IN, tuple(sorted(scope.employment_types))))
    asked = (*simple, *(clauses(scope.where) if scope.where is not None else ()))
    return tuple(ClauseVerdict(each, facts.says(each.attribute), holds(each, facts)) for each in asked)


def outside_by(
    employee: Employee, scope: Scope, today: date, universal: Mapping[str, str] = NO_UNIVERSAL_IDS
) -> tuple[str, ...]:
    """Name the attributes by which somebody is outside: of every part of the filter that says no.

    Names only: what a record says of somebody outside is not kept.
    """
    facts = Facts(employee, today, universal)
    kind, types = _word(employee, "employment_type"), scope.employment_types
    guilty = ["employment_type"] if kind and types and kind not in types else []
    parts = scope.where.parts if isinstance(scope.where, AllOf) else (scope.where,)
    for part in parts:
        if part is not None and holds(part, facts) is False:
            guilty += [clause.attribute for clause in clauses(part)]
    return tuple(dict.fromkeys(guilty))


def unknown_by(
    employee: Employee, scope: Scope, today: date, universal: Mapping[str, str] = NO_UNIVERSAL_IDS
) -> tuple[str, ...]:
    """Name the attributes for want of which nobody can tell where somebody stands."""
    if _word(employee, "status") not in KNOWN_STATUSES:
        return ("status",)
    facts = Facts(employee, today, universal)
    untyped = scope.employment_types and not _word(employee, "employment_type")
    blamed = ["employment_type"] if untyped else []
    parts = scope.where.parts if isinstance(scope.where, AllOf) else (scope.where,)
    for part in parts:
        if part is not None and holds(part, facts) is None:
            blamed += [clause.attribute for clause in clauses(part) if holds(clause, facts) is None]
    return tuple(dict.fromkeys(blamed))


def next_look(
    employee: Employee, scope: Scope, today: date, universal: Mapping[str, str] = NO_UNIVERSAL_IDS
) -> date | None:
    """Tell the next day on which the same record is judged differently; None if that day does not come."""
    if scope.where is None:
        return None
    days = turning_days(scope.where, Facts(employee, today, universal))
    now = rule(employee, scope, today, universal)
    later = (day for day in sorted(set(days)) if day > today)
    return next((day for day in later if rule(employee, scope, day, universal) != now), None)


def past_last_day(employee: Employee, today: date) -> bool:
    """Notice somebody whose last day is over and who is not inactive: worth a warning, never a removal."""
    days = (employee.attributes.get(key) for key in ("last_working_day", "termination_date"))
    return any(isinstance(day, date) and day < today for day in days)


def _inside(employee: Employee, scope: Scope, facts: Facts) -> Truth:
    """Ask whether somebody is of a wanted type and passes the filter; one clear no decides."""
    kind = _word(employee, "employment_type")
    if not scope.employment_types:
        typed: Truth = True
    else:
        typed = kind in scope.employment_types if kind else None
    return typed if scope.where is None else all_hold((typed, holds(scope.where, facts)))


def _word(employee: Employee, key: str) -> str:
    value = employee.attributes.get(key)
    return value.strip().lower() if isinstance(value, str) else ""
