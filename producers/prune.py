"""Forget what is over, day after day, in steps so small that nobody has to wait for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from domain.ids import TenantId
from domain.ports import Store
from producers.apart import Failed, apart

VALUES_KEPT = timedelta(days=30)
"""So long a settled change tells what it changed, and so far back an undo reaches."""

DEAD_VALUES_KEPT = timedelta(days=90)
"""So long a dead change can be released again."""

HISTORY_KEPT = timedelta(days=396)
"""Thirteen months: what happened to whom, when and why, without values."""

MESSAGES_KEPT = timedelta(days=90)
"""So long we can say who was told what; what arrived nowhere is kept as long as history is."""

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
    messages: int = 0
    letters: int = 0
    incidents: int = 0
    failed: Mapping[TenantId, Exception] = field(default_factory=dict)
    """Tenants whose audit could not be cut; everybody else's was."""


def prune(*, store: Store, most: int = MOST_AT_ONCE) -> Pruned:
    """Take one step, of some short transactions. Safe to run anywhere, any number of times."""
    failed: Failed = {}
    with store.write() as tx:
        values = tx.changes.forget_values(VALUES_KEPT, DEAD_VALUES_KEPT, most)
    with store.write() as tx:
        rows = tx.changes.forget_rows(HISTORY_KEPT, most)
    with store.write() as tx:
        runs = tx.runs.forget(HISTORY_KEPT, most)
    audit = _cut_audits(store, most, failed)
    with store.write() as tx:
        messages = tx.dispatches.forget(MESSAGES_KEPT, HISTORY_KEPT, most)
    with store.write() as tx:
        letters = tx.letters.forget(HISTORY_KEPT, most)
    with store.write() as tx:
        incidents = tx.incidents.forget(HISTORY_KEPT, most)
    more = most in {values, rows, runs, audit, messages, letters, incidents}
    return Pruned(values, rows, runs, more, audit, messages, letters, incidents, failed)


def counted(step: Pruned) -> dict[str, int]:
    """Name what one step forgot, for the log; what was none is left out."""
    every = {
        "values of changes": step.values,
        "changes": step.rows,
        "runs": step.runs,
        "entries of the audit": step.audit,
        "messages": step.messages,
        "letters": step.letters,
        "incidents": step.incidents,
    }
    return {what: count for what, count in every.items() if count}


def _cut_audits(store: Store, most: int, failed: Failed) -> int:
    """Go from tenant to tenant until these are enough for one step; each chain is its tenant's own."""
    with store.read() as tx:
        tenants = tx.audit.older_than(AUDIT_KEPT)
    done = 0
    for tenant_id in tenants:
        if done < most:
            with apart(store, tenant_id, failed) as tx:
                done += tx.audit.forget(tenant_id, AUDIT_KEPT, most - done)
    return done
