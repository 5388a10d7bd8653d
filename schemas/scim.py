"""What SCIM servers send (RFC 7643, RFC 7644), as leniently as they send it: everything may be missing."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

Resource: TypeAlias = dict[str, Any]
"""An account on the wire. Which attributes it has is a matter between the tenant and its application."""


@dataclass(frozen=True, slots=True)
class ListResponse:
    """Hold one page of accounts; `total` is a hint that servers get wrong."""

    resources: tuple[Resource, ...]
    total: int | None
    start: int | None
    next_cursor: str | None

    @classmethod
    def of(cls, document: Resource) -> "ListResponse | None":
        """Read a page, whatever the case of its names; None if this is no list."""
        told = {name.lower(): value for name, value in document.items()}
        resources, total = told.get("resources"), _count(told.get("totalresults"))
        if resources is None and total is None:
            return None
        if not isinstance(resources, list | None) or not all(
            isinstance(one, dict) for one in resources or ()
        ):
            return None
        cursor = told.get("nextcursor")
        following = cursor if isinstance(cursor, str) and cursor else None
        return cls(tuple(resources or ()), total, _count(told.get("startindex")), following)


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """Hold a refusal in the server's words. `formal`: it has the shape that RFC 7644 gives it."""

    scim_type: str = ""
    detail: str = ""
    formal: bool = False

    @classmethod
    def of(cls, document: object) -> "ErrorResponse":
        """Read a refusal leniently; many servers say `message`, or hide it one level deeper."""
        if not isinstance(document, dict):
            return cls()
        told = {name.lower(): value for name, value in document.items()}
        schemas = told.get("schemas")
        formal = isinstance(schemas, list) and any(str(urn).lower() == ERROR.lower() for urn in schemas)
        return cls(_text(told.get("scimtype")), _sentence(told), formal)


_SENTENCES = ("detail", "message", "description", "error_description", "errors", "error")


def _sentence(told: Resource, depth: int = 2) -> str:
    for name in _SENTENCES:
        value = told.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict) and depth:
            value = _sentence({key.lower(): inner for key, inner in value.items()}, depth - 1)
        if isinstance(value, str) and value:
            return value
    return ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    """Read a number, also as text or with a fraction of zero."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < len("1" * 12):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


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
    required: bool = False
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
