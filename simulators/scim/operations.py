"""Read the body of a PATCH into operations before anything is touched."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

from simulators.scim.intake import json_object, shape
from simulators.scim.wire import PATCH_OP, ScimError

Verb: TypeAlias = Literal["add", "replace", "remove"]


@dataclass(frozen=True, slots=True)
class Operation:
    """Hold one operation; without a path it means the whole resource."""

    verb: Verb
    path: str | None
    value: Any


def read_operations(body: object, *, values_leave: bool = False) -> list[Operation]:
    """Read every operation of a PATCH body, or refuse the body as a whole.

    `values_leave`: a «remove» may have a value, as Entra ID sends it.
    """
    document = json_object(body)
    if PATCH_OP not in _listed_schemas(document.get("schemas")):
        raise ScimError(400, f"schemas must contain {PATCH_OP}", "invalidSyntax")
    operations = document.get("Operations")
    if not isinstance(operations, list) or not operations:
        raise ScimError(400, "Operations must be a list of at least one operation", "invalidSyntax")
    return [_operation(operation, values_leave=values_leave) for operation in operations]


def _listed_schemas(listed: object) -> list[object]:
    return listed if isinstance(listed, list) else []


def _operation(raw: object, *, values_leave: bool) -> Operation:
    if not isinstance(raw, dict):
        raise ScimError(400, f"an operation must be an object, not {shape(raw)}", "invalidSyntax")
    verb, path = raw.get("op"), raw.get("path")
    if verb not in ("add", "replace", "remove"):
        raise ScimError(400, "op must be add, replace or remove, in lower case", "invalidSyntax")
    if path is not None and (not isinstance(path, str) or not path):
        raise ScimError(400, "path must be a string that is not empty", "invalidPath")
    _check_value(raw, verb, path, values_leave=values_leave)
    return Operation(cast("Verb", verb), path, raw.get("value"))


def _check_value(raw: dict[str, object], verb: str, path: str | None, *, values_leave: bool) -> None:
    if verb == "remove":
        if path is None:
            raise ScimError(400, "remove needs a path", "noTarget")
        if "value" in raw and not values_leave:
            # Some senders put the members to remove here; reading only the path would remove them all.
            raise ScimError(400, "remove takes no value: choose values in the path", "invalidSyntax")
    elif "value" not in raw:
        raise ScimError(400, f"{verb} needs a value", "invalidSyntax")
