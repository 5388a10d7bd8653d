"""Look after tenants that rest: make runs again, ask for probes, warn before the end, and end it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from domain.codes import Code
from domain.events import Event, ProbeDue, RunDue
from domain.ids import RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import RETRY, RunKind
from domain.setbacks import PROBE_TAKES, STOP_AFTER, Setback, Step, next_step
from domain.tenant import TenantState
from domain.timetable import is_quiet
from producers.apart import Failed, apart
from producers.reconfigure import readable
from producers.telling import open_incident

ASK_AGAIN = timedelta(minutes=5)
RESTS = frozenset({TenantState.PAUSED, TenantState.BLOCKED})


@dataclass(frozen=True, slots=True)
class Stepped:
    """What was done about one setback, for the log. `state` is the tenant's before the step."""

    tenant_id: TenantId
    step: Step
    setback: Setback
    state: TenantState
    run_id: RunId | None = None


def look_after(*, store: Store, publisher: Publisher, ids: Ids, failed: Failed) -> list[Stepped]:
    """Take every step that is due.

    Any number of schedulers may do so: runs have slots, and a doubled bell does nothing.
    """
    with store.read() as tx:
        due = tx.setbacks.due()
    done: list[Stepped] = []
    for tenant_id, setback in due:
        events: list[Event] = []
        with apart(store, tenant_id, failed) as tx:
            stepped, events = _look(tx, tenant_id, setback, ids)
            done += [stepped] if stepped is not None else []
        publisher.ring(events)
    return done


def _look(
    tx: Transaction, tenant_id: TenantId, seen: Setback, ids: Ids
) -> tuple[Stepped | None, list[Event]]:
    """Take one step of what stands now; whoever was here meanwhile has moved the moment of the next."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None:
        return None, []
    if seen.over:
        gone = tx.setbacks.forget(tenant_id)
        return (Stepped(tenant_id, Step.FORGET, seen, tenant.state) if gone else None), []
    setback = tx.setbacks.get(tenant_id)
    if setback is None:
        return None, []
    if setback.pauses and tenant.state not in RESTS:
        tx.setbacks.end(tenant_id)
        return None, []
    step = next_step(setback, tx.now())
    if step is Step.REST:
        return None, []
    if step in {Step.RETRY, Step.PROBE} and _is_quiet(tx, tenant_id):
        tx.setbacks.put(tenant_id, replace(setback, due_at=tx.now() + ASK_AGAIN))
        return None, []
    run_id, events = _take(tx, tenant_id, setback, step, ids)
    return Stepped(tenant_id, step, setback, tenant.state, run_id), events


def _take(
    tx: Transaction, tenant_id: TenantId, setback: Setback, step: Step, ids: Ids
) -> tuple[RunId | None, list[Event]]:
    match step:
        case Step.ANNOUNCE:
            tx.setbacks.put(tenant_id, replace(setback, announced=True))
            return None, []
        case Step.RETRY:
            return _run_again(tx, tenant_id, setback, ids)
        case Step.PROBE:
            tx.setbacks.put(tenant_id, replace(setback, due_at=tx.now() + PROBE_TAKES))
            return None, [ProbeDue(tenant_id, setback.setback_id, setback.probes)]
        case Step.WARN:
            tx.setbacks.put(tenant_id, replace(setback, warned=True))
            ends = f"{setback.since + STOP_AFTER:%Y-%m-%d}"
            return None, open_incident(tx, tenant_id, Code.PAUSE_ENDING, ends, 1, ids)
        case Step.STOP:
            return None, _stop(tx, tenant_id, setback, ids)
        case Step.REST | Step.FORGET:
            return None, []
        case _:
            assert_never(step)


def _is_quiet(tx: Transaction, tenant_id: TenantId) -> bool:
    """Tell whether no run may begin by itself now; a probe that goes well begins one."""
    config = readable(tx, tenant_id)
    return config is not None and is_quiet(config.schedule, tx.now())


def _run_again(
    tx: Transaction, tenant_id: TenantId, setback: Setback, ids: Ids
) -> tuple[RunId | None, list[Event]]:
    """Make one complete run out of turn; while another one is reading, look again in five minutes."""
    config = readable(tx, tenant_id)
    slot = f"retry:{setback.setback_id}:{setback.failures}:{setback.probes}"
    new = NewRun(RunKind.FEED, slot, RETRY)
    known = tx.runs.by_slot(tenant_id, slot)
    run = None
    if config is not None and known is None:
        run = tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)
    made = run or known
    tx.setbacks.put(tenant_id, replace(setback, due_at=None if made else tx.now() + ASK_AGAIN))
    return (run.run_id if run else None), [RunDue(tenant_id, run.run_id)] if run else []


def _stop(tx: Transaction, tenant_id: TenantId, setback: Setback, ids: Ids) -> list[Event]:
    """End a rest of 28 days: nothing is read or written any more, and only a human begins again."""
    tx.tenants.move(tenant_id, TenantState.STOPPED, Code.PAUSE_ENDED)
    tx.changes.park(tenant_id)
    tx.setbacks.end(tenant_id)
    tx.setbacks.forget(tenant_id)
    rested = f"{setback.code} since {setback.since:%Y-%m-%d}"
    return open_incident(tx, tenant_id, Code.PAUSE_ENDED, rested, 1, ids)
