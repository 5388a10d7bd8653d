"""Remove a closed account for good, days after it was closed, where a tenant asked for exactly that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.account import Account, Scalar
from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish
from domain.config import Policy
from domain.guards import USUAL_GUARDS, Guards
from domain.ids import AccountId, PersonId, RunId
from domain.link import Link
from domain.mapping import same_key
from domain.scope import Standing

FEWEST_DAYS = 7
"""An account is closed for at least so long before it is removed: time enough to notice a mistake."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """The account of one person that will be removed; whoever comes back before keeps it."""

    person_id: PersonId
    account_id: AccountId
    cause: Code
    closed_at: datetime
    due_at: datetime
    run_id: RunId


class Verdict(StrEnum):
    """Name what becomes of a deletion whose day has come.

    go     the account is still closed, and the tenant still wants it removed
    wait   the person is back in Personio, or cannot be judged, though the account is not open yet
    over   the person has an open account again, it is another one, or the policy changed; or somebody who had
           left is employed again, outside of the filter
    """

    GO = "go"
    WAIT = "wait"
    OVER = "over"


def days_until(policy: Policy, cause: Code | None) -> int | None:
    """Return after how many days an account that was closed for this cause is removed; None is never."""
    match cause:
        case Code.PERSON_LEFT:
            return policy.left_deleted_after
        case Code.PERSON_LEFT_FILTER:
            return policy.left_filter_deleted_after
        case Code.PERSON_NOT_SEEN:
            return policy.not_seen_deleted_after
        case _:
            return None


def due_at(policy: Policy, cause: Code | None, closed_at: datetime) -> datetime | None:
    """Return when an account that was closed just now is to be removed, or None."""
    days = days_until(policy, cause)
    return None if days is None else closed_at + timedelta(days=days)


def judge(deletion: Deletion, link: Link | None, standing: Standing | None, policy: Policy) -> Verdict:
    """Decide on the day itself, by what is true then; `standing` is None for people on no list any more."""
    if link is None or link.active or link.account_id != deletion.account_id:
        return Verdict.OVER
    if days_until(policy, deletion.cause) is None:
        return Verdict.OVER
    if deletion.cause is Code.PERSON_LEFT and standing is Standing.FILTERED:
        return Verdict.OVER
    gone = standing in {None, Standing.LEFT, Standing.FILTERED} or deletion.cause is Code.PERSON_NOT_SEEN
    return Verdict.GO if gone else Verdict.WAIT


def room(accounts: int, gone_today: int, guards: Guards) -> int:
    """Return how many accounts may still be removed within these 24 hours; the others wait a day.

    A tenant may let fewer go than usual, but for a larger number only closing: that can be undone. One a day
    may always go, or those whose tenant allows none would wait for ever, and nobody would be told.
    """
    usual, own = (bound.a_day(accounts) for bound in (USUAL_GUARDS.removals, guards.removals))
    return max(0, max(1, min(usual, own)) - gone_today)


def removal(deletion: Deletion, link: Link) -> Wish:
    """Ask for the account to be removed, with all that speaks for it."""
    evidence: Mapping[str, Scalar] = {
        "closed at": deletion.closed_at.isoformat(timespec="seconds"),
        "closed by run": deletion.run_id,
        "due at": deletion.due_at.isoformat(timespec="seconds"),
    }
    return Wish(
        deletion.person_id,
        Aspect.ACCOUNT,
        Action.DELETE,
        before=link.values,
        cause=deletion.cause,
        link_version=link.version,
        evidence=evidence,
    )


def taken_over(found: Account, link: Link, ours: str, name: str) -> str:
    """Say why an account that was closed is somebody else's by now; nothing where it is as it was left.

    `ours` is the external id that we gave it. Not every application keeps one; where there is none, the
    unique name, which is at the path `name`, must be the one that we know.
    """
    if found.active:
        return "the account was opened by hand"
    if found.external_id is not None:
        return "" if found.external_id == ours else "the account has the external id of somebody else"
    known, now = (same_key(str(values.get(name) or "")) for values in (link.values, found.values))
    return "" if known == now else "the account was renamed, and has no external id any more"
