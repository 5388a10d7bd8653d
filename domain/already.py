"""Tell whether an account is by now as a row wants it, because another row was quicker."""

from typing import assert_never

from domain.changes import Action, Change
from domain.doubts import to_send
from domain.link import MANAGER, OPEN, Link

DONE_BY_NOW = "another run has done the same by now"
IN_HAND = "another run has the same in hand"
"""What is noted on a row that another run makes needless."""


def is_so_already(change: Change, link: Link) -> bool:
    """Tell whether nothing of a row is left to be sent, and nothing that it says is in doubt."""
    match change.action:
        case Action.DEACTIVATE:
            return not link.perhaps_open
        case Action.CREATE | Action.LINK | Action.REACTIVATE | Action.UPDATE:
            told = change.after is not None and not change.forgotten
            return told and link.active and OPEN not in link.doubts and not to_send(link, change.after or {})
        case Action.SET_MANAGER:
            return link.manager == change.after_manager and MANAGER not in link.doubts
        case Action.RELEASE_NAME | Action.DELETE | Action.UNLINK | Action.KEEP:
            return False
        case unknown:
            assert_never(unknown)
