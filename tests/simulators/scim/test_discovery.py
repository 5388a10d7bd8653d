"""Discovery: what the application says about itself is what it does."""

import pytest

from simulators.scim.handle import ScimSimulator
from simulators.scim.wire import CORE_GROUP, CORE_USER, ENTERPRISE_USER, Json
from tests.simulators.scim.builders import Client, refusal, user


def attributes(schema: Json) -> dict[str, Json]:
    return {one["name"]: one for one in schema["attributes"]}


def test_the_configuration_tells_what_works(client: Client) -> None:
    told = client.get("/ServiceProviderConfig").json()
    works = {name for name, value in told.items() if isinstance(value, dict) and value.get("supported")}
    assert works == {"patch", "filter", "etag"}
    assert told["filter"]["maxResults"] == 200
    assert told["authenticationSchemes"][0]["type"] == "oauthbearertoken"


def test_users_may_carry_the_enterprise_extension(client: Client, app: ScimSimulator) -> None:
    users, groups = client.get("/ResourceTypes").json()["Resources"]
    assert (users["endpoint"], users["schema"]) == ("/Users", CORE_USER)
    assert users["schemaExtensions"] == [{"schema": ENTERPRISE_USER, "required": False}]
    assert (groups["endpoint"], groups["schema"], groups["schemaExtensions"]) == ("/Groups", CORE_GROUP, [])
    assert client.http.get(users["meta"]["location"]).json() == users
    assert users["meta"]["location"].startswith(app.url)


def test_every_schema_is_listed_and_can_be_read_alone(client: Client) -> None:
    listed = client.get("/Schemas").json()
    assert [one["id"] for one in listed["Resources"]] == [CORE_USER, ENTERPRISE_USER, CORE_GROUP]
    assert listed["totalResults"] == 3
    for one in listed["Resources"]:
        assert client.get(f"/Schemas/{one['id']}").json() == one


def test_a_schema_describes_its_attributes(client: Client) -> None:
    described = attributes(client.get(f"/Schemas/{CORE_USER}").json())
    assert described["userName"]["uniqueness"] == "server"
    assert described["userName"]["required"]
    assert described["emails"]["multiValued"]
    assert [part["name"] for part in described["emails"]["subAttributes"]] == [
        "value",
        "display",
        "type",
        "primary",
    ]
    assert described["password"]["mutability"] == "writeOnly"
    assert described["groups"]["mutability"] == "readOnly"
    enterprise = attributes(client.get(f"/Schemas/{ENTERPRISE_USER}").json())
    assert enterprise.keys() == {
        "employeeNumber",
        "costCenter",
        "organization",
        "division",
        "department",
        "manager",
    }


@pytest.mark.parametrize("path", ["/Schemas/urn:x", "/ResourceTypes/Robot"])
def test_an_unknown_page_is_404(client: Client, path: str) -> None:
    assert refusal(client.get(path)) == (404, None)


def test_discovery_cannot_be_filtered(client: Client) -> None:
    assert refusal(client.get("/Schemas", filter='id eq "x"')) == (403, None)


def test_without_the_extension_nobody_hears_of_it(client: Client, app: ScimSimulator) -> None:
    old = client.create("old@example.com", **{ENTERPRISE_USER: {"department": "R&D"}})
    app.quirks.switch(enterprise_extension=False)
    assert client.get("/ResourceTypes/User").json()["schemaExtensions"] == []
    assert [one["id"] for one in client.get("/Schemas").json()["Resources"]] == [CORE_USER, CORE_GROUP]
    sent = user(**{ENTERPRISE_USER: {"department": "R&D"}})
    assert refusal(client.send("POST", "/Users", sent)) == (400, "invalidSyntax")
    shown = client.read(old["id"])
    assert ENTERPRISE_USER not in shown
    assert shown["schemas"] == [CORE_USER]


def test_without_the_extension_it_can_be_passed_over_in_silence(client: Client, app: ScimSimulator) -> None:
    app.quirks.switch(enterprise_extension=False, unknown_attributes="ignore")
    shown = client.create(**{ENTERPRISE_USER: {"department": "R&D"}})
    assert ENTERPRISE_USER not in shown
