"""Write a stored resource as clients see it: with id, meta, groups and the manager's name."""

from dataclasses import dataclass
from datetime import UTC, datetime

from simulators.scim.model import Kind, ResourceType
from simulators.scim.schema import resource_type
from simulators.scim.store import Resource, Store
from simulators.scim.switches import Switches
from simulators.scim.wire import ENTERPRISE_USER, Json


@dataclass(frozen=True, slots=True)
class Renderer:
    """Know what is needed to show a resource: where it lives and who it refers to."""

    store: Store
    base_url: str
    switches: Switches

    def document(self, resource: Resource) -> Json:
        """Write the whole resource."""
        kind = resource_type(resource.kind, enterprise=self.switches.enterprise_extension)
        shown = [schema for schema in kind.extensions if schema.urn in resource.data]
        document: Json = {"schemas": [kind.core.urn, *(schema.urn for schema in shown)], "id": resource.id}
        document.update(resource.data)
        if resource.kind == "User":
            self._complete_user(document, resource)
        elif "members" in document:
            document["members"] = [self._member(member) for member in document["members"]]
        document["meta"] = self._meta(resource, kind)
        return document

    def location(self, resource: Resource) -> str:
        """Name the URL of a resource."""
        return f"{self.base_url}/{resource.kind}s/{resource.id}"

    def _complete_user(self, document: Json, resource: Resource) -> None:
        groups = self.store.groups_of(resource.id)
        if groups:
            document["groups"] = [self._group(group) for group in groups]
        if not self.switches.enterprise_extension:
            document.pop(ENTERPRISE_USER, None)
            return
        extension = document.get(ENTERPRISE_USER)
        if extension and "manager" in extension:
            document[ENTERPRISE_USER] = {**extension, "manager": self._manager(extension["manager"])}

    def _manager(self, manager: Json) -> Json:
        found = self.store.get("User", manager.get("value", ""))
        if found is None:
            return manager
        name = display_name(found.data)
        shown = {**manager, "$ref": self.location(found)}
        return {**shown, "displayName": name} if name else shown

    def _group(self, group: Resource) -> Json:
        return {
            "value": group.id,
            "$ref": self.location(group),
            "display": group.data.get("displayName", ""),
            "type": "direct",
        }

    def _member(self, member: Json) -> Json:
        kind: Kind = "Group" if member.get("type") == "Group" else "User"
        found = self.store.get(kind, member.get("value", ""))
        if found is None:
            return member
        return {
            **member,
            "type": kind,
            "$ref": self.location(found),
            "display": display_name(found.data) or found.id,
        }

    def _meta(self, resource: Resource, kind: ResourceType) -> Json:
        return {
            "resourceType": kind.kind,
            "created": instant(resource.created),
            "lastModified": instant(resource.modified),
            "location": self.location(resource),
            "version": resource.etag,
        }


def display_name(data: Json) -> str:
    """Choose the name under which others see a resource."""
    name = data.get("name", {})
    return str(data.get("displayName") or name.get("formatted") or data.get("userName") or "")


def instant(moment: datetime) -> str:
    """Write an instant as SCIM's dateTime."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
