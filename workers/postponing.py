"""What a temporary failure means for a row: later, or never again, and whether a try is counted."""

from collections.abc import Callable
from datetime import timedelta

from domain.changes import Change
from domain.errors import HeldBackError, PromisedError, TemporaryError
from domain.promises import stands
from domain.records import Postponed, Refused
from domain.retry import gives_up, wait_before

SHORTEST = timedelta(seconds=1)


def postpone(
    change: Change, error: TemporaryError, dice: float, is_down: Callable[[], bool]
) -> Postponed | Refused:
    """Let the row wait, or die after its last try, unless the target is down for everybody.

    What we held back ourselves counts as no try. `is_down` is asked last, since it asks the target.
    """
    kept = error.maybe_done or change.intent_at is not None
    counted = not isinstance(error, HeldBackError)
    if counted and gives_up(change.tries) and not is_down():
        tried = f"tried {change.tries} times"
        detail = f"{error.detail}; {tried}" if error.detail else tried
        return Refused(change.change_id, error.code, detail, intent_kept=kept)
    if counted:
        wait = wait_before(change.tries + 1, error.retry_after, dice)
    else:
        wait = (error.retry_after or SHORTEST) + timedelta(seconds=dice)
    return Postponed(
        change.change_id,
        error.code,
        error.detail,
        wait,
        intent_kept=kept,
        sent=error.maybe_done,
        counted=counted,
        stands=stands(change.action) if isinstance(error, PromisedError) else timedelta(0),
    )
