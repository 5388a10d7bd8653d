"""What a schema is made of: attributes, their parts, and the resource types that carry them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from simulators.scim.wire import Json

ValueType: TypeAlias = Literal["string", "boolean", "complex", "reference", "dateTime", "binary"]
Mutability: TypeAlias = Literal["readWrite", "readOnly", "writeOnly", "immutable"]
Kind: TypeAlias = Literal["User", "Group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """Describe one attribute as RFC 7643 §7 does; `parts` are its sub-attributes."""

    name: str
    type: ValueType = "string"
    description: str = ""
    multi: bool = False
    required: bool = False
    mutability: Mutability = "readWrite"
    returned: Literal["always", "default", "never"] = "default"
    unique: bool = False
    exact: bool = False
    parts: tuple["Attribute", ...] = ()
    reference_types: tuple[str, ...] = ()
    lookup: Mapping[str, "Attribute"] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lookup", by_lower_name(self.parts))

    @property
    def read_only(self) -> bool:
        """Say whether only the application itself sets this attribute."""
        return self.mutability == "readOnly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """Gather the attributes under one URN; `common` ones are known but not listed in /Schemas."""

    urn: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]
    common: tuple[Attribute, ...] = ()
    lookup: Mapping[str, Attribute] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lookup", by_lower_name((*self.common, *self.attributes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """Say which schemas a resource may carry and where it lives."""

    kind: Kind
    endpoint: str
    core: Schema
    extensions: tuple[Schema, ...] = ()

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """List the core schema, then the extensions."""
        return (self.core, *self.extensions)


def by_lower_name(attributes: tuple[Attribute, ...]) -> Mapping[str, Attribute]:
    """Index attributes the way SCIM compares their names: without case."""
    return {attribute.name.lower(): attribute for attribute in attributes}


def describe_attribute(attribute: Attribute) -> Json:
    """Write an attribute as /Schemas shows it."""
    described: Json = {
        "name": attribute.name,
        "type": attribute.type,
        "multiValued": attribute.multi,
        "description": attribute.description or attribute.name,
        "required": attribute.required,
        "caseExact": attribute.exact,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
        "uniqueness": "server" if attribute.unique else "none",
    }
    if attribute.parts:
        described["subAttributes"] = [describe_attribute(part) for part in attribute.parts]
    if attribute.reference_types:
        described["referenceTypes"] = list(attribute.reference_types)
    return described
