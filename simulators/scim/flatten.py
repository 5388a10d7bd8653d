"""Write a resource as one line per value, each named by the SCIM path that would reach it."""

from typing import Any, TypeAlias

from simulators.scim.wire import CORE_GROUP, CORE_USER, ENTERPRISE_USER, Json

Scalar: TypeAlias = str | bool | int | float
Flat: TypeAlias = dict[str, Scalar]

_EXTENSIONS = frozenset({CORE_USER, CORE_GROUP, ENTERPRISE_USER})


def flatten(document: Json) -> Flat:
    """Flatten a stored resource, so that two of them can be compared value by value."""
    flat: Flat = {}
    for name, value in document.items():
        if name in _EXTENSIONS:
            for inner, held in value.items():
                _add(flat, f"{name}:{inner}", held)
        else:
            _add(flat, name, value)
    return flat


def differences(before: Flat, after: Flat) -> list[tuple[str, Scalar | None]]:
    """List every attribute that was set, changed or taken away (then its value is None)."""
    changed: list[tuple[str, Scalar | None]] = [
        (name, value) for name, value in after.items() if name not in before or before[name] != value
    ]
    return changed + [(name, None) for name in before if name not in after]


def _add(flat: Flat, path: str, value: Any) -> None:  # noqa: ANN401  a JSON value of any type
    if isinstance(value, dict):
        for name, held in value.items():
            _add(flat, f"{path}.{name}", held)
    elif isinstance(value, list):
        for item in value:
            _add_item(flat, path, item)
    else:
        flat[path] = value


def _add_item(flat: Flat, path: str, item: Any) -> None:  # noqa: ANN401  a JSON value of any type
    if not isinstance(item, dict):
        flat[f"{path}[{item}]"] = item
        return
    key = "type" if "type" in item and path != "members" else "value"
    chosen = f'{path}[{key} eq "{item.get(key, "")}"]'
    twin = 2
    while any(name.startswith(f"{chosen}.") for name in flat):
        chosen, twin = f'{path}[{key} eq "{item.get(key, "")}"]#{twin}', twin + 1
    for name, held in item.items():
        if name != key or len(item) == 1:
            _add(flat, f"{chosen}.{name}", held)
