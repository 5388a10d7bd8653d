"""Say what nobody knows of an account after a request without an answer, and what must be sent for it."""

from collections.abc import Mapping

from domain.account import Scalar
from domain.changes import Action, Change
from domain.compare import difference
from domain.ids import AccountId
from domain.link import MANAGER, OPEN, Link

VALUES = frozenset({Action.CREATE, Action.LINK, Action.UPDATE, Action.REACTIVATE, Action.DEACTIVATE})
"""Actions that say of each path that they name what it holds, and whether the account is open."""

MAKING = frozenset({Action.CREATE, Action.REACTIVATE})
"""Actions that may make an account; who comes back to one that was removed by hand is made anew."""

SECOND = "second account "
"""Before the id of an account that was made beside the linked one."""

Values = Mapping[str, Scalar]


def left_open(action: Action, before: Values, after: Values) -> frozenset[str]:
    """Name what a request may have changed of which no answer came.

    A create is looked for before it is sent again. A removal leaves an account that is closed or gone, and
    whoever asks anything of it later is told which.
    """
    match action:
        case Action.UPDATE | Action.RELEASE_NAME | Action.UNLINK:
            return frozenset(difference(before, after))
        case Action.REACTIVATE | Action.DEACTIVATE:
            return frozenset(difference(before, after)) | {OPEN}
        case Action.SET_MANAGER:
            return frozenset({MANAGER})
        case _:
            return frozenset()


def second(account_id: AccountId) -> frozenset[str]:
    """Name what is in doubt where a late request made a second account: it is open, and nobody links it.

    Together with the linked one's being open, so that a row comes of it whatever its person is by now.
    """
    return frozenset({SECOND + account_id, OPEN})


def seconds(change: Change, doubts: frozenset[str]) -> list[AccountId]:
    """List the second accounts that this row is to close before it is done."""
    return all_seconds(doubts) if change.action in VALUES else []


def all_seconds(doubts: frozenset[str]) -> list[AccountId]:
    """List the second accounts that are in doubt."""
    return [AccountId(each.removeprefix(SECOND)) for each in sorted(doubts) if each.startswith(SECOND)]


def settled(change: Change, doubts: frozenset[str]) -> frozenset[str]:
    """Choose from what is in doubt what is known once this row was done."""
    closed = {SECOND + account_id for account_id in seconds(change, doubts)}
    return doubts & (settled_by(change) | closed)


def settled_by(change: Change) -> frozenset[str]:
    """Name what is known of an account once this row was done."""
    if change.action is Action.SET_MANAGER:
        return frozenset({MANAGER})
    said = frozenset(told_by(change))
    if change.action is Action.RELEASE_NAME:
        return said
    return said | {OPEN} if change.action in VALUES else frozenset()


def told_by(change: Change) -> Values:
    """Say what an account should hold by a row, without what the record does not tell.

    An older row, on its way while this one was planned, may have brought another value since, and may have
    left it in doubt whether it did.
    """
    untold = change.untold or {}
    return {path: value for path, value in (change.after or {}).items() if path not in untold}


def to_send(link: Link, after: Values) -> dict[str, Scalar]:
    """Return the values that must be sent: those that differ, and those in doubt."""
    unsure = {path: after[path] for path in sorted(link.doubts & after.keys())}
    return difference(link.values, after) | unsure
