"""A tenant's guards inside its stored configuration; unique names in them as fingerprints only."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from adapters.database.people import KEY
from adapters.database.session import Session
from domain.config import Configuration
from domain.guards import ACCOUNT_PREFIX, NAME_PREFIX, OFF, PERSON_PREFIX, Bound, Guards, Off
from domain.ids import TenantId
from domain.mapping import same_key

KNOWN = (PERSON_PREFIX, ACCOUNT_PREFIX, NAME_PREFIX)
SETS = frozenset({"protect", "owners"})
"""Fields that hold words; those that are no bound and no yes or no."""


def without_names(session: Session, tenant_id: TenantId, config: Configuration) -> Configuration:
    """Replace unique names in the protect list by fingerprints, which only this tenant's key can make.

    They are the fingerprints that links carry, so that a protected account is found without opening one.
    """
    protect = {_fingerprinted(session, tenant_id, entry) for entry in config.guards.protect}
    return replace(config, guards=replace(config.guards, protect=frozenset(protect)))


def _fingerprinted(session: Session, tenant_id: TenantId, entry: str) -> str:
    if entry.startswith(KNOWN):
        return entry
    return NAME_PREFIX + session.digest(tenant_id, KEY, same_key(entry)).hex()


def write_guards(guards: Guards) -> dict[str, object]:
    """Write every field, so that a version means the same in years to come."""
    return {field.name: _written(getattr(guards, field.name)) for field in fields(Guards)}


def read_guards(content: Mapping[str, Any]) -> Guards:
    """Read what `write_guards` wrote; a field that is younger than the version has its default."""
    told: dict[str, Any] = {name: _read(name, value) for name, value in content.items()}
    return replace(Guards(), **told)


def _written(value: object) -> object:
    match value:
        case Bound(share, fewest, most):
            return [share, fewest, most]
        case frozenset():
            return sorted(value)
        case _:
            return value


def _read(name: str, value: Any) -> Bound | Off | frozenset[str] | bool | None:  # noqa: ANN401  JSON
    if name in SETS:
        return frozenset(value)
    if isinstance(value, list):
        return Bound(*value)
    return value if isinstance(value, bool) or value is None else OFF
