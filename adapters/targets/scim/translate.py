"""Between the account in our words and the account on the wire. Pure: nothing here talks to anybody.

Why PATCH comes in two forms. For `emails[type eq "work"].value` a server that follows RFC 7644 (3.5.2.3)
refuses «replace» with `noTarget` if the account has no such element; «add» with a selection is refused by
some and invents an element at others. Only «add» of a whole element to the list is understood by all, but
it doubles an element that is already there. So `blind` assumes that the element exists, which costs one
request and is nearly always true; where the server refuses, `aimed` looks at the account and names exactly
what is missing.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from adapters.targets.scim.path import Path, get, look, own_spelling, read, same, selected
from adapters.targets.scim.tidy import DAMAGED, UNASSIGNED, tidied
from domain.account import Account, AccountDraft, Scalar
from domain.ids import AccountId
from schemas.scim import ENTERPRISE, PATCH, USER, Resource

Changes: TypeAlias = Mapping[Path, Any]
"""What shall stand at each path; None clears it. Only `MANAGER` holds an object."""

Operation: TypeAlias = dict[str, Any]

EXTERNAL_ID = Path("", "externalId")
ACTIVE = Path("", "active")
MANAGER = Path(ENTERPRISE, "manager")
USER_NAME = Path("", "userName")


def account_of(resource: Resource, paths: Mapping[str, Path]) -> Account:
    """Reduce what the server sent to the mapped paths. The caller made sure that there is an id."""
    external_id = read(EXTERNAL_ID, resource)
    return Account(
        account_id=AccountId(id_of(resource) or ""),
        external_id=None if external_id is None else str(external_id),
        active=_truth(read(ACTIVE, resource)),
        values={text: read(path, resource) for text, path in paths.items()},
        manager=_manager(resource),
        created_at=_created_at(resource),
    )


def id_of(resource: Mapping[str, Any]) -> str | None:
    """Return the server's id; some send a number. One that could not be read leads to somebody else."""
    found = get(resource, "id")
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        return None
    return None if DAMAGED in str(found) else str(found)


