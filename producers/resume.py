"""Let a tenant pause, stop and go on because a human says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from domain.audit import About, Deed, Note
from domain.codes import Code
from domain.events import Event, RunDue
from domain.ids import RunId, SetbackId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import RESUME, RunKind
from domain.setbacks import Reason, Setback, Trouble, back_to, paused
from domain.tenant import Tenant, TenantState
from producers.in_hand import in_hand
from producers.on_demand import NotPossibleError
from producers.telling import resolve

JUDGED_AFTER = timedelta(minutes=2)
CHECK_GOES_FIRST = timedelta(minutes=5)

RingMore = Callable[[Transaction, TenantId], list[Event]]

PAUSES = frozenset(
    {Code.PAUSE_RUNS, Code.PAUSE_ERRORS, Code.PAUSE_STRICT, Code.PAUSE_ENDING, Code.PAUSE_ENDED}
)
"""Incidents that end because a human lets the tenant go on."""

NEVER_ACTIVE = frozenset({TenantState.SETUP, TenantState.READY})


OPERATOR = "operator"


def pause(tenant_id: TenantId, *, by: str = OPERATOR, store: Store, ids: Ids) -> TenantState:
    """Let no run begin by itself until a human says so; a tenant that is blocked stays blocked until then.

    What paused it by itself before ends no longer by itself.
    """
    with store.write() as tx:
        tenant = _tenant(tx, tenant_id)
        known = tx.setbacks.get(tenant_id)
        if tenant.state is TenantState.ACTIVE:
            tx.tenants.move(tenant_id, TenantState.PAUSED, Code.TENANT_PAUSED)
            by_hand = Trouble(Reason.BY_HAND, Code.TENANT_PAUSED, "", None)
            tx.setbacks.put(tenant_id, paused(None, by_hand, tx.now(), SetbackId(ids.new())))
            _note(tx, Deed.PAUSED, tenant, by)
            return TenantState.PAUSED
        if tenant.state not in {TenantState.PAUSED, TenantState.BLOCKED}:
            raise NotPossibleError(
                f"«{tenant_id}» is {tenant.state}; nothing begins by itself."
                f" See how it is: staffetta tenant show {tenant_id}"
            )
        if known is not None:
            tx.setbacks.put(tenant_id, replace(known, by_hand=True))
        _note(tx, Deed.PAUSED, tenant, by)
        return tenant.state


def stop(tenant_id: TenantId, *, by: str = OPERATOR, store: Store) -> int:
    """Write nothing more after the calls in flight; what is open waits. Returns how many rows are in hand."""
    with store.write() as tx:
        too_late = len(in_hand(tx, tenant_id))
        tenant = _tenant(tx, tenant_id)
        if tenant.state is TenantState.STOPPED:
            return too_late
        tx.tenants.move(tenant_id, TenantState.STOPPED, Code.TENANT_STOPPED)
        tx.changes.park(tenant_id)
        tx.setbacks.end(tenant_id)
        tx.setbacks.forget(tenant_id)
        _note(tx, Deed.STOPPED, tenant, by)
        return too_late


def resume(
    tenant_id: TenantId,
    *,
    by: str = OPERATOR,
    store: Store,
    publisher: Publisher,
    ids: Ids,
    ring_more: RingMore,
) -> TenantState:
    """Let a paused or stopped tenant go on where it was; one complete run makes up for the rest.

    That run is the probe: what waited is sent only after it has read the company.
    """
    with store.write() as tx:
        tenant = _resumable(_tenant(tx, tenant_id))
        if tenant.state is TenantState.ACTIVE:
            return TenantState.ACTIVE
        if tenant.before is not None and tenant.before in NEVER_ACTIVE:
            tx.tenants.move(tenant_id, tenant.before, None)
            _note(tx, Deed.RESUMED, tenant, by)
            return tenant.before
        tx.setbacks.end(tenant_id)
        _, after, events = go_on(tx, tenant, ids, ring_more, looked=False)
        _note(tx, Deed.RESUMED, tenant, by)
    publisher.ring(events)
    return after


def _resumable(tenant: Tenant) -> Tenant:
    if tenant.state is TenantState.BLOCKED:
        raise NotPossibleError(
            f"«{tenant.tenant_id}» is blocked; only a green check lets it go on."
            f" Run: staffetta check {tenant.tenant_id}"
        )
    if tenant.state in NEVER_ACTIVE:
        raise NotPossibleError(
            f"«{tenant.tenant_id}» is {tenant.state}; it was never active."
            f" Go on with: staffetta check {tenant.tenant_id}, preview, activate"
        )
    return tenant


def go_on(
    tx: Transaction, tenant: Tenant, ids: Ids, ring_more: RingMore, *, looked: bool
) -> tuple[int, TenantState, list[Event]]:
    """Move a tenant back and ask for one complete run; returns how many rows go on, the state, and bells.

    `looked`: both ends were just seen to be well, so what waited goes on at once; else the run releases it.
    Where a human paused it before something else went wrong, it is paused again, and no run begins.
    """
    tenant_id, stood = tenant.tenant_id, tx.setbacks.end(tenant.tenant_id)
    after = back_to(stood)
    waits = after is not TenantState.ACTIVE
    if not tx.tenants.move(tenant_id, after, Code.TENANT_PAUSED if waits else None):
        return 0, tenant.state, []
    codes = PAUSES | ({stood.code} if stood is not None else set())
    events = resolve(tx, tenant_id, codes)
    if waits and stood is not None:
        tx.setbacks.put(tenant_id, _by_hand(stood))
        run: list[Event] = []
    else:
        run = _complete_run(tx, tenant_id, ids)
    unparked = tx.changes.unpark(tenant_id) if looked or not run else 0
    return unparked, after, events + run + ring_more(tx, tenant_id)


def judge_soon(tx: Transaction, tenant_id: TenantId) -> None:
    """Let a pause for too many errors be judged again in a moment: a human sent its changes once more."""
    setback = tx.setbacks.get(tenant_id)
    if setback is not None and setback.reason is Reason.ERRORS and setback.pauses:
        tx.setbacks.put(tenant_id, replace(setback, due_at=tx.now() + JUDGED_AFTER, rows=()))


def probe_soon(tx: Transaction, tenant_id: TenantId, wait: timedelta = timedelta(0)) -> None:
    """Let a blocked tenant be probed: a human stored other credentials, or another configuration.

    Where that human is told to check next, the check goes first: it lets a strict tenant go on, and a probe
    beside it would ask all owners for a run by hand that nobody needs.
    """
    tenant, setback = tx.tenants.get(tenant_id), tx.setbacks.get(tenant_id)
    if setback is not None and tenant is not None and tenant.state is TenantState.BLOCKED:
        tx.setbacks.put(tenant_id, replace(setback, due_at=tx.now() + wait))


def _note(tx: Transaction, deed: Deed, before: Tenant, by: str) -> None:
    """Tell the audit, and bind the entry to the state that the tenant was in."""
    note = Note(deed, by, About.TENANT, before.tenant_id, meant=before.state.value)
    tx.audit.write(before.tenant_id, note)


def _by_hand(stood: Setback) -> Setback:
    why = Code.TENANT_PAUSED
    return replace(stood, reason=Reason.BY_HAND, code=why, failure=why, detail="", due_at=None)


def _complete_run(tx: Transaction, tenant_id: TenantId, ids: Ids) -> list[Event]:
    config = tx.tenants.configuration(tenant_id)
    if config is None:
        return []
    run_id = RunId(ids.new())
    run = tx.runs.add(tenant_id, run_id, NewRun(RunKind.FEED, f"resume:{run_id}", RESUME), config.version)
    return [RunDue(tenant_id, run.run_id)] if run else []


def _tenant(tx: Transaction, tenant_id: TenantId) -> Tenant:
    tenant = tx.tenants.get(tenant_id)
    if tenant is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    return tenant
