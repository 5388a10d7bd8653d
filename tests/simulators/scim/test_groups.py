"""Groups: members by id, shown from both sides."""

from simulators.scim.handle import ScimSimulator
from simulators.scim.wire import CORE_GROUP
from tests.simulators.scim.builders import Client, add, group, patch, refusal, remove, replace


def test_a_group_knows_its_members_and_a_member_its_groups(client: Client) -> None:
    ada = client.create(displayName="Ada")
    relay = client.send("POST", "/Groups", group("Relay", ada["id"])).json()
    location = ada["meta"]["location"]
    assert relay["members"] == [{"value": ada["id"], "type": "User", "$ref": location, "display": "Ada"}]
    assert client.read(ada["id"])["groups"] == [
        {"value": relay["id"], "$ref": relay["meta"]["location"], "display": "Relay", "type": "direct"}
    ]


def test_a_group_needs_a_name(client: Client) -> None:
    assert refusal(client.send("POST", "/Groups", {"schemas": [CORE_GROUP]})) == (400, "invalidValue")


def test_a_group_is_found_by_its_name(client: Client) -> None:
    client.send("POST", "/Groups", group("Relay"))
    client.send("POST", "/Groups", group("Sprint"))
    found = client.get("/Groups", filter='displayName eq "relay"').json()
    assert [one["displayName"] for one in found["Resources"]] == ["Relay"]


def test_members_come_and_go_one_by_one(client: Client, app: ScimSimulator) -> None:
    ada, bob = client.create()["id"], client.create("bob@example.com")["id"]
    relay = client.send("POST", "/Groups", group("Relay", ada)).json()["id"]
    path = f"/Groups/{relay}"
    client.send("PATCH", path, patch(add("members", [{"value": bob}, {"value": ada}])))
    assert app.state.groups()[0]["members"] == [ada, bob]
    client.send("PATCH", path, patch(remove(f'members[value eq "{ada}"]')))
    assert app.state.groups()[0]["members"] == [bob]
    assert "groups" not in client.read(ada)


def test_removing_somebody_who_is_no_member_has_no_target(client: Client) -> None:
    relay = client.send("POST", "/Groups", group()).json()["id"]
    answer = client.send("PATCH", f"/Groups/{relay}", patch(remove('members[value eq "nobody"]')))
    assert refusal(answer) == (400, "noTarget")


def test_a_member_must_exist(client: Client, app: ScimSimulator) -> None:
    assert refusal(client.send("POST", "/Groups", group("Relay", "nobody"))) == (400, "invalidValue")
    app.quirks.switch(unknown_references="accept")
    assert client.send("POST", "/Groups", group("Relay", "nobody")).status_code == 201


def test_the_id_of_a_member_cannot_be_overwritten(client: Client) -> None:
    ada = client.create()["id"]
    relay = client.send("POST", "/Groups", group("Relay", ada)).json()["id"]
    body = patch(replace(f'members[value eq "{ada}"].value', "other"))
    assert refusal(client.send("PATCH", f"/Groups/{relay}", body)) == (400, "mutability")


def test_a_deleted_user_leaves_all_groups(client: Client, app: ScimSimulator) -> None:
    ada = client.create()["id"]
    relay = client.send("POST", "/Groups", group("Relay", ada)).json()
    client.send("DELETE", f"/Users/{ada}")
    shown = client.get(f"/Groups/{relay['id']}").json()
    assert "members" not in shown
    assert shown["meta"]["version"] == 'W/"2"'
    assert app.state.groups()[0]["members"] == []


def test_a_group_can_be_a_member(client: Client) -> None:
    inner = client.send("POST", "/Groups", group("Inner")).json()["id"]
    body = {**group("Outer"), "members": [{"value": inner, "type": "Group"}]}
    shown = client.send("POST", "/Groups", body).json()
    assert (shown["members"][0]["type"], shown["members"][0]["display"]) == ("Group", "Inner")


def test_a_group_is_replaced_and_deleted(client: Client) -> None:
    relay = client.send("POST", "/Groups", group()).json()["id"]
    assert client.send("PUT", f"/Groups/{relay}", group("Sprint")).json()["displayName"] == "Sprint"
    assert client.send("DELETE", f"/Groups/{relay}").status_code == 204
    assert refusal(client.get(f"/Groups/{relay}")) == (404, None)
