"""What SCIM servers send (RFC 7643, RFC 7644), as leniently as they send it: everything may be missing."""

from typing import Any, TypeAlias

import msgspec

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

Resource: TypeAlias = dict[str, Any]
"""An account on the wire. Which attributes it has is a matter between the tenant and its application."""


class ListResponse(msgspec.Struct, frozen=True, rename="camel"):
    """Hold one page of accounts; `total_results` is a hint that servers get wrong."""

    resources: list[Resource] | None = msgspec.field(name="Resources", default=None)
    total_results: int | None = None


class ErrorResponse(msgspec.Struct, frozen=True, rename="camel"):
    """Hold a refusal in the server's words."""

    scim_type: str | None = None
    detail: str | None = None


class Supported(msgspec.Struct, frozen=True, rename="camel"):
    """Say whether a feature is there, and for filters how many results it gives at most."""

    supported: bool = True
    max_results: int | None = None


class ServiceProviderConfig(msgspec.Struct, frozen=True):
    """Hold the two features that change how we write and look up."""

    patch: Supported = Supported()
    filter: Supported = Supported()


class Attribute(msgspec.Struct, frozen=True, rename="camel"):
    """Describe an attribute of a schema, with its parts if it has any."""

    name: str
    type: str = "string"
    multi_valued: bool = False
    mutability: str = "readWrite"
    sub_attributes: tuple["Attribute", ...] = ()


class Schema(msgspec.Struct, frozen=True):
    """Describe the attributes that live under one URN."""

    id: str
    attributes: tuple[Attribute, ...] = ()


class SchemaExtension(msgspec.Struct, frozen=True):
    """Name an extension that accounts may carry."""

    schema: str


class ResourceType(msgspec.Struct, frozen=True, rename="camel"):
    """Say what lives at an endpoint, such as /Users."""

    name: str = ""
    endpoint: str = ""
    schema: str = ""
    schema_extensions: tuple[SchemaExtension, ...] | None = None


class Schemas(msgspec.Struct, frozen=True):
    """Hold what /Schemas answers."""

    resources: tuple[Schema, ...] = msgspec.field(name="Resources", default=())


class ResourceTypes(msgspec.Struct, frozen=True):
    """Hold what /ResourceTypes answers."""

    resources: tuple[ResourceType, ...] = msgspec.field(name="Resources", default=())
