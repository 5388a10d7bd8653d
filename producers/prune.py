"""Forget what is over, day after day, in steps so small that nobody has to wait for them."""

from dataclasses import dataclass
from datetime import timedelta

from domain.ports import Store

VALUES_KEPT = timedelta(days=30)
"""So long a settled change tells what it changed, and so far back an undo reaches."""

DEAD_VALUES_KEPT = timedelta(days=90)
"""So long a dead change can be released again."""

HISTORY_KEPT = timedelta(days=396)
"""Thirteen months: what happened to whom, when and why, without values."""

AUDIT_KEPT = timedelta(days=731)
"""Two years: which human did what. The chain goes on from where it was cut."""

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Pruned:
    """What one step forgot; `more` says that another step would find something at once."""

    values: int
    rows: int
    runs: int
    more: bool
    audit: int = 0


def prune(*, store: Store, most: int = MOST_AT_ONCE) -> Pruned:
    """Take one step, of four short transactions. Safe to run anywhere, any number of times."""
    with store.write() as tx:
        values = tx.changes.forget_values(VALUES_KEPT, DEAD_VALUES_KEPT, most)
    with store.write() as tx:
        rows = tx.changes.forget_rows(HISTORY_KEPT, most)
    with store.write() as tx:
        runs = tx.runs.forget(HISTORY_KEPT, most)
    with store.write() as tx:
        audit = tx.audit.forget(AUDIT_KEPT, most)
    return Pruned(values, rows, runs, most in {values, rows, runs, audit}, audit)
