"""Show only the attributes that a client asks for."""

from collections.abc import Mapping
from typing import Any

from simulators.scim.intake import without_empty
from simulators.scim.model import Attribute, ResourceType
from simulators.scim.paths import Place, UnknownPathError, find_place
from simulators.scim.wire import Json, ScimError


def project(document: Json, query: Mapping[str, str], kind: ResourceType) -> Json:
    """Leave out what `attributes` or `excludedAttributes` asks to leave out; id and schemas stay."""
    wanted, unwanted = query.get("attributes"), query.get("excludedAttributes")
    if wanted and unwanted:
        raise ScimError(400, "attributes and excludedAttributes exclude each other", "invalidValue")
    if wanted:
        return _only(document, _places(wanted, kind))
    return _without(document, _places(unwanted, kind)) if unwanted else document


def _places(listed: str, kind: ResourceType) -> list[Place]:
    places = []
    for text in listed.split(","):
        try:
            places.append(find_place(text.strip(), kind))
        except UnknownPathError:
            continue  # RFC 7644 §3.9 lets an unknown name ask for nothing
    return places


def _only(document: Json, places: list[Place]) -> Json:
    shown: Json = {name: document[name] for name in ("schemas", "id")}
    for place in places:
        _copy(document, shown, place)
    return without_empty(shown)


def _copy(document: Json, shown: Json, place: Place) -> None:
    if place.extension is not None:
        inner = document.get(place.extension)
        if inner is None:
            return
        if place.attribute is None:
            shown[place.extension] = inner
            return
        document, shown = inner, shown.setdefault(place.extension, {})
    if place.attribute is None or place.attribute.name not in document:
        return
    name = place.attribute.name
    value = document[name]
    shown[name] = value if place.part is None else _merge_part(shown.get(name), value, place.part)


def _merge_part(shown: Any, value: Any, part: Attribute) -> Any:  # noqa: ANN401  JSON values of any type
    if isinstance(value, list):
        before = shown or [{} for _ in value]
        return [_merge_part(old, item, part) for old, item in zip(before, value, strict=True)]
    picked = {part.name: value[part.name]} if part.name in value else {}
    return {**(shown or {}), **picked}


def _without(document: Json, places: list[Place]) -> Json:
    shown = dict(document)
    for place in places:
        if place.attribute is not None and place.attribute.name in {"id", "schemas"}:
            continue
        if place.extension is None:
            _drop(shown, place)
        elif place.attribute is None:
            shown.pop(place.extension, None)
        elif place.extension in shown:
            shown[place.extension] = dict(shown[place.extension])
            _drop(shown[place.extension], place)
    return shown


def _drop(shown: Json, place: Place) -> None:
    if place.attribute is None or place.attribute.name not in shown:
        return
    name, part = place.attribute.name, place.part
    if part is None:
        shown.pop(name)
        return
    value = shown[name]
    shown[name] = [_less(item, part) for item in value] if isinstance(value, list) else _less(value, part)


def _less(value: Json, part: Attribute) -> Json:
    return {name: inner for name, inner in value.items() if name != part.name}
