"""Check what a client sends against the schema and write it down in canonical form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulators.scim.model import Attribute, ResourceType, Schema
from simulators.scim.switches import Switches
from simulators.scim.wire import Json, Malformed, ScimError


@dataclass(frozen=True, slots=True)
class Intake:
    """Know the schema and the switches that decide what is refused and what is let through."""

    kind: ResourceType
    switches: Switches

    def resource(self, body: object) -> Json:
        """Read a whole resource as POST and PUT send it; attributes that are read-only are dropped."""
        document = json_object(body)
        self._check_schemas(document)
        return self.attributes(document)

    def attributes(self, document: Json) -> Json:
        """Read the attributes of a resource, extensions included, in canonical case."""
        taken: Json = {}
        for name, value in document.items():
            extension = self._extension(name)
            if extension is None:
                self._take(taken, name, value, self.kind.core)
            elif value is not None:
                taken[extension.urn] = self.extension(extension, value)
        return without_empty(taken)

    def extension(self, schema: Schema, value: object) -> Json:
        """Read the object under an extension's URN."""
        if not isinstance(value, dict):
            raise ScimError(400, f"{schema.name} must be an object, not {shape(value)}", "invalidValue")
        taken: Json = {}
        for name, inner in value.items():
            self._take(taken, name, inner, schema)
        return taken

    def value(self, attribute: Attribute, value: object) -> Any:  # noqa: ANN401  a JSON value of any type
        """Read the value of one attribute; nothing, an empty list and null all mean unassigned."""
        if value is None:
            return None
        if not attribute.multi:
            return self.single(attribute, value)
        if not isinstance(value, list):
            raise ScimError(400, f"{attribute.name} must be a list, not {shape(value)}", "invalidValue")
        found = [self.single(attribute, item) for item in value]
        check_primary(attribute, found)
        return distinct(found)

    def single(self, attribute: Attribute, value: object) -> Any:  # noqa: ANN401  a JSON value of any type
        """Read one value; a list has many."""
        match attribute.type:
            case "complex":
                return self._complex(attribute, value)
            case "boolean":
                return self._boolean(attribute, value)
            case _:
                return _text(attribute, value)

    def _complex(self, attribute: Attribute, value: object) -> Json:
        if attribute.name == "manager" and self.switches.manager == "text":
            value = {"value": value} if isinstance(value, str) else str(value)
        if not isinstance(value, dict):
            raise ScimError(400, f"{attribute.name} must be an object, not {shape(value)}", "invalidValue")
        taken: Json = {}
        for name, inner in value.items():
            part = attribute.lookup.get(name.lower())
            if part is None:
                self._unknown(f"{attribute.name} has a sub-attribute that the schema does not define")
            elif not part.read_only:
                taken[part.name] = self.value(part, inner)
        return without_empty(taken)

    def _boolean(self, attribute: Attribute, value: object) -> bool:
        if isinstance(value, bool):
            return value
        if self.switches.string_booleans and isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        raise ScimError(400, f"{attribute.name} must be true or false, not {shape(value)}", "invalidValue")

    def _take(self, taken: Json, name: str, value: object, schema: Schema) -> None:
        attribute = schema.lookup.get(name.lower())
        if attribute is None:
            self._unknown(f"{schema.name} has an attribute that the schema does not define")
        elif not attribute.read_only:
            taken[attribute.name] = self.value(attribute, value)

    def _extension(self, name: str) -> Schema | None:
        lowered = name.lower()
        return next((schema for schema in self.kind.extensions if schema.urn.lower() == lowered), None)

    def _unknown(self, detail: str) -> None:
        if self.switches.unknown_attributes == "refuse":
            raise ScimError(400, detail, "invalidSyntax")

    def _check_schemas(self, document: Json) -> None:
        listed = next((value for name, value in document.items() if name.lower() == "schemas"), None)
        if not isinstance(listed, list) or not all(isinstance(urn, str) for urn in listed):
            raise ScimError(400, "schemas must list the URNs of this resource", "invalidSyntax")
        urns = {urn.lower() for urn in listed}
        if self.kind.core.urn.lower() not in urns:
            raise ScimError(400, f"schemas must contain {self.kind.core.urn}", "invalidSyntax")
        used = {name.lower() for name in document if self._extension(name) is not None}
        if used - urns:
            raise ScimError(400, "schemas must list the URN of every extension that is used", "invalidSyntax")
        if urns - {schema.urn.lower() for schema in self.kind.schemas}:
            self._unknown("schemas lists a URN that this resource type does not have")


def json_object(body: object) -> Json:
    """Insist on a JSON object."""
    if isinstance(body, Malformed):
        raise ScimError(400, "the body is not JSON", "invalidSyntax")
    if not isinstance(body, dict):
        raise ScimError(400, f"the body must be an object, not {shape(body)}", "invalidSyntax")
    return body


def check_required(document: Json, kind: ResourceType) -> None:
    """Refuse a resource that lacks what its schema requires, or holds it empty."""
    for attribute in kind.core.attributes:
        value = document.get(attribute.name)
        if attribute.required and (value is None or (isinstance(value, str) and not value.strip())):
            raise ScimError(400, f"{attribute.name} is required and must not be empty", "invalidValue")


def check_primary(attribute: Attribute, values: list[Any]) -> None:
    """Refuse two primary values in one attribute (RFC 7643 §2.4)."""
    if sum(1 for value in values if isinstance(value, dict) and value.get("primary") is True) > 1:
        raise ScimError(400, f"{attribute.name} has more than one primary value", "invalidValue")


def distinct(values: list[Any]) -> list[Any]:
    """Drop repeated and empty values, keeping the order."""
    kept: list[Any] = []
    for value in values:
        if value not in ({}, None) and value not in kept:
            kept.append(value)
    return kept


def without_empty(document: Json) -> Json:
    """Drop what SCIM calls unassigned: null, an empty list, an empty object."""
    return {name: value for name, value in document.items() if value is not None and value not in ([], {})}


def shape(value: object) -> str:
    """Name the JSON type of a value, so that a message never has to repeat the value."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _text(attribute: Attribute, value: object) -> str:
    if not isinstance(value, str):
        raise ScimError(400, f"{attribute.name} must be a string, not {shape(value)}", "invalidValue")
    if attribute.type == "dateTime":
        _check_instant(attribute, value)
    return value


def _check_instant(attribute: Attribute, value: str) -> None:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        detail = f"{attribute.name} must look like 2026-01-31T08:00:00Z"
        raise ScimError(400, detail, "invalidValue") from error
