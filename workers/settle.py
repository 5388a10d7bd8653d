"""End runs by what their rows say, and open or close the incidents that follow from it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from domain.attributes import Lost, deciding, named, required, with_label
from domain.causes import CATALOGUE, LACKING
from domain.codes import Code
from domain.events import Event, IncidentChanged
from domain.ids import IncidentId, RunId, TenantId
from domain.labels import CUSTOM
from domain.news import RunEnded
from domain.outages import SILENT
from domain.ports import Ids, Transaction
from domain.run import Figures, Outcome, Run, RunKind, outcome_of
from domain.tenant import may_read, may_write
from workers.setbacks import heed_end, heed_failure, standing_by_itself
from workers.version import readable_version
from workers.weighing import unheard_by

NOBODY: Mapping[Code, int] = MappingProxyType({})


def fail_run(tx: Transaction, run: Run, code: Code, detail: str, ids: Ids) -> list[Event]:
    """End a run that could not be read; its plan is dropped and a human hears why."""
    tx.absences.forget_seen(run.tenant_id, run.run_id)
    _end(tx, run, Outcome.FAILED, code, detail)
    if run.kind is RunKind.PERSON and code is Code.PERSON_NOT_SEEN:
        return []
    heeded = heed_failure(tx, run, code, detail, ids)
    if heeded.says_all:
        return heeded.events
    return _tell(tx, run.tenant_id, Counter({code: 1}), {code: detail}, run.run_id, ids) + heeded.events


def end_where_stopped(tx: Transaction, run: Run) -> bool:
    """End a run whose tenant was stopped while it read; True if so. Its plan is dropped, and nobody is told.

    A human stopped it, who knows; the run that a resume asks for begins anew.
    """
    tenant = tx.tenants.get(run.tenant_id)
    if tenant is not None and may_read(tenant.state):
        return False
    tx.absences.forget_seen(run.tenant_id, run.run_id)
    _end(tx, run, Outcome.FAILED, Code.TENANT_STOPPED, "")
    return True


def _end(
    tx: Transaction,
    run: Run,
    outcome: Outcome,
    code: Code | None,
    detail: str,
    figures: Figures | None = None,
    held: Mapping[Code, int] = NOBODY,
) -> None:
    """End a run and have it told, once; figures of a run that failed are those without its plan."""
    if tx.runs.end(run.tenant_id, run.run_id, outcome, code, detail):
        counted = figures or tx.runs.figures(run.tenant_id, run.run_id)
        tx.tell(RunEnded(run, outcome, code, tx.now(), counted, held))


def end_run(
    tx: Transaction, tenant_id: TenantId, run_id: RunId, ids: Ids, *, planned: bool = False
) -> list[Event]:
    """End a run that has nothing left to do. A feed run also settles which incidents are over.

    `planned`: its rows are proposals, because it was asked for as a plan or the tenant may not write yet.
    """
    run = tx.runs.get(tenant_id, run_id)
    lost = tx.attributes.lost_in(tenant_id, run_id)
    tenant = tx.tenants.get(tenant_id)
    if run is None or tenant is None or run.outcome is not None:
        return []
    figures = tx.runs.figures(tenant_id, run_id)
    held = tx.changes.holds(tenant_id) if run.kind is RunKind.FEED else NOBODY
    total = sum(held.values())
    outcome = outcome_of(
        figures, held=total, lost=len(lost), plan_only=planned, tenant_writes=may_write(tenant.state)
    )
    _end(tx, run, outcome, lost[0].code if lost else None, named(lost), figures, held)
    unheard = unheard_by(tx, run)
    troubles = _folded(troubles_of(figures, tx, tenant_id), [*lost, *unheard], unheard, tx, run)
    if run.unproven and run.unproven_why is not None:
        troubles[run.unproven_why] = run.unproven
    told = _details(unheard) | _lacking(tx, tenant_id, troubles)
    events = _tell(tx, tenant_id, troubles, told, run_id, ids)
    events += heed_end(tx, tenant, run, outcome, figures, ids)
    if run.kind is RunKind.FEED and not planned:
        if run.certified:
            tx.letters.close_unwanted(tenant_id, run.created_at)
        standing = standing_by_itself(tx, tenant_id)
        standing |= {Code.DELETION_AHEAD} if tx.deletions.standing(tenant_id) else set()
        standing |= set() if run.certified else {Code.FEED_ABSENCE_UNPROVEN, Code.FEED_MANY_MISSING}
        standing |= {Code.NOTICE_OWNERS, Code.NOTICE_UNDELIVERED}  # end when a message arrives
        events += _resolve_others(tx, tenant_id, frozenset(troubles) | standing)
    return events


def tell_refusals(
    tx: Transaction, tenant_id: TenantId, codes: frozenset[Code], run_id: RunId, ids: Ids
) -> list[Event]:
    """Open or update the incidents of rows that just died, without waiting for their run to end."""
    counts = tx.changes.refusals(tenant_id) if codes else {}
    troubles = Counter({code: counts.get(code, 1) for code in codes if CATALOGUE[code].opens_incident})
    return _tell(tx, tenant_id, troubles, {}, run_id, ids)


def tell_losses(tx: Transaction, run: Run, ids: Ids) -> list[Event]:
    """Tell at once, before the first row is sent, which attributes a feed run cannot trust."""
    lost = tx.attributes.standing(run.tenant_id)
    return _tell(tx, run.tenant_id, _losses(lost), _details(lost), run.run_id, ids)


def _losses(lost: Sequence[Lost]) -> Counter[Code]:
    """Count the people of whom lost attributes do not speak any more, by cause."""
    found: Counter[Code] = Counter()
    for each in lost:
        found[each.code] = max(found[each.code], each.before - each.now, 1)
    return found


def _details(lost: Sequence[Lost]) -> dict[Code, str]:
    """Name lost attributes as the company sees them, by cause."""
    return {code: named(each for each in lost if each.code is code) for code in _losses(lost)}


def _lacking(tx: Transaction, tenant_id: TenantId, troubles: Counter[Code]) -> dict[Code, str]:
    """Name the attributes that are empty or untold, for whoever has to fill them."""
    asked = [code for code in LACKING if troubles[code]]
    known = tx.attributes.normal(tenant_id).values() if asked else ()
    labels = {each.key: each.label for each in known if CUSTOM.fullmatch(each.key)}
    return {
        code: ", ".join(with_label(key, labels.get(key, "")) for key in tx.people.lacking(tenant_id, code))
        for code in asked
    }


def _folded(
    troubles: Counter[Code], lost: Sequence[Lost], unheard: Sequence[Lost], tx: Transaction, run: Run
) -> Counter[Code]:
    """Let one incident speak for all who cannot be judged, or made, because an attribute was lost."""
    keys, universal = {each.key for each in lost}, run.universal or {}
    folded = troubles | _losses(unheard)
    config = readable_version(tx, run) if keys else None
    if config is not None and keys & deciding(config, universal):
        del folded[Code.PERSON_SCOPE_UNKNOWN]
    if config is not None and keys & required(config, universal):
        del folded[Code.PERSON_WITHOUT_REQUIRED]
    return folded


def troubles_of(figures: Figures, tx: Transaction, tenant_id: TenantId) -> Counter[Code]:
    """Count people by each cause that a human must hear of: skipped, held, waiting, dead, or refused earlier.

    Rows that wait for a target that does not answer are told of after two hours, as one outage.
    """
    found: Counter[Code] = Counter()
    for name, count in (*figures.skipped.items(), *figures.whys.items()):
        if CATALOGUE[Code(name)].opens_incident and Code(name) not in SILENT:
            found[Code(name)] += count
    open_rows = tx.changes.troubles(tenant_id)
    waiting = {
        code: n for code, n in open_rows.items() if CATALOGUE[code].opens_incident and code not in SILENT
    }
    for standing in (
        tx.changes.refusals(tenant_id),
        tx.changes.holds(tenant_id),
        waiting,
        _letters(tx, tenant_id),
    ):
        for code, count in standing.items():
            found[code] = max(found[code], count)
    return found


def _letters(tx: Transaction, tenant_id: TenantId) -> dict[Code, int]:
    """Count what stands dead by the causes that a human must hear of."""
    counts = tx.letters.standing(tenant_id)
    return {code: count for code, count in counts.items() if CATALOGUE[code].opens_incident}


def _tell(
    tx: Transaction,
    tenant_id: TenantId,
    troubles: Counter[Code],
    details: dict[Code, str],
    run_id: RunId,
    ids: Ids,
) -> list[Event]:
    events: list[Event] = []
    for code, count in sorted(troubles.items()):
        incident = tx.incidents.open(
            tenant_id, IncidentId(ids.new()), code, details.get(code, ""), count, run_id
        )
        if incident.told_open_at is None:
            events.append(IncidentChanged(tenant_id, incident.incident_id))
    return events


def _resolve_others(tx: Transaction, tenant_id: TenantId, still: frozenset[Code]) -> list[Event]:
    """Close what this complete reading did not find any more."""
    over = [incident.code for incident in tx.incidents.standing(tenant_id) if incident.code not in still]
    return [
        IncidentChanged(tenant_id, incident.incident_id) for incident in tx.incidents.resolve(tenant_id, over)
    ]
