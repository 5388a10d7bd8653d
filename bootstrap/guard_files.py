"""Turn the section [guards] of a tenant file into what the guards let go."""

from dataclasses import replace
from typing import Any

from domain.guards import OFF, USUAL_GUARDS, Bound, Guards
from schemas.guards_part import BoundPart, GuardsPart, RemovalsPart


def guards_of(part: GuardsPart) -> Guards:
    """Lay what a file says over the usual bounds; of a bound, too, what it leaves out stays usual."""
    told: dict[str, Any] = {}
    for name in part.model_fields_set:
        value = getattr(part, name)
        match value:
            case BoundPart() | RemovalsPart():
                told[name] = replace(_usual(name), **value.model_dump(exclude_unset=True))
            case None:
                told[name] = OFF
            case list():
                told[name] = frozenset(value)
            case _:
                told[name] = value
    return replace(USUAL_GUARDS, **told)


def _usual(name: str) -> Bound:
    usual = getattr(USUAL_GUARDS, name)
    return usual if isinstance(usual, Bound) else USUAL_GUARDS.removals
