"""Change the values of a multi-valued attribute, all of them or those that a filter chooses."""

from typing import Any

from simulators.scim.filters import Both, Compare, Filter
from simulators.scim.intake import check_primary, distinct, without_empty
from simulators.scim.matching import Question
from simulators.scim.model import Attribute
from simulators.scim.wire import Json, ScimError


def add_values(attribute: Attribute, before: list[Any], added: list[Any]) -> list[Any]:
    """Add values; one that is there already (same value, same type) is merged, not repeated."""
    after = list(before)
    for value in added:
        twin = _twin(after, value)
        if twin is None:
            after.append(value)
        else:
            after[twin] = {**after[twin], **value}
    return _settled(attribute, before, after)


def remove_chosen(
    before: list[Any], question: Question, part: Attribute | None, *, strict: bool
) -> list[Any]:
    """Remove the chosen values, or one part of each."""
    if strict and not any(question(value) for value in before):
        raise _no_target()
    if part is None:
        return [value for value in before if not question(value)]
    name = part.name
    without = [
        {n: v for n, v in value.items() if n != name} if question(value) else value for value in before
    ]
    return distinct(without)


def change_chosen(
    attribute: Attribute,
    before: list[Any],
    question: Question,
    part: Attribute | None,
    taken: Any,  # noqa: ANN401  a JSON value of any type
    *,
    template: Filter | None,
) -> list[Any]:
    """Change the chosen values; where none matches, a template (of an «add») makes one."""
    if any(question(value) for value in before):
        keep = template is not None
        after = [_changed(v, part, taken, keep=keep) if question(v) else v for v in before]
    elif template is None or (made := _from_template(attribute, template)) is None:
        raise _no_target()
    else:
        after = [*before, _changed(made, part, taken, keep=True)]
    others = [value for value in before if not question(value)]
    return distinct(_settled(attribute, others, after))


def _changed(value: Json, part: Attribute | None, taken: Any, *, keep: bool) -> Json:  # noqa: ANN401  as above
    if part is not None:
        return without_empty({**value, part.name: taken})
    return {**value, **taken} if keep else taken


def _from_template(attribute: Attribute, chosen: Filter) -> Json | None:
    match chosen:
        case Compare(operator="eq") if chosen.value is not None:
            return {attribute.lookup[chosen.path.lower()].name: chosen.value}
        case Both():
            left, right = _from_template(attribute, chosen.left), _from_template(attribute, chosen.right)
            return None if left is None or right is None else {**left, **right}
        case _:
            return None


def _settled(attribute: Attribute, before: list[Any], after: list[Any]) -> list[Any]:
    """Let a new primary value take over from the old one, as RFC 7644 §3.5.2 asks."""
    if sum(1 for value in after if value.get("primary") is True) > 1:
        old = [value for value in before if value.get("primary") is True]
        after = [{**value, "primary": False} if value in old else value for value in after]
    check_primary(attribute, after)
    return after


def _twin(held: list[Any], value: Json) -> int | None:
    """Find the value to merge with: of several, one that stays as it is, lest a second time changes more."""
    twins = [at for at, one in enumerate(held) if _same_value(one, value)]
    return min(twins, key=lambda at: {**held[at], **value} != held[at], default=None)


def _same_value(one: Json, other: Json) -> bool:
    return all(one.get(name) == other.get(name) for name in ("value", "type"))


def _no_target() -> ScimError:
    return ScimError(400, "the path chooses no value that is there", "noTarget")
