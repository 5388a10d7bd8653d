"""Look afresh at what waited for a human for too long; a hold never vanishes in silence."""

from collections import defaultdict
from collections.abc import Sequence

from domain.approval import ASKED_FOR
from domain.causes import FOR_A_HUMAN
from domain.events import Event, RunDue
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.ports import Ids, Store, Transaction
from domain.records import NewRun
from domain.run import EXPIRED_HOLD, RunKind
from domain.tenant import may_write
from producers.apart import Failed, apart

MANY = 20
"""From so many people on, one complete run costs less than a run for each."""

Old = tuple[ChangeId, PersonId]


def expire(store: Store, ids: Ids, failed: Failed) -> list[Event]:
    """End what was not decided in time, and ask for a fresh look at whoever waits for more than a week.

    The row stays held until that look: whoever is still to be changed is then held anew, whoever is not is
    let go. A look that fails, or that a feed without proof cannot give, is asked for once a day.
    """
    with store.write() as tx:
        tx.approvals.lapse()
        tx.changes.drop_old_plans(ASKED_FOR)
    with store.read() as tx:
        found = tx.changes.old_holds(ASKED_FOR)
    waiting: dict[TenantId, list[Old]] = defaultdict(list)
    for tenant_id, change_id, person_id in found:
        waiting[tenant_id].append((change_id, person_id))
    events: list[Event] = []
    for tenant_id, rows in waiting.items():
        with apart(store, tenant_id, failed) as tx:
            events += _look(tx, tenant_id, rows, ids)
    return events


def _look(tx: Transaction, tenant_id: TenantId, rows: Sequence[Old], ids: Ids) -> list[Event]:
    """Ask for the looks, and let the owners hear once more that a decision of theirs is waited for."""
    tenant, config = tx.tenants.get(tenant_id), tx.tenants.configuration(tenant_id)
    if tenant is None or config is None or not may_write(tenant.state):
        return []
    day = tx.now().date().isoformat()
    if len(rows) >= MANY:
        wanted = [NewRun(RunKind.FEED, f"expired:{day}", EXPIRED_HOLD)]
    else:
        wanted = [_look_at(change_id, person_id, day) for change_id, person_id in rows]
    runs = [tx.runs.add(tenant_id, RunId(ids.new()), new, config.version) for new in wanted]
    asked = [run for run in runs if run is not None]
    if asked:
        tx.incidents.remind(tenant_id, FOR_A_HUMAN)
    return [RunDue(tenant_id, run.run_id) for run in asked]


def _look_at(change_id: ChangeId, person_id: PersonId, day: str) -> NewRun:
    return NewRun(RunKind.PERSON, f"expired:{change_id}:{day}", EXPIRED_HOLD, person_id=person_id)
