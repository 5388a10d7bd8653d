"""Apply PATCH operations as RFC 7644 §3.5.2 says: all of them, or none."""

import copy
from typing import Any

from simulators.scim.choice import add_values, change_chosen, remove_chosen
from simulators.scim.filters import Filter, FilterSyntaxError, PatchPath, parse_path
from simulators.scim.groups import MEMBERS, take_out
from simulators.scim.intake import Intake, shape, without_empty
from simulators.scim.matching import Question, UnsupportedFilterError, compile_value_filter
from simulators.scim.model import Attribute
from simulators.scim.operations import Operation, read_operations
from simulators.scim.paths import Place, UnknownPathError, find_part, find_place
from simulators.scim.wire import Json, ScimError


def patched(document: Json, body: object, intake: Intake) -> Json:
    """Answer the document after a PATCH; the one given stays as it is."""
    revision = _Revision(copy.deepcopy(document), intake)
    values_leave = intake.switches.remove_with_value != "refuse"
    for operation in read_operations(body, values_leave=values_leave):
        revision.apply(operation)
        revision.document = _tidy(revision.document, intake)
    return revision.document


class _Revision:
    """Change a private copy of one document, operation by operation."""

    def __init__(self, document: Json, intake: Intake) -> None:
        self.document = document
        self._intake = intake

    def apply(self, operation: Operation) -> None:
        if operation.path is None:
            self._put_all(operation)
            return
        try:
            path = parse_path(operation.path)
            place = find_place(path.path, self._intake.kind)
            if path.part and place.attribute:
                find_part(place.attribute, path.part)
        except FilterSyntaxError as error:
            raise ScimError(400, f"path: {error}", "invalidPath") from error
        except UnknownPathError as error:
            self._unknown(str(error))
            return
        if not self._takes_out(operation, path, place):
            self._apply_at(operation, path, place)

    def _apply_at(self, operation: Operation, path: PatchPath, place: Place) -> None:
        if place.attribute is not None and place.attribute.name == "active":
            if self._intake.switches.active_in_path == "skipped":
                return
            if self._intake.switches.active_in_path == "refused":
                raise ScimError(400, "active is no path here", "invalidPath")
        if path.chosen is not None:
            if self._intake.switches.patch_paths == "skipped":
                return
            if self._intake.switches.patch_paths == "plain":
                raise ScimError(400, "brackets in a path are not supported", "invalidPath")
            self._apply_to_chosen(operation, path.chosen, path.part, place)
        elif operation.verb == "remove":
            self._remove(place)
        else:
            self._put(operation, place, operation.value)

    def _takes_out(self, operation: Operation, path: PatchPath, place: Place) -> bool:
        """Take members out in this application's own way, if it has one."""
        if operation.verb != "remove" or place.attribute is None or place.attribute.name != MEMBERS:
            return False
        chosen = path.chosen is not None
        return take_out(self.document, operation, chosen=chosen, switches=self._intake.switches)

    def _put_all(self, operation: Operation) -> None:
        if not isinstance(operation.value, dict):
            detail = f"without a path the value must be an object, not {shape(operation.value)}"
            raise ScimError(400, detail, "invalidValue")
        for name, value in operation.value.items():
            # A resource may name its own schemas; which ones it has follows from its attributes.
            if name.lower() != "schemas":
                self._put_named(operation, name, value)

    def _put_named(self, operation: Operation, name: str, value: object) -> None:
        try:
            place = find_place(name, self._intake.kind)
        except UnknownPathError as error:
            self._unknown(str(error))
            return
        if place.part is not None or (place.extension and place.attribute):
            self._unknown("without a path, a key must be an attribute or the URN of an extension")
            return
        self._put(operation, place, value)

    def _put(self, operation: Operation, place: Place, value: object) -> None:
        attribute = place.attribute
        if attribute is None:
            self._put_extension(operation, place, value)
            return
        _refuse_read_only(attribute, place.part)
        held = self._holder(place)
        if place.part is not None:
            self._put_part(held, attribute, place.part, value)
        elif attribute.multi:
            self._put_values(operation, held, attribute, value)
        elif attribute.type == "complex" and value is not None:
            self._merge_complex(held, attribute, value)
        else:
            held[attribute.name] = self._intake.value(attribute, value)

    def _put_extension(self, operation: Operation, place: Place, value: object) -> None:
        if value is None:
            self.document.pop(place.extension or "", None)
            return
        if not isinstance(value, dict):
            raise ScimError(400, f"an extension must be an object, not {shape(value)}", "invalidValue")
        for name, inner in value.items():
            schema = next(one for one in self._intake.kind.extensions if one.urn == place.extension)
            attribute = schema.lookup.get(name.lower())
            if attribute is None:
                self._unknown(f"{schema.name} has an attribute that the schema does not define")
            else:
                self._put(operation, Place(place.extension, attribute), inner)

    def _put_part(self, held: Json, attribute: Attribute, part: Attribute, value: object) -> None:
        if attribute.multi:
            raise _needs_brackets(attribute)
        whole = held.setdefault(attribute.name, {})
        whole[part.name] = self._intake.value(part, value)
        held[attribute.name] = without_empty(whole)

    def _put_values(self, operation: Operation, held: Json, attribute: Attribute, value: object) -> None:
        # RFC 7644 §3.5.2.1 lets «add» bring one new value; «replace» means the whole list.
        single = operation.verb == "add" and isinstance(value, dict)
        listed = [value] if single else value
        taken = self._intake.value(attribute, listed) or []
        if operation.verb == "replace":
            held[attribute.name] = taken
        else:
            held[attribute.name] = add_values(attribute, held.get(attribute.name, []), taken)

    def _merge_complex(self, held: Json, attribute: Attribute, value: object) -> None:
        taken = self._intake.single(attribute, value)
        emptied = {name.lower() for name, inner in _items(value) if inner is None}
        kept = {n: v for n, v in held.get(attribute.name, {}).items() if n.lower() not in emptied}
        held[attribute.name] = {**kept, **taken}

    def _remove(self, place: Place) -> None:
        attribute = place.attribute
        if attribute is None:
            self.document.pop(place.extension or "", None)
            return
        _refuse_read_only(attribute, place.part)
        if attribute.required:
            raise ScimError(400, f"{attribute.name} is required and cannot be removed", "mutability")
        if place.part is None:
            self._holder(place).pop(attribute.name, None)
        elif attribute.multi:
            raise _needs_brackets(attribute)
        else:
            self._holder(place).get(attribute.name, {}).pop(place.part.name, None)

    def _apply_to_chosen(self, operation: Operation, chosen: Filter, part: str | None, place: Place) -> None:
        attribute = place.attribute
        if attribute is None or not attribute.multi or place.part is not None:
            raise ScimError(
                400, "brackets choose among the values of a multi-valued attribute", "invalidPath"
            )
        inner = find_part(attribute, part) if part else None
        _refuse_read_only(attribute, inner)
        held, question = self._holder(place), _value_question(chosen, attribute)
        values = held.get(attribute.name, [])
        if operation.verb == "remove":
            strict = self._intake.switches.remove_without_match == "refuse"
            held[attribute.name] = remove_chosen(values, question, inner, strict=strict)
        else:
            taken = self._intake.value(inner, operation.value) if inner else operation.value
            taken = taken if inner else self._intake.single(attribute, taken)
            held[attribute.name] = change_chosen(
                attribute,
                values,
                question,
                inner,
                taken,
                template=chosen if operation.verb == "add" else None,
            )

    def _holder(self, place: Place) -> Json:
        if place.extension is None:
            return self.document
        extension: Json = self.document.setdefault(place.extension, {})
        return extension

    def _unknown(self, detail: str) -> None:
        if self._intake.switches.unknown_attributes == "refuse":
            raise ScimError(400, detail, "invalidPath")


def _value_question(chosen: Filter, attribute: Attribute) -> Question:
    try:
        return compile_value_filter(chosen, attribute)
    except (UnknownPathError, UnsupportedFilterError) as error:
        raise ScimError(400, f"path: {error}", "invalidFilter") from error


def _refuse_read_only(attribute: Attribute, part: Attribute | None) -> None:
    if attribute.read_only:
        raise ScimError(400, f"{attribute.name} is read-only", "mutability")
    if part is not None and part.mutability in {"readOnly", "immutable"}:
        raise ScimError(400, f"{attribute.name}.{part.name} is {part.mutability}", "mutability")


def _needs_brackets(attribute: Attribute) -> ScimError:
    detail = f'{attribute.name} has many values: choose one, as in {attribute.name}[type eq "work"].value'
    return ScimError(400, detail, "invalidPath")


def _items(value: object) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _tidy(document: Json, intake: Intake) -> Json:
    urns = {schema.urn for schema in intake.kind.extensions}
    for urn in urns & document.keys():
        document[urn] = without_empty(document[urn])
    return without_empty(document)
