"""The menu: which targets there are, and how each is built from a tenant's connection."""

from collections.abc import Callable, Mapping

from adapters.http import AddressPolicy, Outbound, split_url
from adapters.targets.memory import MemoryTarget
from adapters.targets.scim import ScimTarget
from domain.config import Configuration
from domain.ports_world import Clock, Target
from domain.records import Connection

Send = Callable[[str, AddressPolicy], Outbound]
BuildTarget = Callable[[Connection, Configuration, Outbound | None, Clock], Target]


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
