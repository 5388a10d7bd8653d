"""The ways to say one change by PATCH, in the order in which they are tried.

    blind    as if everything were there already: one request, and nearly always right
    plain    a manager as an id instead of an object with an id, as Entra ID says it
    valued   `active` in the value instead of in the path, as Okta says it
    aimed    after a look, by what is missing: servers refuse the first way for it, or skip it in silence
    whole    lists replaced by what they hold with ours in it, where nobody understands brackets in a path

A way is tried where the answer to the one before gives a reason (`follows`). What is learned is only ever
added: a way that served once is the first one from then on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from adapters.targets.scim.session import Answer
from adapters.targets.scim.translate import (
    ACTIVE,
    MANAGER,
    Changes,
    Operation,
    aimed,
    blind,
    needs_a_look,
    valued,
    whole,
)
from domain.ids import AccountId
from schemas.scim import ENTERPRISE, Resource

_REFUSED = 400
_NOT_FOUND = 404
PATH_TROUBLE = frozenset({"", "invalidpath", "invalidfilter", "notarget"})
"""What servers call a path with brackets that they do not understand; most call it nothing."""

_KEYS = frozenset(
    [("", name) for name in ("username", "externalid", "emails", "phonenumbers")]
    + [(ENTERPRISE.lower(), "employeenumber")]
)
"""What servers let only one account have. A custom attribute may be one too: its server says `uniqueness`."""


class Lesson(Enum):
    """Name what a way teaches about a server that took it."""

    NOTHING = auto()
    PLAIN_MANAGER = auto()
    NO_BRACKETS = auto()
    FLAG_IN_VALUE = auto()


@dataclass(frozen=True, slots=True)
class Way:
    """Say a change in one of the ways; `looks`: the account is read before.

    `decides`: a 400 says more than the one before did, and is the one that counts.
    """

    follows: Callable[[Changes, Answer], bool]
    says: Callable[[Changes, Resource], list[Operation]]
    looks: bool = False
    decides: bool = True
    teaches: Lesson = Lesson.NOTHING


@dataclass(slots=True)
class Attempt:
    """Remember of one change what was said last, what came back, and how the account looked before."""

    account_id: AccountId
    changes: Changes
    said: list[Operation] = field(default_factory=list)
    last: Answer | None = None
    seen: Resource = field(default_factory=dict)

    def calls_for(self, way: Way) -> bool:
        """Say whether the last answer gives a reason to try this way."""
        return self.last is None or way.follows(self.changes, self.last)

    def note(self, way: Way, said: list[Operation], answer: Answer) -> None:
        """Keep the answer that counts."""
        self.said = said
        if self.last is None or way.decides or answer.status != _REFUSED:
            self.last = answer


def may_be_skipped(changes: Changes, operations: list[Operation]) -> bool:
    """Say whether a server may skip one of them in silence: brackets, and whether the account is active."""
    return ACTIVE in changes or any("[" in operation["path"] for operation in operations)


def selects(changes: Changes) -> bool:
    """Say whether a change is about one element of a list."""
    return any(path.selection for path in changes)


def with_plain_manager(changes: Changes) -> Changes:
    """Say the manager as an id."""
    manager = changes.get(MANAGER)
    return {**changes, MANAGER: manager["value"]} if isinstance(manager, Mapping) else changes


def names_key(changes: Changes) -> bool:
    """Say whether another account may have what this change sets."""
    return any(
        (path.schema.lower(), path.attribute.lower()) in _KEYS
        for path, value in changes.items()
        if value is not None
    )


def _has_no_reason(_changes: Changes, _answer: Answer) -> bool:
    return False


def _may_want_a_plain_manager(changes: Changes, answer: Answer) -> bool:
    return answer.status == _REFUSED and isinstance(changes.get(MANAGER), Mapping)


def _may_have_missed(changes: Changes, answer: Answer) -> bool:
    """Tell «there is no such element» apart: some say 404 with a scimType, many just 400, some skip it."""
    says_so = answer.status == _NOT_FOUND and answer.scim_type.lower() == "notarget"
    return needs_a_look(changes) and (answer.good or answer.status == _REFUSED or says_so)


def _may_know_no_brackets(changes: Changes, answer: Answer) -> bool:
    trouble = answer.status == _REFUSED and answer.scim_type.lower() in PATH_TROUBLE
    return selects(changes) and (answer.good or trouble)


def _may_want_the_flag_in_a_value(changes: Changes, answer: Answer) -> bool:
    trouble = answer.status == _REFUSED and answer.scim_type.lower() in PATH_TROUBLE
    return ACTIVE in changes and (answer.good or trouble)


def _valued(changes: Changes, _seen: Resource) -> list[Operation]:
    return valued(blind(changes))


def _blind(changes: Changes, _seen: Resource) -> list[Operation]:
    return blind(changes)


def _plain(changes: Changes, _seen: Resource) -> list[Operation]:
    return blind(with_plain_manager(changes))


BLIND = Way(_has_no_reason, _blind)
PLAIN = Way(_may_want_a_plain_manager, _plain, decides=False, teaches=Lesson.PLAIN_MANAGER)
AIMED = Way(_may_have_missed, aimed, looks=True)
WHOLE = Way(_may_know_no_brackets, whole, looks=True, decides=False, teaches=Lesson.NO_BRACKETS)
VALUED = Way(_may_want_the_flag_in_a_value, _valued, decides=False, teaches=Lesson.FLAG_IN_VALUE)
IN_ORDER = (BLIND, PLAIN, VALUED, AIMED, WHOLE)
