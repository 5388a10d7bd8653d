"""Carry a human's yes or no to rows that were held or proposed, perhaps only with a second person's yes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.approval import ASKED_FOR, Approval, YesState
from domain.audit import About, Deed, Note
from domain.config import Approvers, Configuration
from domain.events import Event
from domain.ids import ChangeId, RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import Run, RunKind
from domain.tenant import Tenant, TenantState, may_write
from producers.on_demand import NotNowError, NotPossibleError, no_write_now
from producers.second_yes import of_list
from producers.sight import EVERYTHING, Choice, Sight, held_for_a_human, look, show, unknown_hash

__all__ = ["Approved", "Awaiting", "approve", "held_for_a_human", "reject"]

RingMore = Callable[[Transaction, TenantId], list[Event]]

DECIDED = "Somebody decided about these at this very moment; look again."

LIST_STAYS_TRUE = timedelta(hours=1)
"""For so long a listed target is believed; later each create looks for the account again."""


@dataclass(frozen=True, slots=True)
class Approved:
    """The run that applies exactly the approved rows, and how many those are."""

    run: Run
    rows: int


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The first of two yeses was recorded; the rows wait for another person's until then, by that command."""

    hash: str
    rows: int
    until: datetime
    again: str


def approve(
    tenant_id: TenantId,
    choice: Choice = EVERYTHING,
    *,
    by: str,
    store: Store,
    publisher: Publisher,
    ids: Ids,
    ring_more: RingMore,
) -> Approved | Awaiting:
    """Apply these held or proposed rows exactly as they stand, once everybody said yes who must.

    Whoever changed in Personio or in the application since is not sent: that row is looked at afresh.
    """
    with store.write() as tx:
        tx.changes.take_turn(tenant_id)
        config = _begin(tx, tenant_id, choice)
        sight = look(tx, tenant_id, choice)
        _still_asked(sight, tx.now(), tenant_id)
        shown = show(tx, tenant_id, sight, ids)
        two = config.policy.approval is Approvers.TWO or shown.first_by is not None
        first = first_of_two(tx, shown, of_list(shown), by=by) if two else None
        if first is not None:
            return first
        run = _apply(tx, sight, tenant_id, config, by=both(shown, by), ids=ids)
        if not tx.approvals.give(tenant_id, shown.approval_id, by, run.run_id):
            raise NotPossibleError(DECIDED)
        events = ring_more(tx, tenant_id)
        tx.audit.write(tenant_id, _note(Deed.APPROVED, shown, both(shown, by), run.run_id))
    publisher.ring(events)
    return Approved(run, len(sight.rows))


def reject(
    tenant_id: TenantId,
    *,
    change_ids: Sequence[ChangeId] = (),
    choice: Choice = EVERYTHING,
    by: str = "operator",
    store: Store,
    ids: Ids | None = None,
) -> int:
    """Say no to held rows, or to all that wait; the same is not asked again for 90 days."""
    wanted = Choice(tuple(change_ids)) if change_ids else choice
    with store.write() as tx:
        tx.changes.take_turn(tenant_id)
        sight = look(tx, tenant_id, wanted)
        if sight.plan is not None:
            raise NotPossibleError(
                "A plan needs no «no», for nothing of it is applied without a yes. A first of two yeses to it"
                f" ends by itself after a day, or with another plan: staffetta preview {tenant_id}"
            )
        if ids is not None:
            shown = show(tx, tenant_id, sight, ids)
            tx.approvals.refuse(tenant_id, shown.approval_id, by)
        count = tx.changes.reject(tenant_id, sight.change_ids, by)
        if count:
            hash_ = tx.approvals.hash_of(tenant_id, sight.rows)
            tx.audit.write(tenant_id, Note(Deed.REJECTED, by, About.LIST, hash_, count, _named(sight)))
        return count


