"""How long an application that agreed to do something later is only looked at, and not asked again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.account import Account, Scalar
from domain.changes import Action, Change
from domain.compare import difference
from domain.ids import AccountId
from domain.mapping import same_key
from domain.retry import FIRST_WAIT, LONGEST_WAIT

NOT_SHOWN = "HTTP 202: agreed to for later, and not shown yet"

STANDS = timedelta(days=1)
"""Somebody may have to approve it there. A second request before that may become a second account."""

CLOSING_STANDS = timedelta(hours=1)
"""A door that is still open is pushed more often: to close it twice does no harm."""


def stands(action: Action) -> timedelta:
    """Tell how long nothing is asked for again that was agreed to for later."""
    return CLOSING_STANDS if action is Action.DEACTIVATE else STANDS


def is_promised(change: Change, now: datetime) -> bool:
    """Tell whether what this row asked for may still come of itself."""
    return change.sent_at is not None and change.sent_at > now


def was_promised(change: Change) -> bool:
    """Tell whether an application agreed to this row for later, whatever is expected by now."""
    sent_at, intent_at = change.sent_at, change.intent_at
    return sent_at is not None and intent_at is not None and sent_at - intent_at >= stands(change.action)


def is_own(change: Change, now: datetime) -> bool:
    """Tell whether this row itself was promised something, and not an older one whose place it took.

    Such a row takes over when that one was first taken up, and until when it may be done.
    """
    intent_at, planned_at, sent_at = change.intent_at, change.planned_at, change.sent_at
    if intent_at is None or planned_at is None or sent_at is None:
        return False
    return planned_at <= intent_at and sent_at - stands(change.action) <= now


def wait_to_look(change: Change, now: datetime) -> timedelta:
    """Return the pause before the next look: short at first, then as long as it was promised already."""
    left = change.sent_at - now if change.sent_at is not None else timedelta(0)
    return min(max(FIRST_WAIT, stands(change.action) - left), LONGEST_WAIT)


def is_kept(change: Change, account: Account, manager: AccountId | None) -> bool:
    """Tell whether an account is as this row wants it."""
    match change.action:
        case Action.DEACTIVATE:
            return not account.active
        case Action.DELETE:
            return False
        case Action.SET_MANAGER:
            return account.manager == manager
        case Action.REACTIVATE:
            return account.active and _holds(account.values, change.after or {})
        case _:
            return _holds(account.values, change.after or {})


def _holds(told: Mapping[str, Scalar], wanted: Mapping[str, Scalar]) -> bool:
    return not difference(_plain(told), _plain(wanted))


def _plain(values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    return {
        path: (same_key(value) or None) if isinstance(value, str) else value for path, value in values.items()
    }
