"""Somebody else's SCIM library reads what the simulator says, so that strictness is not only our opinion."""

from typing import Any

import pytest
from scim2_models import (
    Context,
    EnterpriseUser,
    Error,
    Group,
    ListResponse,
    Resource,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    User,
)

from simulators.scim.handle import ScimSimulator
from simulators.scim.wire import CORE_USER, ENTERPRISE_USER, Json
from tests.simulators.scim.builders import Client, work_email


@pytest.fixture
def ada(client: Client, app: ScimSimulator) -> Json:
    boss = app.state.add_account("boss@example.com")
    app.state.add_group("Relay", [boss])
    return client.create(
        externalId="7",
        emails=[work_email("ada@example.com")],
        **{ENTERPRISE_USER: {"department": "R&D", "manager": {"value": boss}}},
    )


def test_it_reads_a_created_user(ada: Json) -> None:
    read = User[EnterpriseUser].model_validate(ada, scim_ctx=Context.RESOURCE_CREATION_RESPONSE)
    assert read.user_name == "ada@example.com"
    assert read[EnterpriseUser].department == "R&D"


def test_it_reads_lists_of_users_and_groups(client: Client, ada: Json) -> None:
    users = ListResponse[User[EnterpriseUser]].model_validate(
        client.get("/Users").json(), scim_ctx=Context.RESOURCE_QUERY_RESPONSE
    )
    groups = ListResponse[Group].model_validate(
        client.get("/Groups").json(), scim_ctx=Context.RESOURCE_QUERY_RESPONSE
    )
    assert (len(users.resources or []), len(groups.resources or [])) == (2, 1)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/ServiceProviderConfig", ServiceProviderConfig),
        ("/ResourceTypes", ListResponse[ResourceType]),
        ("/Schemas", ListResponse[Schema]),
    ],
    ids=["config", "types", "schemas"],
)
def test_it_reads_what_the_application_says_about_itself(
    client: Client, path: str, model: type[Resource[Any]]
) -> None:
    model.model_validate(client.get(path).json(), scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


def test_it_builds_a_user_from_the_schema_alone(client: Client) -> None:
    schema = Schema.model_validate(client.get(f"/Schemas/{CORE_USER}").json())
    assert {"user_name", "emails", "active"} <= Resource.from_schema(schema).model_fields.keys()


def test_it_reads_an_error(client: Client) -> None:
    error = Error.model_validate(client.get("/Users/nobody").json())
    assert (error.status, error.scim_type) == (404, None)
