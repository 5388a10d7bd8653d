"""The habits by which an application stores something else than it was sent."""

from typing import Any

from simulators.scim.model import ResourceType
from simulators.scim.paths import Place, UnknownPathError, find_place, holder
from simulators.scim.switches import Switches
from simulators.scim.wire import Json


def as_stored(before: Json, after: Json, kind: ResourceType, switches: Switches) -> Json:
    """Bend what was sent into what this application keeps."""
    if switches.trim_values:
        after = trimmed(after)
    if switches.lower_case_user_name and "userName" in after:
        after = {**after, "userName": after["userName"].lower()}
    if switches.lower_case_emails and "emails" in after:
        after = {**after, "emails": [_lower_email(email) for email in after["emails"]]}
    if switches.drop_types and "emails" in after:
        after = {**after, "emails": [_untyped(email) for email in after["emails"]]}
    for path in switches.ignored_attributes:
        after = _kept(path, before, after, kind)
    return after


def trimmed(value: Any) -> Any:  # noqa: ANN401  a JSON value of any type
    """Cut white space around every string, however deep."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [trimmed(item) for item in value]
    if isinstance(value, dict):
        return {name: trimmed(inner) for name, inner in value.items()}
    return value


def _lower_email(email: Json) -> Json:
    return {**email, "value": email["value"].lower()} if "value" in email else email


def _untyped(email: Json) -> Json:
    return {name: value for name, value in email.items() if name != "type"}


def _kept(path: str, before: Json, after: Json, kind: ResourceType) -> Json:
    try:
        place = find_place(path, kind)
    except UnknownPathError:
        return after
    if place.extension is None:
        return _written(after, place, _read(before, place))
    if place.attribute is None:
        return _with(after, place.extension, before.get(place.extension))
    held = _written(after.get(place.extension, {}), place, _read(before, place))
    return _with(after, place.extension, held)


def _read(document: Json, place: Place) -> Any:  # noqa: ANN401  a JSON value of any type
    if place.attribute is None:
        return None
    value = holder(document, place).get(place.attribute.name)
    if place.part is not None and isinstance(value, dict):
        return value.get(place.part.name)
    return value


def _written(held: Json, place: Place, old: object) -> Json:
    if place.attribute is None:
        return held
    name = place.attribute.name
    if place.part is None:
        return _with(held, name, old)
    whole = held.get(name, {})
    return _with(held, name, _with(whole, place.part.name, old)) if isinstance(whole, dict) else held


def _with(held: Json, name: str, value: object) -> Json:
    rest = {key: inner for key, inner in held.items() if key != name}
    return rest if value is None or value == {} else {**rest, name: value}
