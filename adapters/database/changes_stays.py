"""Say which held or open row stays when a new plan wants the same, and by what it is held then."""

from adapters.database.changes_rows import AnyRow
from domain.causes import FOR_A_HUMAN
from domain.changes import ChangeState

ASKING = tuple(sorted(code.value for code in FOR_A_HUMAN))
"""Holds that a human decides. Every other one each run finds out for itself; nobody approves it."""


def stays(pair: AnyRow) -> bool:
    """Say that an open row stays for the planned one that wants the same.

    A hold that a human decides stays, but is asked anew once it waited too long. A hold that conclude judges
    anew stays while it is judged so again; and a row that was free is not carried past a hold, or past
    something to wait for, that the new plan found.
    """
    if pair.state == ChangeState.HELD.value:
        return not pair.too_old and (bool(pair.to_hold) or pair.why in ASKING)
    free = pair.state != ChangeState.BLOCKED.value
    return not pair.to_hold and not (free and pair.awaits_now is not None)


def held_by_more(pair: AnyRow) -> bool:
    """Say that a held row is held by something else now that no yes lifts, or only by what one lifts.

    Whoever says yes to a guard says nothing of an override, nor of an attribute that was lost since.
    """
    if not pair.to_hold or pair.why == pair.why_now:
        return False
    return pair.why not in ASKING or pair.why_now not in ASKING
