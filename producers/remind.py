"""Ring for messages to humans: those that are due, and those that it is time to remind of."""

from domain.events import Event, NoticesDue
from domain.ports import Store
from domain.reminders import FAILURES, Reminders


def reminders_due(store: Store, rules: Reminders) -> list[Event]:
    """Ring for each tenant of whom something is to be told now; rows say what, and that it is told once."""
    with store.read() as tx:
        now = tx.now()
        due = rules.digest_due(now)
        tenants = {
            *tx.dispatches.due(),
            *tx.dispatches.without_digest(due, due.date().isoformat()),
            *tx.dispatches.unescalated(sorted(FAILURES), rules.escalates_before(now)),
        }
    return [NoticesDue(tenant_id) for tenant_id in sorted(tenants)]
