"""Carry a human's yes or no to rows that were held for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.causes import FOR_A_HUMAN
from domain.changes import Change, ChangeState
from domain.events import Event
from domain.ids import ChangeId, RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import Run, RunKind
from domain.tenant import may_write
from producers.on_demand import NotPossibleError

RingMore = Callable[[Transaction, TenantId], list[Event]]


@dataclass(frozen=True, slots=True)
class Approved:
    """The run that applies exactly the approved rows, and how many those are."""

    run: Run
    rows: int


def held_for_a_human(tx: Transaction, tenant_id: TenantId) -> Sequence[Change]:
    """List the rows that wait for a yes or a no, oldest first."""
    rows = tx.changes.rows(tenant_id, states=[ChangeState.HELD], limit=100_000)
    return [row for row in rows if row.why in FOR_A_HUMAN]


def approve(
    tenant_id: TenantId,
    *,
    change_ids: Sequence[ChangeId] = (),
    by: str,
    store: Store,
    publisher: Publisher,
    ids: Ids,
    ring_more: RingMore,
) -> Approved:
    """Apply these held rows, or all that wait for a human, exactly as they stand.

    Whoever changed in Personio or in the application since is not sent: that row is looked at afresh.
    """
    with store.write() as tx:
        config = tx.tenants.configuration(tenant_id)
        tenant = tx.tenants.get(tenant_id)
        if tenant is None or config is None or not may_write(tenant.state):
            raise NotPossibleError(
                f"«{tenant_id}» may not write now. See why with: staffetta tenant show {tenant_id}"
            )
        chosen = _chosen(tx, tenant_id, change_ids)
        new = NewRun(RunKind.APPROVAL, f"approve:{ids.new()}", by)
        run = tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)
        if run is None:
            raise NotPossibleError("This approval was given already.")
        rows = tx.changes.approve(tenant_id, chosen, run.run_id)
        events = ring_more(tx, tenant_id)
    publisher.ring(events)
    return Approved(run, rows)


def reject(tenant_id: TenantId, *, change_ids: Sequence[ChangeId] = (), by: str = "", store: Store) -> int:
    """Say no to these held rows, or to all that wait; the same is not asked again for 90 days."""
    with store.write() as tx:
        return tx.changes.reject(tenant_id, _chosen(tx, tenant_id, change_ids), by)


def _chosen(tx: Transaction, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> list[ChangeId]:
    waiting = [row.change_id for row in held_for_a_human(tx, tenant_id)]
    chosen = [change_id for change_id in waiting if not change_ids or change_id in set(change_ids)]
    if not chosen:
        raise NotPossibleError(
            f"Nothing of «{tenant_id}» waits for a human. List: staffetta holds {tenant_id}"
        )
    return chosen
