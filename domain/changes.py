"""One row of a run's plan: what it is about, what it does, and the states it passes through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from domain.account import Scalar
from domain.codes import Code
from domain.ids import AccountId, ChangeId, ConfigVersion, PersonId, RunId


class Aspect(StrEnum):
    """Name what a change is about; a person has at most one open row for each."""

    ACCOUNT = "account"
    NAME = "name"
    MANAGER = "manager"


class Action(StrEnum):
    """Name what a change does to the target.

    `unlink` gives a found account its values back and forgets whose it is. `keep` closes an open row that is
    not wanted any more.
    """

    DEACTIVATE = "deactivate"
    RELEASE_NAME = "release-name"
    CREATE = "create"
    LINK = "link"
    REACTIVATE = "reactivate"
    UPDATE = "update"
    SET_MANAGER = "set-manager"
    DELETE = "delete"
    UNLINK = "unlink"
    KEEP = "keep"


class Lane(IntEnum):
    """Order the kinds of change: leavers first, so that their names are free; managers and deletions last."""

    DEACTIVATE = 10
    RELEASE = 15
    CREATE = 20
    UPDATE = 30
    MANAGER = 40
    DELETE = 50


LANE_OF: Mapping[Action, Lane] = {
    Action.DEACTIVATE: Lane.DEACTIVATE,
    Action.RELEASE_NAME: Lane.RELEASE,
    Action.CREATE: Lane.CREATE,
    Action.LINK: Lane.CREATE,
    Action.REACTIVATE: Lane.UPDATE,
    Action.UPDATE: Lane.UPDATE,
    Action.SET_MANAGER: Lane.MANAGER,
    Action.DELETE: Lane.DELETE,
    Action.UNLINK: Lane.UPDATE,
    Action.KEEP: Lane.UPDATE,
}

ASPECT_OF: Mapping[Action, Aspect] = {
    Action.DEACTIVATE: Aspect.ACCOUNT,
    Action.RELEASE_NAME: Aspect.NAME,
    Action.CREATE: Aspect.ACCOUNT,
    Action.LINK: Aspect.ACCOUNT,
    Action.REACTIVATE: Aspect.ACCOUNT,
    Action.UPDATE: Aspect.ACCOUNT,
    Action.SET_MANAGER: Aspect.MANAGER,
    Action.DELETE: Aspect.ACCOUNT,
    Action.UNLINK: Aspect.ACCOUNT,
}


GIVING = frozenset({Action.CREATE, Action.LINK})
"""Actions by which somebody gets an account that nobody knows to be theirs before the answer is there."""


class ChangeState(StrEnum):
    """Name where a row is on its way; `TRANSITIONS` draws the way."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    HELD = "held"
    BLOCKED = "blocked"
    RELEASED = "released"
    WORKING = "working"
    WAITING = "waiting"
    PARKED = "parked"
    APPLIED = "applied"
    ALREADY_SO = "already-so"
    DEAD = "dead"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    STALE = "stale"
    DROPPED = "dropped"


_S = ChangeState

TRANSITIONS: Mapping[ChangeState, frozenset[ChangeState]] = {
    _S.PROPOSED: frozenset({_S.PLANNED, _S.DROPPED}),
    _S.PLANNED: frozenset({_S.PROPOSED, _S.RELEASED, _S.HELD, _S.BLOCKED, _S.WAITING, _S.DROPPED}),
    _S.HELD: frozenset({_S.RELEASED, _S.REJECTED, _S.EXPIRED, _S.SUPERSEDED, _S.DROPPED}),
    _S.BLOCKED: frozenset({_S.RELEASED, _S.HELD, _S.SUPERSEDED, _S.DROPPED}),
    _S.RELEASED: frozenset(
        {_S.WORKING, _S.BLOCKED, _S.WAITING, _S.PARKED, _S.SUPERSEDED, _S.STALE, _S.DROPPED}
    ),
    _S.WORKING: frozenset({_S.APPLIED, _S.ALREADY_SO, _S.WAITING, _S.BLOCKED, _S.STALE, _S.DEAD}),
    _S.WAITING: frozenset({_S.RELEASED, _S.SUPERSEDED, _S.DROPPED, _S.DEAD}),
    _S.PARKED: frozenset({_S.RELEASED, _S.WAITING, _S.SUPERSEDED, _S.DROPPED}),
    _S.DEAD: frozenset({_S.RELEASED}),
    _S.APPLIED: frozenset(),
    _S.ALREADY_SO: frozenset(),
    _S.REJECTED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.SUPERSEDED: frozenset(),
    _S.STALE: frozenset(),
    _S.DROPPED: frozenset(),
}
"""Every move a row may make. The store makes each one as a compare-and-set and refuses all others."""

OPEN = frozenset({_S.HELD, _S.BLOCKED, _S.RELEASED, _S.WAITING, _S.PARKED})
"""States of which a person's aspect has at most one row, whatever runs come and go."""

UNSETTLED = OPEN | {_S.WORKING, _S.PLANNED}
"""States in which a row can still reach the target without a human asking for it again."""

SETTLED = frozenset(state for state in _S if state not in UNSETTLED and state is not _S.PROPOSED)

KEEPS_RUN_GOING = frozenset({_S.PLANNED, _S.RELEASED, _S.WORKING})
"""A run ends when it has no row in these; held, blocked and waiting rows outlive it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row, as a worker sees it.

    `before` and `after` map target paths to values; `before` is what we last applied (or found), `after` what
    should be. A row of aspect manager has `before_manager` and `after_manager`. `link_version` is what
    the plan saw.
    `account_id` is set for rows that link or touch an account found while planning. `intent_at` is when
    a request that may have been acted upon was first taken up, `sent_at` when its reply was last missed; it
    is still to come where the target agreed to do it later.
    `carried_by` is the newest run that wanted just the same. `untold`: what `after` holds though the record
    says nothing of it; it stays as it is.
    `undoes` is the row that this one takes back. `done_version` is the link's version once it was done.
    `forgotten`: it is so old that its values are not kept any more (`pruned`), or they were damaged and do
    not open.
    """

    change_id: ChangeId
    run_id: RunId
    person_id: PersonId
    action: Action
    state: ChangeState
    config_version: ConfigVersion
    cause: Code | None = None
    why: Code | None = None
    detail: str = ""
    before: Mapping[str, Scalar] | None = None
    after: Mapping[str, Scalar] | None = None
    after_manager: PersonId | None = None
    account_id: AccountId | None = None
    link_version: int = 0
    snapshot: bytes = b""
    strict: bool = False
    tries: int = 0
    crashes: int = 0
    due_at: datetime | None = None
    intent_at: datetime | None = None
    sent_at: datetime | None = None
    blocked_on: str | None = None
    evidence: Mapping[str, Scalar] | None = None
    before_manager: PersonId | None = None
    undoes: ChangeId | None = None
    done_version: int | None = None
    planned_at: datetime | None = None
    settled_at: datetime | None = None
    carried_by: RunId | None = None
    forgotten: bool = False
    pruned: bool = False
    kept: Aspect | None = None
    untold: Mapping[str, Scalar] | None = None

    @property
    def aspect(self) -> Aspect:
        """Tell what the row is about; one that only closes another row is about what that one is about."""
        return self.kept or ASPECT_OF[self.action]


def on_link(person_id: PersonId) -> str:
    """Name the wait for a person's account to exist and be open."""
    return f"link:{person_id}"


def on_change(change_id: ChangeId) -> str:
    """Name the wait for another row to be done."""
    return f"change:{change_id}"
