"""What the application says about itself: capabilities, resource types and schemas."""

from simulators.scim.model import ResourceType, Schema, describe_attribute
from simulators.scim.schema import resource_type
from simulators.scim.switches import Switches
from simulators.scim.wire import Json, ScimError

_CORE = "urn:ietf:params:scim:schemas:core:2.0"


def service_provider_config(switches: Switches, base_url: str) -> Json:
    """Advertise what works, as the switches stand."""
    return {
        "schemas": [f"{_CORE}:ServiceProviderConfig"],
        "documentationUri": "https://datatracker.ietf.org/doc/html/rfc7644",
        "patch": {"supported": switches.patch == "supported"},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {
            "supported": not switches.filter.startswith("unsupported"),
            "maxResults": switches.max_results or switches.max_page_size,
        },
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token in the Authorization header",
                "specUri": "https://datatracker.ietf.org/doc/html/rfc6750",
                "primary": True,
            }
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": f"{base_url}/ServiceProviderConfig",
        },
    }


def resource_types(switches: Switches, base_url: str) -> list[Json]:
    """List users and groups with the schemas they carry."""
    return [_describe_type(kind, base_url) for kind in _kinds(switches)]


def schemas(switches: Switches, base_url: str) -> list[Json]:
    """List every schema in full."""
    return [_describe_schema(schema, base_url) for kind in _kinds(switches) for schema in kind.schemas]


def one_of(documents: list[Json], document_id: str) -> Json:
    """Pick one resource type or schema by its id."""
    found = next((one for one in documents if one["id"] == document_id), None)
    if found is None:
        raise ScimError(404, "there is no such resource type or schema")
    return found


def _kinds(switches: Switches) -> tuple[ResourceType, ...]:
    return (resource_type("User", enterprise=switches.enterprise_extension), resource_type("Group"))


def _describe_type(kind: ResourceType, base_url: str) -> Json:
    return {
        "schemas": [f"{_CORE}:ResourceType"],
        "id": kind.kind,
        "name": kind.kind,
        "endpoint": kind.endpoint,
        "description": kind.core.description,
        "schema": kind.core.urn,
        "schemaExtensions": [{"schema": schema.urn, "required": False} for schema in kind.extensions],
        "meta": {"resourceType": "ResourceType", "location": f"{base_url}/ResourceTypes/{kind.kind}"},
    }


def _describe_schema(schema: Schema, base_url: str) -> Json:
    return {
        "schemas": [f"{_CORE}:Schema"],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description,
        "attributes": [describe_attribute(attribute) for attribute in schema.attributes],
        "meta": {"resourceType": "Schema", "location": f"{base_url}/Schemas/{schema.urn}"},
    }
