"""Note, when an account was closed, on which day the tenant wants it removed for good."""

from collections.abc import Sequence

from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.deletions import Deletion, due_at
from domain.events import Event, IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.ports import Ids, Transaction
from domain.records import Done, Job, Settlement


def note_farewells(
    tx: Transaction,
    tenant_id: TenantId,
    config: Configuration,
    jobs: Sequence[Job],
    settlements: Sequence[Settlement],
    ids: Ids,
) -> list[Event]:
    """Plan the deletion of every account that was closed just now, and announce what is to come."""
    closed = {job.change.change_id: job.change for job in jobs if job.change.action is Action.DEACTIVATE}
    planned = 0
    for done in (each for each in settlements if isinstance(each, Done) and each.change_id in closed):
        change = closed[done.change_id]
        when = due_at(config.policy, change.cause, tx.now())
        if when is not None and change.cause is not None:
            tx.deletions.plan(
                tenant_id,
                Deletion(change.person_id, done.link.account_id, change.cause, tx.now(), when, change.run_id),
            )
            planned += 1
    return announce(tx, tenant_id, ids) if planned else []


def announce(tx: Transaction, tenant_id: TenantId, ids: Ids) -> list[Event]:
    """Tell the owners how many accounts will be removed and when the first; nothing to come ends it."""
    standing = tx.deletions.standing(tenant_id)
    if not standing:
        ended = tx.incidents.resolve(tenant_id, [Code.DELETION_AHEAD])
        return [IncidentChanged(tenant_id, incident.incident_id) for incident in ended]
    detail = f"the first on {standing[0].due_at:%Y-%m-%d}"
    incident = tx.incidents.open(
        tenant_id, IncidentId(ids.new()), Code.DELETION_AHEAD, detail, len(standing), standing[-1].run_id
    )
    return [] if incident.told_open_at else [IncidentChanged(tenant_id, incident.incident_id)]
