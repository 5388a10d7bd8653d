"""What a yes binds to: the exact rows that a human saw, for a while, and perhaps a second person."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.changes import Change
from domain.ids import ApprovalId, ChangeId, RunId, TenantId

ASKED_FOR = timedelta(days=7)
"""So long a held row, a plan, or a list that was shown may be said yes to; then somebody looks afresh."""

SECOND_YES_WITHIN = timedelta(hours=24)
"""So long the first of two yeses waits for the other."""

CARRIED_OUT_WITHIN = timedelta(days=7)
"""An approved row that could not be sent for so long is not sent any more, but looked at afresh."""

RUN = "run:"
"""Begins what a list is about if that is a plan."""

HASH_LETTERS = 12
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Thirty-two letters and digits that nobody takes for one another: no «l» and «1», no «o» and «0»."""


class YesState(StrEnum):
    """Name what became of a list of rows: nobody said anything, one of two said yes, or it is decided."""

    SHOWN = "shown"
    FIRST_YES = "first-yes"
    GIVEN = "given"
    REJECTED = "rejected"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Approval:
    """One list of rows, and what humans said of it.

    `about` says which rows it was: «held», «held:guard.removals», «run:…», or «chosen» one by one. `rows` has
    the fingerprint of each. `expires_at` is the end of the list, or of the first yes.
    """

    approval_id: ApprovalId
    tenant_id: TenantId
    hash: str
    about: str
    state: YesState
    rows: Mapping[ChangeId, str]
    shown_at: datetime
    expires_at: datetime
    first_by: str | None = None
    first_at: datetime | None = None
    second_by: str | None = None
    settled_at: datetime | None = None
    run_id: RunId | None = None

    @property
    def whole_plan(self) -> RunId | None:
        """Name the plan that was shown whole; None for held rows, and for rows chosen from a plan."""
        about = self.about.removeprefix(RUN)
        return RunId(about) if about != self.about and " " not in about else None


@dataclass(frozen=True, slots=True)
class Moved:
    """How a set of rows differs from the one that was shown."""

    gone: frozenset[ChangeId]
    new: frozenset[ChangeId]
    other: frozenset[ChangeId]

    def __str__(self) -> str:
        """Say it in words."""
        told = (
            (self.new, "came since"),
            (self.gone, "wait no more"),
            (self.other, "want something else now"),
        )
        return ", ".join(f"{len(rows)} {words}" for rows, words in told if rows)


def told(row: Change) -> str:
    """Write down what a yes to one row says yes to: subject, aspect, before, after, cause, configuration."""
    content = (
        row.person_id,
        row.aspect.value,
        row.action.value,
        dict(row.before) if row.before is not None else None,
        dict(row.after) if row.after is not None else None,
        row.before_manager,
        row.after_manager,
        row.account_id,
        row.cause.value if row.cause else None,
        row.config_version,
    )
    return json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)


def sheet(rows: Iterable[Change]) -> str:
    """Write down a whole list, in an order that does not depend on who lists it."""
    return "\n".join(sorted(told(row) for row in rows))


def readable(fingerprint: bytes) -> str:
    """Write a fingerprint so that it can be read out and typed: «k7m2-9xqp-4dmz» is 60 bits."""
    number = int.from_bytes(fingerprint, "big")
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(HASH_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, HASH_LETTERS, 4))


def is_hash(text: str) -> bool:
    """Tell whether a text is shaped like what `readable` writes."""
    letters = text.replace("-", "")
    return len(letters) == HASH_LETTERS and set(letters) <= set(ALPHABET)


def moved(seen: Mapping[ChangeId, str], now: Mapping[ChangeId, str]) -> Moved:
    """Compare a list as it was shown with what is there now."""
    both = seen.keys() & now.keys()
    return Moved(
        gone=frozenset(seen.keys() - now.keys()),
        new=frozenset(now.keys() - seen.keys()),
        other=frozenset(each for each in both if seen[each] != now[each]),
    )
