"""Find the attribute that a path such as `name.givenName` or `urn:…:User:manager.value` means."""

from dataclasses import dataclass

from simulators.scim.model import Attribute, ResourceType, Schema
from simulators.scim.wire import Json


class UnknownPathError(ValueError):
    """Tell that a path names nothing; the caller knows which scimType that is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Point at an attribute, at one part of it, or (without attribute) at a whole extension."""

    extension: str | None
    attribute: Attribute | None
    part: Attribute | None = None

    @property
    def leaf(self) -> Attribute | None:
        """Name the innermost attribute."""
        return self.part or self.attribute


def find_place(text: str, kind: ResourceType) -> Place:
    """Resolve a path against the schemas of a resource type, without regard to case."""
    schema, rest = _split_urn(text, kind)
    extension = None if schema is kind.core else schema.urn
    if not rest:
        return Place(extension, None)
    return _within(schema, extension, rest)


def _split_urn(text: str, kind: ResourceType) -> tuple[Schema, str]:
    lowered = text.lower()
    for schema in kind.schemas:
        urn = schema.urn.lower()
        if lowered == urn and schema is not kind.core:
            return schema, ""
        if lowered.startswith(urn + ":"):
            return schema, text[len(urn) + 1 :]
    if lowered.startswith("urn:") or not text:
        raise UnknownPathError("the path names a schema that this resource type does not have")
    return kind.core, text


def _within(schema: Schema, extension: str | None, text: str) -> Place:
    name, dot, part_name = text.partition(".")
    attribute = schema.lookup.get(name.lower())
    if attribute is None:
        raise UnknownPathError("the path names an attribute that the schema does not define")
    if not dot:
        return Place(extension, attribute)
    return Place(extension, attribute, find_part(attribute, part_name))


def find_part(attribute: Attribute, name: str) -> Attribute:
    """Name a sub-attribute of a complex attribute."""
    part = attribute.lookup.get(name.lower())
    if part is None:
        raise UnknownPathError(f"{attribute.name} has no such sub-attribute")
    return part


def holder(document: Json, place: Place) -> Json:
    """Give the object that holds the attribute: the resource itself or its extension."""
    if place.extension is None:
        return document
    extension = document.get(place.extension)
    return extension if isinstance(extension, dict) else {}
