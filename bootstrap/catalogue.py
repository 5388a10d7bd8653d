"""The menu: which targets there are, and how each is built from a tenant's connection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.http import AddressPolicy, Outbound
from adapters.http.request import parse_origin
from adapters.targets.memory import MemoryTarget
from adapters.targets.scim import ScimTarget
from domain.config import Configuration
from domain.ports_world import Clock, Target
from domain.records import Connection

Send = Callable[[str, AddressPolicy], Outbound]
BuildTarget = Callable[[Connection, Configuration, Outbound | None, Clock], Target]


def split_url(url: str) -> tuple[str, str]:
    """Split a URL into its origin, which secrets are bound to, and the path below it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


@dataclass(frozen=True, slots=True)
class Place:
    """Name where an address leads, whatever its spelling: «HTTPS://App.Example:443/x/» is «https://app.example/x»."""

    origin: str
    path: str


def place_of(url: str) -> Place:
    """Tell where an address leads, so that two spellings of one place compare equal."""
    origin, path = split_url(url)
    return Place(parse_origin(origin).url, path)


def _scim(connection: Connection, config: Configuration, outbound: Outbound | None, clock: Clock) -> Target:
    if outbound is None:
        raise ValueError("a SCIM target needs a URL")
    _, path = split_url(connection.target_url)
    return ScimTarget(outbound, connection.target_token, config.paths, clock, path)


def _memory(connection: Connection, config: Configuration, outbound: Outbound | None, clock: Clock) -> Target:
    del connection, outbound
    return MemoryTarget(config.paths, (config.unique_path,), clock=clock)


TARGETS: Mapping[str, BuildTarget] = {"scim": _scim, "memory": _memory}
"""Name → builder. «memory» lives in one process only: it is for tests and first looks."""

OVER_HTTP = frozenset({"scim"})
"""Targets that are reached by URL."""
