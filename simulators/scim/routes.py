"""Read a path: which collection, which resource, or which page about the application itself."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from simulators.scim.model import Kind

_KINDS: dict[str, Kind] = {"Users": "User", "Groups": "Group"}


@dataclass(frozen=True, slots=True)
class Collection:
    """Name all users or all groups."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """Name one user or group."""

    kind: Kind
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class About:
    """Name a discovery page, or one entry of it."""

    page: Literal["ServiceProviderConfig", "ResourceTypes", "Schemas"]
    name: str
    id: str | None


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Stand for every other path."""

    name: str = "(unknown)"


Route: TypeAlias = Collection | Item | About | Nowhere


def read_route(path: str) -> Route:
    """Read the path of a request, the base URL already cut off."""
    first, *rest = path.removeprefix("/").split("/")
    if first in _KINDS:
        return _resources(first, rest)
    match first:
        case "ServiceProviderConfig" | "ResourceTypes" | "Schemas" if len(rest) <= 1:
            name = f"/{first}/{{id}}" if rest else f"/{first}"
            return About(first, name, rest[0] if rest else None)
        case _:
            return Nowhere()


def _resources(first: str, rest: list[str]) -> Route:
    match rest:
        case [] | [""]:
            return Collection(_KINDS[first], f"/{first}")
        case [resource_id]:
            return Item(_KINDS[first], f"/{first}/{{id}}", resource_id)
        case _:
            return Nowhere()
