"""What somebody settled before: a wish that a human or a refusal said no to is not wished again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration
from domain.ids import ChangeId, PersonId


class DecisionKind(StrEnum):
    """Name who said no: the target, a human before the change was sent, or a human after it."""

    REFUSED = "refused"
    REJECTED = "rejected"
    UNDONE = "undone"


LASTING: Mapping[DecisionKind, timedelta] = {
    DecisionKind.REFUSED: timedelta(hours=23),
    DecisionKind.REJECTED: timedelta(days=90),
    DecisionKind.UNDONE: timedelta(days=90),
}
"""A refusal is less than a day, so that a daily run asks again on each of its days; the word of a human
is put before a human again after a quarter of a year."""

CODE_OF: Mapping[DecisionKind, Code] = {
    DecisionKind.REFUSED: Code.DECIDED_REFUSED,
    DecisionKind.REJECTED: Code.DECIDED_REJECTED,
    DecisionKind.UNDONE: Code.DECIDED_UNDONE,
}
"""The cause by which people are counted as skipped."""

HUMAN = frozenset({DecisionKind.REJECTED, DecisionKind.UNDONE})
"""Decisions that end when a record asks for something else; a refusal ends by itself or by success."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One standing decision. `change_id` is the row that was refused, rejected or undone."""

    change_id: ChangeId
    person_id: PersonId
    aspect: Aspect
    kind: DecisionKind
    why: Code | None
    by: str
    at: datetime
    until: datetime | None


def essence(wish: Wish, config: Configuration) -> str:
    """Write down what a human's decision binds to: the outcome that was wished, whatever way leads there.

    Opening an account with these values is the same wish whether it is made, found, reopened or updated.
    Closing one is the same wish for the same cause. Of the configuration only that counts by which somebody
    falls out of the filter: another schedule asks nobody again, another filter does.
    """
    closes = wish.action in {Action.DEACTIVATE, Action.DELETE}
    told = [
        wish.person_id,
        wish.aspect,
        wish.action if closes or wish.action is Action.UNLINK else "open",
        None
        if wish.after is None
        else {path: value for path, value in wish.after.items() if value is not None},
        wish.after_manager,
        wish.cause if closes else None,
        _plain(config.scope) if wish.cause is Code.PERSON_LEFT_FILTER else None,
    ]
    return json.dumps(told, sort_keys=True, default=dict)


def _plain(value: object) -> object:
    """Write any part of a configuration so that equal parts read alike."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"": type(value).__name__} | told
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(json.dumps(_plain(each)) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool | int | float | None) else str(value)
