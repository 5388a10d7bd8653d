"""Create, change and delete users and groups, and keep the rules that hold between them."""

from datetime import timedelta

from simulators.scim.counters import Counters
from simulators.scim.flatten import flatten
from simulators.scim.groups import MEMBERS, refuse_too_many, refuse_unwelcome
from simulators.scim.habits import as_stored
from simulators.scim.intake import Intake, check_required
from simulators.scim.model import Kind, ResourceType
from simulators.scim.patch import patched
from simulators.scim.quirks import Quirks
from simulators.scim.schema import resource_type
from simulators.scim.store import Resource, Store
from simulators.scim.wire import ENTERPRISE_USER, Json, ScimError


class Directory:
    """Let through only what the rules allow, and count every write that changed something."""

    def __init__(self, store: Store, quirks: Quirks, counters: Counters) -> None:
        self._store = store
        self._quirks = quirks
        self._counters = counters

    def kind(self, kind: Kind) -> ResourceType:
        """Give the resource type as the switches have it."""
        return resource_type(kind, enterprise=self._quirks.switches.enterprise_extension)

    def find(self, kind: Kind, resource_id: str) -> Resource:
        """Find by id, or refuse with 404."""
        found = self._store.get(kind, resource_id)
        if found is None:
            raise ScimError(404, f"there is no {kind} with this id")
        return found

    def visible(self, resources: list[Resource]) -> list[Resource]:
        """Leave out what the index has not seen yet."""
        lag = self._quirks.switches.visibility_lag_seconds
        if not lag:
            return resources
        newest = self._store.now() - timedelta(seconds=lag)
        return [resource for resource in resources if resource.created <= newest]

    def create(self, kind: ResourceType, body: object) -> Resource:
        """Add a resource under a new id."""
        data = self._intake(kind).resource(body)
        if kind.kind == "User":
            data = {**data, "active": self._active_at_first(data)}
        data = self._allowed({}, data, kind, own_id=None)
        added = self._store.insert(kind.kind, data)
        self._counters.created(added.id, data.get("externalId"), flatten(data))
        return added

    def replace(self, resource: Resource, kind: ResourceType, body: object) -> Resource:
        """Put a whole resource in place of another; what is not sent is unassigned."""
        data = self._intake(kind).resource(body)
        if kind.kind == "User":
            data.setdefault("active", self._quirks.switches.default_active)
        return self._write(resource, kind, data)

    def patch(self, resource: Resource, kind: ResourceType, body: object) -> Resource:
        """Apply operations; without effect the version stays."""
        if kind.kind == "Group":
            refuse_too_many(body, self._quirks.switches)
            refuse_unwelcome(body, self._quirks.switches)
        return self._write(resource, kind, patched(resource.data, body, self._intake(kind)))

    def delete(self, resource: Resource) -> None:
        """Take a resource away for good."""
        self._store.delete(resource)
        self._counters.changed(resource.id, flatten(resource.data), {})

    def _write(self, resource: Resource, kind: ResourceType, data: Json) -> Resource:
        data = self._allowed(resource.data, data, kind, own_id=resource.id)
        if data == resource.data:
            return resource
        self._counters.changed(resource.id, flatten(resource.data), flatten(data))
        return self._store.replace(resource, data)

    def _allowed(self, before: Json, after: Json, kind: ResourceType, *, own_id: str | None) -> Json:
        # A password is checked and forgotten: a simulator has no use for anybody's secret.
        kept = {name: value for name, value in after.items() if name != "password"}
        data = as_stored(before, kept, kind, self._quirks.switches)
        check_required(data, kind)
        self._refuse_taken(data, kind, own_id)
        if self._quirks.switches.unknown_references == "drop" and MEMBERS in data:
            data = {**data, MEMBERS: [one for one in data[MEMBERS] if self._knows(one.get("value", ""))]}
        if self._quirks.switches.unknown_references == "refuse":
            self._refuse_strangers(before, data)
        return data

    def _active_at_first(self, data: Json) -> bool:
        switches = self._quirks.switches
        return not switches.invitation_required and bool(data.get("active", switches.default_active))

    def _refuse_taken(self, data: Json, kind: ResourceType, own_id: str | None) -> None:
        keys = []
        if kind.kind == "User":
            keys.append(("userName", data["userName"].lower()))
        if kind.kind == "Group" and self._quirks.switches.unique_display_name:
            keys.append(("displayName", data["displayName"].lower()))
        if self._quirks.switches.unique_external_id and "externalId" in data:
            keys.append(("externalId", data["externalId"]))
        for key in keys:
            if any(found.id != own_id for found in self._store.look_up(kind.kind, key)):
                raise ScimError(409, f"another {kind.kind} has this {key[0]}", "uniqueness")

    def _refuse_strangers(self, before: Json, after: Json) -> None:
        for name, resource_id in _references(after) - _references(before):
            if not self._knows(resource_id):
                raise ScimError(400, f"{name} must be the id of a resource that exists", "invalidValue")

    def _knows(self, resource_id: str) -> bool:
        return any(self._store.get(kind, resource_id) is not None for kind in ("User", "Group"))

    def _intake(self, kind: ResourceType) -> Intake:
        return Intake(kind, self._quirks.switches)


def _references(data: Json) -> set[tuple[str, str]]:
    named = {("members.value", member.get("value", "")) for member in data.get("members", ())}
    manager = data.get(ENTERPRISE_USER, {}).get("manager")
    return named | {("manager.value", manager.get("value", ""))} if manager else named
