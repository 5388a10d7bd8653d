"""The habits that an application has about groups and their members."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulators.scim.operations import Operation
from simulators.scim.switches import Switches
from simulators.scim.wire import Call, Json, ScimError

MEMBERS = "members"


def shown(document: Json, query: Mapping[str, str], switches: Switches, *, listed: bool) -> Json:
    """Leave out the members that this application does not show, and the groups of a user."""
    hidden = switches.group_members == "hidden" or (listed and not switches.group_lists_members)
    asked = MEMBERS in query.get("attributes", "").lower()
    if hidden or (switches.group_members == "on_request" and not asked):
        document = {name: value for name, value in document.items() if name != MEMBERS}
    if MEMBERS in document and switches.group_members_shown is not None:
        document = {**document, MEMBERS: document[MEMBERS][: switches.group_members_shown]}
    if not switches.users_show_groups:
        document = {name: value for name, value in document.items() if name != "groups"}
    return document


def refuse_unwelcome(body: object, switches: Switches) -> None:
    """Refuse a PATCH as a whole that names somebody whom this application lets into no group."""
    if any(one in _values(body) for one in switches.unwelcome_members):
        raise ScimError(switches.unwelcome_answer, "a member is not accepted")


def refuse_too_many(body: object, switches: Switches) -> None:
    """Refuse a PATCH that names more members than this application takes at a time."""
    if switches.group_patch_limit is None or _named(body) <= switches.group_patch_limit:
        return
    match switches.group_patch_refusal:
        case "413":
            raise ScimError(413, "the request is too large")
        case "tooMany":
            raise ScimError(400, "too many members in one request", "tooMany")
        case "400":
            raise ScimError(400, "the request cannot be processed")


def take_out(document: Json, operation: Operation, *, chosen: bool, switches: Switches) -> bool:
    """Take members out as this application understands it; False where it understands what the RFC says."""
    if chosen:
        return _by_path(document, switches)
    if operation.value is None:
        return False
    if switches.remove_with_value == "everybody":
        document.pop(MEMBERS, None)
    else:
        gone = {one.get("value") for one in operation.value if isinstance(one, dict)}
        document[MEMBERS] = [one for one in document.get(MEMBERS, []) if one.get("value") not in gone]
    return True


def halved(call: Call) -> Call:
    """Forget the second half of the members that a PATCH names."""
    body = call.body
    if not isinstance(body, dict):
        return call
    operations = [_half(one) for one in body.get("Operations", [])]
    kept = operations[: (len(operations) + 1) // 2]
    return Call(method=call.method, path=call.path, query=call.query, body={**body, "Operations": kept})


def _by_path(document: Json, switches: Switches) -> bool:
    match switches.remove_with_path:
        case "honoured":
            return False
        case "refused":
            raise ScimError(400, "brackets in a path are not supported", "invalidPath")
        case "skipped":
            return True
        case "everybody":
            document.pop(MEMBERS, None)
            return True


def _named(body: object) -> int:
    operations = body.get("Operations", []) if isinstance(body, dict) else []
    values = [one.get("value") for one in operations if isinstance(one, dict)]
    return sum(len(value) if isinstance(value, list) else 1 for value in values)


def _values(body: object) -> Iterator[str]:
    operations = body.get("Operations", []) if isinstance(body, dict) else []
    for one in operations:
        value = one.get("value") if isinstance(one, dict) else None
        yield from (member.get("value", "") for member in (value if isinstance(value, list) else []))


def _half(operation: Any) -> Any:  # noqa: ANN401  a JSON value of any type
    value = operation.get("value")
    if not isinstance(value, list):
        return operation
    return {**operation, "value": value[: (len(value) + 1) // 2]}
