"""Sweep every few seconds: ring again for whatever is due and was forgotten, whoever forgot it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from domain.events import ConcludeDue, Event, IncidentChanged, PageDue
from domain.ids import ChangeId, RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.run import Phase
from producers.apart import Failed, apart
from producers.expire import expire
from producers.heal import heal

MOST_TELLINGS = 500
"""So many bells about incidents at one sweep; the others are rung for at the next one."""

RingMore = Callable[[Transaction, TenantId], list[Event]]
EndRun = Callable[[Transaction, TenantId, RunId], list[Event]]
AfterDeaths = Callable[[Transaction, TenantId, Sequence[ChangeId]], None]
"""What follows where rows died with their workers."""


class Epoch(Protocol):
    """Tell Redis apart from one that was emptied."""

    def read(self) -> str | None:
        """Return the epoch written in Redis, or None where there is none."""
        ...

    def write(self, epoch: str) -> None:
        """Begin an epoch unless there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found; in calm weather everything is zero."""

    lost_redis: bool
    expired: int
    woken: int
    rung: int
    failed: Mapping[TenantId, Exception] = field(default_factory=dict)


def sweep(
    *,
    store: Store,
    publisher: Publisher,
    ids: Ids,
    epoch: Epoch,
    ring_more: RingMore,
    end_run: EndRun,
    after_deaths: AfterDeaths,
    ring_again: timedelta = timedelta(seconds=60),
) -> Swept:
    """Look once at everything that could have been forgotten. Safe to run anywhere, any number of times.

    What was rung is rung again when nobody has taken it for so long as `ring_again`. A tenant that cannot
    be looked at is named in what is returned, and keeps no other one waiting.
    """
    failed: Failed = {}
    lost = _redis_was_lost(store, ids, epoch)
    with store.write() as tx:
        tx.changes.forget_rung(timedelta(0) if lost else ring_again)
    expired = _expire_leases(store, after_deaths, failed)
    with store.write() as tx:
        woken = tx.changes.wake()
    heal(store, failed)
    events = (
        expire(store, ids, failed)
        + _due(store, ring_more, failed)
        + _stuck_runs(store)
        + _over(store, end_run, failed)
        + _untold(store, timedelta(0) if lost else ring_again)
    )
    publisher.ring(events)
    return Swept(lost, expired, woken, len(events), failed)


def _redis_was_lost(store: Store, ids: Ids, epoch: Epoch) -> bool:
    """Compare the epoch in Redis with the store's; a difference means that every bell is gone."""
    found = epoch.read()
    if found is None:
        epoch.write(ids.new())
        found = epoch.read()
    with store.read() as tx:
        known = tx.bells.epoch()
    if found is None or found == known:
        return False
    with store.write() as tx:
        tx.bells.set_epoch(found)
    return True


def _expire_leases(store: Store, after_deaths: AfterDeaths, failed: Failed) -> int:
    with store.read() as tx:
        tenants = tx.changes.with_expired()
    count = 0
    for tenant_id in tenants:
        with apart(store, tenant_id, failed) as tx:
            expired = tx.changes.expire_leases(tenant_id)
            after_deaths(tx, tenant_id, expired.died)
            count += expired.count
    return count


def _due(store: Store, ring_more: RingMore, failed: Failed) -> list[Event]:
    with store.read() as tx:
        tenants = tx.changes.due()
    events: list[Event] = []
    for tenant_id in tenants:
        with apart(store, tenant_id, failed) as tx:
            events += ring_more(tx, tenant_id)
    return events


def _stuck_runs(store: Store) -> list[Event]:
    with store.read() as tx:
        runs = [tx.runs.get(tenant_id, run_id) for tenant_id, run_id in tx.runs.overdue()]
    bells: list[Event] = []
    for run in runs:
        if run is None:
            continue
        if run.phase is Phase.READING:
            bells.append(PageDue(run.tenant_id, run.run_id, run.pages))
        else:
            bells.append(ConcludeDue(run.tenant_id, run.run_id))
    return bells


def _over(store: Store, end_run: EndRun, failed: Failed) -> list[Event]:
    with store.read() as tx:
        runs = tx.runs.finished()
    events: list[Event] = []
    for tenant_id, run_id in runs:
        with apart(store, tenant_id, failed) as tx:
            events += end_run(tx, tenant_id, run_id)
    return events


def _untold(store: Store, ring_again: timedelta) -> list[Event]:
    """Ring for what nobody was told; a storm of incidents is not a storm of bells at each sweep."""
    with store.write() as tx:
        untold = tx.incidents.ring_untold(ring_again, MOST_TELLINGS)
    return [IncidentChanged(tenant_id, incident_id) for tenant_id, incident_id in untold]
