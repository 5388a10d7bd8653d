"""Turn a filter tree into a question that can be asked of every resource."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, assert_never

from simulators.scim.filters import Both, Compare, Either, Filter, Neither, Operator, Present, Scalar, Within
from simulators.scim.model import Attribute, ResourceType
from simulators.scim.paths import UnknownPathError, find_part, find_place, holder
from simulators.scim.wire import Json

Question: TypeAlias = Callable[[Json], bool]

_TESTS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    "eq": lambda have, want: have == want,
    "co": lambda have, want: want in have,
    "sw": lambda have, want: have.startswith(want),
    "ew": lambda have, want: have.endswith(want),
    "gt": lambda have, want: have > want,
    "ge": lambda have, want: have >= want,
    "lt": lambda have, want: have < want,
    "le": lambda have, want: have <= want,
}
_FOR_TEXT_ONLY = frozenset({"co", "sw", "ew"})


class UnsupportedFilterError(ValueError):
    """Tell that a filter is well-formed but compares what cannot be compared."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Know an attribute and how to read all its values from a document."""

    attribute: Attribute
    read: Callable[[Json], list[Any]]


Scope: TypeAlias = Callable[[str], Leaf]


def compile_filter(node: Filter, kind: ResourceType) -> Question:
    """Check a filter against the schema once, then answer for any number of documents."""
    return _question(node, lambda path: _leaf(path, kind))


def compile_value_filter(node: Filter, attribute: Attribute) -> Question:
    """Do the same for the inside of brackets, where paths are sub-attributes."""
    return _question(node, lambda path: _part_leaf(path, attribute))


def _question(node: Filter, scope: Scope) -> Question:
    match node:
        case Compare():
            return _compare(_simple(scope(node.path)), node.operator, node.value)
        case Present():
            return _present(scope(node.path))
        case Both():
            left, right = _question(node.left, scope), _question(node.right, scope)
            return lambda document: left(document) and right(document)
        case Either():
            left, right = _question(node.left, scope), _question(node.right, scope)
            return lambda document: left(document) or right(document)
        case Neither():
            inner = _question(node.inner, scope)
            return lambda document: not inner(document)
        case Within():
            return _within(scope(node.path), node.inner)
        case _:
            assert_never(node)


def _leaf(path: str, kind: ResourceType) -> Leaf:
    place = find_place(path, kind)
    attribute, part = place.attribute, place.part
    if attribute is None or attribute.returned == "never":
        raise UnknownPathError("the path names nothing that can be filtered")
    name = attribute.name
    outer = Leaf(attribute, lambda document: _values(holder(document, place), name))
    return outer if part is None else _part_of(outer, part)


def _part_leaf(path: str, attribute: Attribute) -> Leaf:
    part = find_part(attribute, path)
    return Leaf(part, lambda value: _values(value, part.name))


def _part_of(outer: Leaf, part: Attribute) -> Leaf:
    name = part.name
    return Leaf(part, lambda document: [v for held in outer.read(document) for v in _values(held, name)])


def _values(held: Json, name: str) -> list[Any]:
    value = held.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _simple(leaf: Leaf) -> Leaf:
    if leaf.attribute.type != "complex":
        return leaf
    part = leaf.attribute.lookup.get("value")
    if part is None:
        raise UnsupportedFilterError(f"{leaf.attribute.name} is complex: compare one of its sub-attributes")
    return _part_of(leaf, part)


def _present(leaf: Leaf) -> Question:
    return lambda document: any(value not in ("", {}, []) for value in leaf.read(document))


def _within(leaf: Leaf, inner: Filter) -> Question:
    if not leaf.attribute.multi or leaf.attribute.type != "complex":
        raise UnsupportedFilterError(f"{leaf.attribute.name} has no values to choose from with brackets")
    question = compile_value_filter(inner, leaf.attribute)
    return lambda document: any(question(value) for value in leaf.read(document))


def _compare(leaf: Leaf, operator: Operator, value: Scalar) -> Question:
    if value is None:
        return _compare_null(leaf, operator)
    if operator == "ne":
        equal = _compare(leaf, "eq", value)
        return lambda document: not equal(document)
    _refuse_unfit(leaf.attribute, operator, value)
    shape = _shape_of(leaf.attribute)
    wanted, test = shape(value), _TESTS[operator]
    return lambda document: any(test(shape(have), wanted) for have in leaf.read(document))


def _compare_null(leaf: Leaf, operator: Operator) -> Question:
    present = _present(leaf)
    match operator:
        case "eq":
            return lambda document: not present(document)
        case "ne":
            return present
        case _:
            raise UnsupportedFilterError("null can only be compared with eq and ne")


def _refuse_unfit(attribute: Attribute, operator: Operator, value: Scalar) -> None:
    is_flag = attribute.type == "boolean"
    if isinstance(value, bool) != is_flag or (not is_flag and not isinstance(value, str)):
        raise UnsupportedFilterError(f"{attribute.name} is a {attribute.type}: compare it with one")
    if is_flag and operator != "eq":
        raise UnsupportedFilterError(f"{attribute.name} is a boolean: use eq or ne")
    if attribute.type in {"dateTime", "binary"} and operator in _FOR_TEXT_ONLY:
        raise UnsupportedFilterError(f"{attribute.name} is a {attribute.type}: use eq, ne, gt, ge, lt or le")


def _shape_of(attribute: Attribute) -> Callable[[Any], Any]:
    if attribute.type == "boolean":
        return lambda value: value
    if attribute.type == "dateTime":
        return _instant
    return (lambda value: value) if attribute.exact else str.lower


def _instant(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise UnsupportedFilterError("a dateTime looks like 2026-01-31T08:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
