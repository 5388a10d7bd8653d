"""Look into the application and change it by hand, as its own administrators would."""

from collections.abc import Sequence

from simulators.scim.counters import Counters
from simulators.scim.directory import Directory
from simulators.scim.flatten import flatten
from simulators.scim.model import Kind
from simulators.scim.quirks import Quirks
from simulators.scim.store import Resource, Store
from simulators.scim.wire import CORE_GROUP, CORE_USER, ENTERPRISE_USER, PATCH_OP, Json


class State:
    """Show the truth; what is done here obeys the rules but is counted nowhere."""

    def __init__(self, store: Store, quirks: Quirks) -> None:
        self._store = store
        self._directory = Directory(store, quirks, Counters())

    def accounts(self) -> list[Json]:
        """List every account in plain words, oldest first."""
        return [_truth_of_account(resource) for resource in self._store.all("User")]

    def groups(self) -> list[Json]:
        """List every group with the ids of its members, oldest first."""
        return [_truth_of_group(resource) for resource in self._store.all("Group")]

    def account(self, *, id: str | None = None, external_id: str | None = None) -> Json:  # noqa: A002  SCIM's own word
        """Find exactly one account by its id or externalId."""
        found = self._named(id, external_id)
        if len(found) != 1:
            raise LookupError(f"{len(found)} accounts answer to this, not one")
        return _truth_of_account(found[0])

    def add_account(self, user_name: str, /, **attributes: object) -> str:
        """Add an account that was there before; answer its id. Extensions go under their URN."""
        urns = [urn for urn in (ENTERPRISE_USER,) if urn in attributes]
        return self._add("User", {"schemas": [CORE_USER, *urns], "userName": user_name, **attributes})

    def add_group(
        self, display_name: str, members: Sequence[str] = (), *, external_id: str | None = None
    ) -> str:
        """Add a group; answer its id."""
        document: Json = {"schemas": [CORE_GROUP], "displayName": display_name}
        document["members"] = [{"value": member} for member in members]
        return self._add(
            "Group", document if external_id is None else {**document, "externalId": external_id}
        )

    def add_members(self, group_id: str, members: Sequence[str]) -> None:
        """Bring members into a group behind the synchroniser's back."""
        with self._store.lock:
            group = self._store.look_up("Group", ("id", group_id))[0]
            known = group.data.get("members", [])
            after = {**group.data, "members": [*known, *({"value": one, "type": "User"} for one in members)]}
            self._store.replace(group, after)

    def edit_account(self, resource_id: str, attributes: Json) -> None:
        """Change an account behind the synchroniser's back; None unassigns an attribute."""
        operations = [{"op": "replace", "value": attributes}]
        with self._store.lock:
            resource = self._directory.find("User", resource_id)
            body = {"schemas": [PATCH_OP], "Operations": operations}
            self._directory.patch(resource, self._directory.kind("User"), body)

    def delete_account(self, resource_id: str) -> None:
        """Delete an account behind the synchroniser's back."""
        with self._store.lock:
            self._directory.delete(self._directory.find("User", resource_id))

    def truth(self) -> Json:
        """Show everything, for a comparison with the company that was synchronised."""
        with self._store.lock:
            return {"accounts": self.accounts(), "groups": self.groups()}

    def _named(self, resource_id: str | None, external_id: str | None) -> list[Resource]:
        if external_id is not None:
            found = self._store.look_up("User", ("externalId", external_id))
            return [one for one in found if resource_id in (None, one.id)]
        if resource_id is not None:
            return self._store.look_up("User", ("id", resource_id))
        return self._store.all("User")

    def _add(self, kind: Kind, document: Json) -> str:
        with self._store.lock:
            return self._directory.create(self._directory.kind(kind), document).id


def populate(state: State, count: int) -> None:
    """Add accounts that were there before any synchroniser: with an e-mail, without an externalId."""
    for number in range(1, count + 1):
        address = f"person{number:05}@example.com"
        state.add_account(
            address,
            name={"givenName": "Person", "familyName": f"Number {number}"},
            emails=[{"value": address, "type": "work", "primary": True}],
        )


def _truth_of_account(resource: Resource) -> Json:
    data = resource.data
    return {
        "id": resource.id,
        "externalId": data.get("externalId"),
        "userName": data["userName"],
        "active": data.get("active"),
        "manager": data.get(ENTERPRISE_USER, {}).get("manager", {}).get("value"),
        "attributes": flatten(data),
    }


def _truth_of_group(resource: Resource) -> Json:
    data = resource.data
    return {
        "id": resource.id,
        "externalId": data.get("externalId"),
        "displayName": data["displayName"],
        "members": [member.get("value") for member in data.get("members", [])],
    }
