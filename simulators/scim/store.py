"""Keep users and groups in memory, with indexes for everything a synchroniser looks up."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, TypeVar
from uuid import NAMESPACE_URL, uuid5

from simulators.scim.model import Kind
from simulators.scim.wire import Json

Clock: TypeAlias = Callable[[], datetime]
IndexKey: TypeAlias = tuple[str, str]
Key = TypeVar("Key")
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Hold one version of a user or group; `data` is never changed in place."""

    kind: Kind
    id: str
    data: Json
    created: datetime
    modified: datetime
    version: int = 1

    @property
    def etag(self) -> str:
        """Write the version as the weak entity tag that If-Match repeats."""
        return f'W/"{self.version}"'


def index_keys(data: Json) -> Iterator[IndexKey]:
    """Name the keys under which a resource is found without reading all of them."""
    for attribute in ("userName", "displayName"):
        if attribute in data:
            yield attribute, data[attribute].lower()
    if "externalId" in data:
        yield "externalId", data["externalId"]
    for email in data.get("emails", ()):
        yield "emails", email.get("value", "").lower()


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold everything that a store held at one moment."""

    issued: int
    resources: dict[Kind, dict[str, Resource]]
    index: dict[tuple[Kind, IndexKey], dict[str, None]]
    groups_of: dict[str, dict[str, None]]


class Store:
    """Own every resource; whoever reads and then writes holds `lock` meanwhile."""

    def __init__(self, clock: Clock) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._issued = 0
        self._resources: dict[Kind, dict[str, Resource]] = {"User": {}, "Group": {}}
        self._index: dict[tuple[Kind, IndexKey], dict[str, None]] = {}
        self._groups_of: dict[str, dict[str, None]] = {}

    def now(self) -> datetime:
        """Read the clock that stamps every version."""
        return self._clock()

    def get(self, kind: Kind, resource_id: str) -> Resource | None:
        """Find one resource by its id."""
        return self._resources[kind].get(resource_id)

    def all(self, kind: Kind) -> list[Resource]:
        """List every resource of a kind, oldest first."""
        with self.lock:
            return list(self._resources[kind].values())

    def count(self, kind: Kind) -> int:
        """Count the resources of a kind."""
        return len(self._resources[kind])

    def look_up(self, kind: Kind, key: IndexKey) -> list[Resource]:
        """Find resources by one of their index keys, oldest first."""
        with self.lock:
            if key[0] == "id":
                return [self._resources[kind][key[1]]] if key[1] in self._resources[kind] else []
            found = self._index.get((kind, key), {})
            return [self._resources[kind][resource_id] for resource_id in found]

    def groups_of(self, user_id: str) -> list[Resource]:
        """List the groups that name this id as a member."""
        return [self._resources["Group"][group] for group in self._groups_of.get(user_id, {})]

    def insert(self, kind: Kind, data: Json) -> Resource:
        """Add a resource under a new id; ids repeat from one simulator to the next, never within one."""
        with self.lock:
            self._issued += 1
            resource_id = str(uuid5(NAMESPACE_URL, f"urn:simulator:{kind}:{self._issued}"))
            now = self._clock()
            added = Resource(kind=kind, id=resource_id, data=data, created=now, modified=now)
            self._put(added)
            return added

    def replace(self, resource: Resource, data: Json) -> Resource:
        """Write the next version of a resource."""
        with self.lock:
            self._unindex(resource)
            version = resource.version + 1
            changed = replace(resource, data=data, modified=self._clock(), version=version)
            self._put(changed)
            return changed

    def delete(self, resource: Resource) -> None:
        """Forget a resource; groups forget the member with it."""
        with self.lock:
            for group in self.groups_of(resource.id):
                members = [m for m in group.data.get("members", []) if m.get("value") != resource.id]
                rest = {name: value for name, value in group.data.items() if name != "members"}
                self.replace(group, {**rest, "members": members} if members else rest)
            self._unindex(resource)
            del self._resources[resource.kind][resource.id]

    def keep(self) -> Kept:
        """Remember everything as it is now; resources are never changed in place, only replaced."""
        with self.lock:
            return Kept(
                self._issued, _copied(self._resources), _copied(self._index), _copied(self._groups_of)
            )

    def bring_back(self, kept: Kept) -> None:
        """Be again as at the moment that was kept, any number of times."""
        with self.lock:
            self._issued = kept.issued
            self._resources = _copied(kept.resources)
            self._index = _copied(kept.index)
            self._groups_of = _copied(kept.groups_of)

    def _put(self, resource: Resource) -> None:
        self._resources[resource.kind][resource.id] = resource
        for key in index_keys(resource.data):
            self._index.setdefault((resource.kind, key), {})[resource.id] = None
        for member in resource.data.get("members", ()):
            self._groups_of.setdefault(member.get("value", ""), {})[resource.id] = None

    def _unindex(self, resource: Resource) -> None:
        for key in index_keys(resource.data):
            self._index.get((resource.kind, key), {}).pop(resource.id, None)
        for member in resource.data.get("members", ()):
            self._groups_of.get(member.get("value", ""), {}).pop(resource.id, None)


def _copied(shelves: dict[Key, dict[str, Thing]]) -> dict[Key, dict[str, Thing]]:
    return {key: dict(shelf) for key, shelf in shelves.items()}
