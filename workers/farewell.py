"""Note, when an account was closed, on which day the tenant wants it removed for good."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.deletions import Deletion, due_at
from domain.events import Event, IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.ports import Ids, Transaction
from domain.records import Done, Job, Outdated, Refused, Removed, Settlement


def note_farewells(
    tx: Transaction,
    tenant_id: TenantId,
    config: Configuration,
    jobs: Sequence[Job],
    settlements: Sequence[Settlement],
    stale: Collection[str],
    ids: Ids,
) -> list[Event]:
    """Plan the deletion of every account that was closed just now, and announce what is to come.

    A removal that was not sent because its person or the tenant's settings moved is judged anew a day later,
    unless a human cancelled it; one that was answered, or refused for good, is off the list, and so is
    whoever came back.
    """
    mine = {job.change.change_id: job for job in jobs}
    planned = [
        deletion
        for each in settlements
        if (deletion := _deletion(each, mine[each.change_id], config, stale, tx.now())) is not None
    ]
    over = [
        mine[each.change_id].change.person_id
        for each in settlements
        if _takes_off_the_list(mine[each.change_id].change.action, each, stale)
    ]
    removals = {job.change.person_id for job in jobs if job.change.action is Action.DELETE}
    cancelled = tx.deletions.cancelled(tenant_id, removals) if removals else frozenset()
    planned = [each for each in planned if each.person_id not in cancelled]
    for deletion in planned:
        tx.deletions.plan(tenant_id, deletion)
    ended = [tx.deletions.end(tenant_id, person_id) for person_id in over]
    return announce(tx, tenant_id, ids) if planned or any(ended) else []


def _takes_off_the_list(action: Action, settled: Settlement, stale: Collection[str]) -> bool:
    """Tell that no deletion is ahead any more: if the account is closed again, that closing decides anew."""
    if action in {Action.REACTIVATE, Action.LINK}:
        return isinstance(settled, Done)
    return action is Action.DELETE and _is_over(settled, stale)


def _is_over(settled: Settlement, stale: Collection[str]) -> bool:
    if isinstance(settled, Outdated):
        return settled.change_id not in stale
    return isinstance(settled, Removed | Refused)


def _deletion(
    settled: Settlement, job: Job, config: Configuration, stale: Collection[str], now: datetime
) -> Deletion | None:
    change, link = job.change, job.link
    if change.cause is None or link is None:
        return None
    if isinstance(settled, Done) and change.action is Action.DEACTIVATE:
        when = due_at(config.policy, change.cause, now)
    elif isinstance(settled, Outdated) and change.action is Action.DELETE and settled.change_id in stale:
        when = now + timedelta(days=1)
    else:
        return None
    if when is None:
        return None
    return Deletion(change.person_id, link.account_id, change.cause, now, when, change.run_id)


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