def _begin(tx: Transaction, tenant_id: TenantId, choice: Choice) -> Configuration:
    """Return the configuration in force, or refuse for a hash that nobody was shown and for the state."""
    seen = choice.seen
    no_list = unknown_hash(tenant_id, seen) if seen and tx.approvals.get(tenant_id, seen) is None else None
    config, tenant = tx.tenants.configuration(tenant_id), tx.tenants.get(tenant_id)
    if tenant is None or config is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    no_write = None if may_write(tenant.state) else _no_write(tenant, choice)
    if no_list is not None and no_write is not None:
        (what, _, _), (also, _, cure) = (str(each).partition(". ") for each in (no_list, no_write))
        raise type(no_list)(f"{what}; and {also}. {cure}")
    if refused := no_list or no_write:
        raise refused
    return config


def _no_write(tenant: Tenant, choice: Choice) -> NotNowError:
    if tenant.state is TenantState.READY and choice.plan is not None:
        name = tenant.tenant_id
        return NotNowError(
            f"«{name}» is not active yet. Apply its newest plan, and let its schedule begin, with:"
            f" staffetta activate {name} --confirm={name}"
        )
    return no_write_now(tenant.tenant_id, tenant.state)


def _still_asked(sight: Sight, now: datetime, tenant_id: TenantId) -> None:
    """Refuse rows that wait longer than anybody remembers why; they are being looked at afresh."""
    old = [row for row in sight.rows if row.planned_at is not None and now - row.planned_at >= ASKED_FOR]
    if old:
        raise NotPossibleError(
            f"{len(old)} of these wait for more than {ASKED_FOR.days} days; look afresh first."
            f" Look now: staffetta sync {tenant_id} --wait, then staffetta holds {tenant_id}"
        )


def first_of_two(tx: Transaction, shown: Approval, again: str, *, by: str) -> Awaiting | None:
    """Record the first of two yeses to a list; None if it is there, and this one is somebody else's.

    `again` is the command by which another operator says the second.
    """
    if shown.first_by == by:
        raise NotPossibleError(
            f"You gave the first yes to {shown.hash} yourself; the second must come from somebody else."
            f" Let another operator type: {again}"
        )
    if shown.state is not YesState.SHOWN:
        return None
    tenant_id = shown.tenant_id
    tx.approvals.say_first(tenant_id, shown.approval_id, by)
    waiting = tx.approvals.get(tenant_id, shown.hash)
    if waiting is None:
        raise NotPossibleError(DECIDED)
    tx.audit.write(tenant_id, _note(Deed.FIRST_YES, waiting, by))
    return Awaiting(waiting.hash, len(waiting.rows), waiting.expires_at, again)


def _note(deed: Deed, shown: Approval, by: str, run_id: str = "") -> Note:
    """Tell the audit which list was meant, and bind the entry to its rows and to its run."""
    rows = " ".join(f"{change_id}={told}" for change_id, told in sorted(shown.rows.items()))
    return Note(deed, by, About.LIST, shown.hash, len(shown.rows), f"{run_id}|{rows}")


def _named(sight: Sight) -> str:
    return " ".join(sorted(sight.change_ids))


def both(shown: Approval, by: str) -> str:
    """Name everybody who said yes."""
    return by if shown.first_by is None else f"{shown.first_by}+{by}"


def _apply(
    tx: Transaction, sight: Sight, tenant_id: TenantId, config: Configuration, *, by: str, ids: Ids
) -> Run:
    """Make the run of exactly these rows."""
    slot = "approve" if sight.plan is None else f"plan:{sight.plan.run_id}"
    new = NewRun(RunKind.APPROVAL, f"{slot}:{ids.new()}", by)
    run = tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)
    if run is None:
        raise NotPossibleError("This approval was given already.")
    if sight.plan is None:
        tx.changes.approve(tenant_id, sight.change_ids, run.run_id)
        return run
    if sight.plan.ended_at is not None and tx.now() - sight.plan.ended_at < LIST_STAYS_TRUE:
        tx.runs.set_cursor(tenant_id, run.run_id, sight.plan.cursor)
    tx.changes.adopt(tenant_id, sight.plan.run_id, run.run_id, sight.change_ids, lift=True)
    tx.changes.release(tenant_id, run.run_id)
    return run
