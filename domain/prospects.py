"""Say what becomes of the rows of a plan at the moment it is applied: each goes, is held, or waits."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from domain.changes import Change, on_change
from domain.codes import Code
from domain.ids import ChangeId


class Prospect(StrEnum):
    """Name where a row will stand once its plan is applied.

    `blocked`: it waits for an account that the plan does not bring, or for a row that does not go either.
    `waiting`: it closes an account, and is not due yet.
    """

    GO = "go"
    HELD = "held"
    BLOCKED = "blocked"
    WAITING = "waiting"


def prospects(rows: Sequence[Change]) -> Mapping[ChangeId, Prospect]:
    """Judge each row of one plan by its own notes, and by the rows of the plan that it waits for."""
    found = {row.change_id: _alone(row) for row in rows}
    stuck = {on_change(each) for each, what in found.items() if what is not Prospect.GO}
    free = [row for row in rows if found[row.change_id] is Prospect.GO and row.blocked_on]
    while behind := [row.change_id for row in free if row.blocked_on in stuck]:
        found.update(dict.fromkeys(behind, Prospect.BLOCKED))
        stuck |= {on_change(each) for each in behind}
        free = [row for row in free if row.change_id not in behind]
    return found


def awaits_account(row: Change) -> bool:
    """Tell whether a row waits for somebody's account; its reason, if it has one, is no hold."""
    return (row.blocked_on or "").startswith("link:") and row.why in {None, Code.MANAGER_NOT_SYNCED}


def _alone(row: Change) -> Prospect:
    if awaits_account(row):
        return Prospect.BLOCKED
    if row.why is not None:
        return Prospect.HELD
    return Prospect.GO if row.due_at is None else Prospect.WAITING