def leaves(told: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every single value below, with the path to it; an element of a list counts as the list's.

    `roles: [{"value": "admin"}]` is («roles», «admin»), for servers write a role as text, or as an object.
    """
    match told:
        case dict():
            for name, below in told.items():
                joint = ":" if path.lower().startswith("urn:") else "."
                yield from leaves(below, f"{path}{joint}{name}" if path else str(name))
        case list():
            for element in told:
                parts = element.values() if isinstance(element, dict) else [element]
                for part in parts:
                    yield from leaves(part, path)
        case bool():
            yield path, str(told).lower()
        case str() | int() | float():
            yield path, str(told)
        case _:
            return


def new_resource(draft: AccountDraft, changes: Changes) -> Resource:
    """Build the body of a POST: only what has a value."""
    resource: Resource = {"schemas": [USER], "externalId": draft.external_id, "active": draft.active}
    body = edited(resource, {path: value for path, value in changes.items() if value is not None})
    emails = body.get("emails")
    if isinstance(emails, list) and not any("primary" in one for one in emails):
        emails[0]["primary"] = True  # many servers refuse, or lose, e-mails of which none is the primary one
    return body


def edited(resource: Resource, changes: Changes) -> Resource:
    """Return a copy with these changes and nothing else touched, fit for a PUT."""
    after = tidied(resource)
    after.pop(own_spelling(after, "meta"), None)  # the server writes it; strict ones refuse it in a body
    for path, value in changes.items():
        _assign(after, path, value)
    after["schemas"] = _schemas(after, changes)
    return after


def blind(changes: Changes) -> list[Operation]:
    """Write operations for an account we have not looked at."""
    return [_set(path, value) if value is not None else _removal(path) for path, value in changes.items()]


def aimed(changes: Changes, resource: Resource) -> list[Operation]:
    """Write operations for an account we have just looked at; what is already so needs none."""
    missing: dict[str, Resource] = {}
    operations: list[Operation] = []
    for path, value in changes.items():
        now = look(path, resource)
        if value is None and now not in UNASSIGNED:
            operations.append(_removal(path))
        elif value is not None and not _already(now, value):
            operations += _aimed(path, value, resource, missing)
    return operations


def whole(changes: Changes, resource: Resource) -> list[Operation]:
    """Write operations without brackets: a list is replaced by what it holds, with our values in it."""
    after = edited(resource, changes)
    operations: dict[str, Operation] = {}
    for path, value in changes.items():
        now = look(path, resource)
        if (value is None and now in UNASSIGNED) or _already(now, value):
            continue
        if not path.selection:
            operations[path.text] = _set(path, value) if value is not None else _removal(path)
            continue
        holder = get(after, path.schema) if path.schema else after
        elements = get(holder, path.attribute)
        filled = {"op": "replace", "path": path.top, "value": elements}
        operations[path.top] = filled if elements else {"op": "remove", "path": path.top}
    return list(operations.values())


def valued(operations: Iterable[Operation]) -> list[Operation]:
    """Name `active` in the value instead of in the path, as Okta says it; some servers know no other way."""
    return [
        {"op": "replace", "value": {ACTIVE.text: each["value"]}} if each.get("path") == ACTIVE.text else each
        for each in operations
    ]


def patch_of(operations: Iterable[Operation]) -> Resource:
    """Wrap operations for the wire."""
    return {"schemas": [PATCH], "Operations": list(operations)}


def needs_a_look(changes: Changes) -> bool:
    """Say whether a server may refuse the blind form because something is missing there."""
    return any(path.selection or value is None for path, value in changes.items())


def arrived(changes: Changes, resource: Resource) -> bool:
    """Say whether what some servers skip in silence is as wanted now: values in brackets, and `active`.

    An account that does not tell whether it is active is believed.
    """
    wanted = ((path, value) for path, value in changes.items() if path.selection or path == ACTIVE)
    return all(is_told(look(path, resource), value) for path, value in wanted)


def question(asked: str, value: str) -> str:
    """Write a filter. Only quote and backslash need an escape; JSON's others confuse half the servers."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{asked} eq "{escaped}"'


def equal(one: Scalar, other: str) -> bool:
    """Compare as servers compare names: without case, blanks at the ends, and composed or not."""
    return isinstance(one, str) and _plain(one) == _plain(other)


def is_told(now: Scalar, value: Scalar) -> bool:
    """Say whether a value stands there as wanted, in any spelling; a flag that is not told is believed."""
    if isinstance(value, bool):
        return now is None or _truth(now) == value
    if value is None:
        return now in UNASSIGNED
    return equal(now, value) if isinstance(value, str) else now == value


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _set(path: Path, value: Any) -> Operation:  # noqa: ANN401  JSON
    return {"op": "replace", "path": path.text, "value": value}


def _removal(path: Path) -> Operation:
    """Remove an element with its value: an e-mail without an address is no e-mail."""
    return {"op": "remove", "path": path.element if path.part == "value" else path.text}


def _already(now: Any, value: Any) -> bool:  # noqa: ANN401  JSON
    """Compare an object by what we set in it: servers add `$ref` and names of their own to a manager."""
    if isinstance(now, dict) and isinstance(value, dict):
        return all(get(now, name) == wanted for name, wanted in value.items())
    return type(now) is type(value) and now == value


def _aimed(path: Path, value: Any, resource: Resource, missing: dict[str, Resource]) -> list[Operation]:  # noqa: ANN401  JSON
    """Set one value; several parts of one missing element share one «add»."""
    if not path.selection or _element(path, resource) is not None:
        return [_set(path, value)]
    known = missing.get(path.element)
    if known is not None:
        known[path.part or "value"] = value
        return []
    fresh = missing[path.element] = _fresh(path, value)
    return [{"op": "add", "path": path.top, "value": [fresh]}]


def _fresh(path: Path, value: Any) -> Resource:  # noqa: ANN401  JSON
    return dict(path.selection) | {path.part or "value": value}


def _element(path: Path, resource: Resource) -> Any:  # noqa: ANN401  JSON
    holder = get(resource, path.schema) if path.schema else resource
    return selected(path, get(holder, path.attribute))


def _assign(resource: Resource, path: Path, value: Any) -> None:  # noqa: ANN401  JSON
    holder = _child(resource, path.schema) if path.schema else resource
    if path.selection:
        _assign_element(holder, path, value)
    elif path.part:
        child = _child(holder, path.attribute)
        _put(child, path.part, value)
        _put(holder, path.attribute, holder[own_spelling(holder, path.attribute)] or None)
    else:
        _put(holder, path.attribute, value)


def _assign_element(holder: Resource, path: Path, value: Any) -> None:  # noqa: ANN401  JSON
    name = own_spelling(holder, path.attribute)
    elements = holder[name] if isinstance(holder.get(name), list) else []
    element = selected(path, elements)
    if element is None:
        elements += [] if value is None else [_fresh(path, value)]
    elif value is None and path.part == "value":
        elements = [one for one in elements if one is not element]
    else:
        _put(element, path.part or "value", value)
    _put(holder, name, elements or None)


def _child(holder: Resource, name: str) -> Resource:
    """Return the object below, made if need be; of a list its first, so that a vague path drops nothing."""
    own = own_spelling(holder, name)
    below = holder.get(own)
    if isinstance(below, list) and below and isinstance(below[0], dict):
        return below[0]
    if not isinstance(below, dict):
        below = holder[own] = {}
    return below


def _put(holder: Resource, name: str, value: Any) -> None:  # noqa: ANN401  JSON
    own = own_spelling(holder, name)
    if value is None:
        holder.pop(own, None)
    else:
        holder[own] = value


def _schemas(resource: Resource, changes: Changes) -> list[str]:
    """Name every extension that is filled, as strict servers demand; leave an empty one out of the body."""
    for urn in {path.schema for path in changes if path.schema}:
        if not get(resource, urn):
            resource.pop(own_spelling(resource, urn), None)
    schemas = get(resource, "schemas") or [USER]
    told = [urn for urn in ([schemas] if isinstance(schemas, str) else schemas) if urn]
    used = dict.fromkeys(path.schema for path in changes if path.schema and get(resource, path.schema))
    return told + [urn for urn in used if not any(same(urn, other) for other in told)]


def _truth(value: Scalar) -> bool:
    """Read a flag that some servers send as text; an account that does not say is an active one."""
    if isinstance(value, str):
        return value.strip().lower() != "false"
    return value is None or bool(value)


def _manager(resource: Resource) -> AccountId | None:
    found = get(get(resource, ENTERPRISE), "manager")
    inner = get(found, "value") if isinstance(found, dict) else found
    known = isinstance(inner, str | int) and not isinstance(inner, bool)
    return AccountId(str(inner)) if known and inner != "" else None


def _created_at(resource: Resource) -> datetime | None:
    text = get(get(resource, "meta"), "created")
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
