"""Let a tenant rest when its runs fail, and go on when a complete run shows that the reason is over."""

from collections import Counter
from dataclasses import dataclass

from domain.causes import quoted
from domain.changes import ChangeState
from domain.codes import Code
from domain.events import Event, IncidentChanged
from domain.ids import IncidentId, RunId, SetbackId, TenantId
from domain.ports import Ids, Transaction
from domain.run import Figures, Outcome, Run, RunKind
from domain.setbacks import (
    Reason,
    Setback,
    Trouble,
    after_failed_run,
    failed_by,
    paused,
    proves,
    too_many_died,
)
from domain.tenant import Tenant, TenantState
from workers.version import readable_today

TOLD_OF_PAUSES = frozenset(
    {Code.PAUSE_RUNS, Code.PAUSE_ERRORS, Code.PAUSE_STRICT, Code.PAUSE_ENDING, Code.PAUSE_ENDED}
)
"""Incidents that end when the tenant goes on, whatever else stands."""

WATCHED = frozenset({Code.LEAVERS_WAIT, Code.TARGET_DOWN})
"""Incidents that end by what the sweeper sees, not by a run."""

CALM = frozenset({Outcome.OK, Outcome.OK_WITH_HOLDS, Outcome.PARTIAL})


@dataclass(frozen=True, slots=True)
class Heeded:
    """What a failed run set off. `says_all`: its cause is told with the pause, not beside it."""

    events: list[Event]
    says_all: bool = False


def heed_failure(tx: Transaction, run: Run, code: Code, detail: str, ids: Ids) -> Heeded:
    """Count a run that failed: it is made again, or the tenant rests.

    A tenant that allows no failure hears of it once, with the pause.
    """
    tenant, known = tx.tenants.get(run.tenant_id), tx.setbacks.get(run.tenant_id)
    strict = is_strict(tx, run.tenant_id)
    if tenant is None or run.plan_only or not (run.kind is RunKind.FEED or strict):
        return Heeded([])
    if tenant.state is TenantState.PAUSED and known is not None and known.reason is Reason.STRICT:
        return Heeded([], says_all=known.failure is code)
    failed = Trouble(failed_by(code), code, quoted(code, detail), run.run_id)
    setback = after_failed_run(
        known, tenant.state, failed, strict=strict, now=tx.now(), fresh=SetbackId(ids.new())
    )
    if setback is None:
        return Heeded([])
    if setback.pauses:
        return Heeded(_rest(tx, run.tenant_id, setback, 1, ids), says_all=strict)
    tx.setbacks.put(run.tenant_id, setback)
    return Heeded([])


def heed_end(
    tx: Transaction, tenant: Tenant, run: Run, outcome: Outcome, figures: Figures, ids: Ids
) -> list[Event]:
    """Judge a run that ended by its rows: too many of them died, or it shows that a setback is over."""
    if outcome is Outcome.PLANNED:
        return []
    known = tx.setbacks.get(run.tenant_id)
    dead = figures.count(ChangeState.DEAD)
    trouble = _died(tx, run, figures, strict=is_strict(tx, run.tenant_id)) if dead else None
    if trouble is not None and tenant.state is TenantState.ACTIVE:
        setback = paused(known, trouble, tx.now(), SetbackId(ids.new()))
        return _rest(tx, run.tenant_id, setback, dead, ids)
    if known is None or run.kind is not RunKind.FEED:
        return []
    return _heed_proof(tx, tenant, run, known, outcome, figures)


def end_rest(tx: Transaction, tenant_id: TenantId, *more: Code) -> list[Event]:
    """End whatever kept a tenant from syncing by itself, and let humans hear that it is over."""
    stood = tx.setbacks.end(tenant_id)
    over = {*TOLD_OF_PAUSES, *more} | ({stood.code} if stood is not None else set())
    return [
        IncidentChanged(tenant_id, incident.incident_id) for incident in tx.incidents.resolve(tenant_id, over)
    ]


def open_incident(
    tx: Transaction, tenant_id: TenantId, code: Code, detail: str, count: int, run_id: RunId | None, ids: Ids
) -> list[Event]:
    """Open an incident or bring it up to date; one that was told before rings nobody."""
    incident = tx.incidents.open(tenant_id, IncidentId(ids.new()), code, detail, count, run_id)
    return [IncidentChanged(tenant_id, incident.incident_id)] if incident.told_open_at is None else []


def is_strict(tx: Transaction, tenant_id: TenantId) -> bool:
    """Tell whether a tenant allows no failure: only a human's clean run then shows that one is over."""
    config = readable_today(tx, tenant_id)
    return config is not None and config.policy.strict


def standing_by_itself(tx: Transaction, tenant_id: TenantId) -> frozenset[Code]:
    """Name the incidents that a complete reading does not end: what stopped the tenant ends otherwise."""
    tenant, setback = tx.tenants.get(tenant_id), tx.setbacks.get(tenant_id)
    why = {tenant.why} if tenant is not None and tenant.why is not None else set()
    rests = setback is not None and setback.reason is not Reason.RETRY
    return frozenset(why | WATCHED | (TOLD_OF_PAUSES | {setback.code} if setback and rests else set()))


def _rest(tx: Transaction, tenant_id: TenantId, setback: Setback, count: int, ids: Ids) -> list[Event]:
    tx.tenants.move(tenant_id, TenantState.PAUSED, setback.code)
    tx.setbacks.put(tenant_id, setback)
    return open_incident(tx, tenant_id, setback.code, setback.detail, count, setback.run_id, ids)


def _died(tx: Transaction, run: Run, figures: Figures, *, strict: bool) -> Trouble | None:
    """Tell whether so much of a run died that the next one would only do the same again."""
    dead = figures.count(ChangeState.DEAD)
    tried = dead + figures.count(ChangeState.APPLIED, ChangeState.ALREADY_SO)
    if not strict and not too_many_died(dead, tried):
        return None
    causes = Counter(
        row.why
        for row in tx.changes.rows(
            run.tenant_id, run_id=run.run_id, states=[ChangeState.DEAD], limit=max(dead, 1)
        )
        if row.why is not None
    )
    (first, _), *_ = causes.most_common() or [(Code.TARGET_REFUSED, dead)]
    told = ", ".join(f"{code} × {count}" for code, count in causes.most_common())
    detail = f"{dead} of {tried}: {told}"
    return Trouble(Reason.STRICT if strict else Reason.ERRORS, first, detail, run.run_id)


def _heed_proof(
    tx: Transaction, tenant: Tenant, run: Run, known: Setback, outcome: Outcome, figures: Figures
) -> list[Event]:
    """End a setback that this run disproves; one that began before the failure disproves nothing.

    A pause that a human asked for ends by a human only.
    """
    if run.created_at < known.since:
        return []
    if tenant.state is TenantState.ACTIVE and outcome in CALM:
        events = end_rest(tx, run.tenant_id)
        if known.reason is Reason.RETRY:
            tx.setbacks.forget(run.tenant_id)
        return events
    refused = figures.skipped.get(Code.DECIDED_REFUSED.value, 0)
    if tenant.state is not TenantState.PAUSED or known.by_hand:
        return []
    if not proves(known, outcome, refused):
        return []
    tx.tenants.move(run.tenant_id, TenantState.ACTIVE, None)
    return end_rest(tx, run.tenant_id)
