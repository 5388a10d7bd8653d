"""Record what became of an envelope, and find out what follows from it."""

from collections.abc import Sequence

from domain.codes import Code
from domain.errors import TenantBlockedError
from domain.events import EmployeeChanged, Event, RunDue
from domain.ids import RunId, TenantId
from domain.news import RowsSettled
from domain.ports import Transaction
from domain.records import Done, NewRun, Outdated, Refused, Removed, Returned, Settlement
from domain.run import NEW_CONFIGURATION, STALE_ROW, Run, RunKind
from domain.tenant import may_write
from workers.block import block_tenant
from workers.claiming import Envelope
from workers.decided import overtaken
from workers.desk import Desk, count_requests
from workers.farewell import note_farewells
from workers.giving_back import give_names_back
from workers.ring import carry_on
from workers.settle import tell_refusals
from workers.silence import note_silence


def record(
    tx: Transaction,
    envelope: Envelope,
    settlements: Sequence[Settlement],
    desk: Desk,
    *,
    error: TenantBlockedError | None,
    turn: EmployeeChanged | None,
) -> list[Event]:
    """Record what became of an envelope, and return what to ring for.

    Of a row that another worker took meanwhile nothing follows: that one tells what became of it. `error`
    blocks the tenant; a `turn` would go on with an envelope that carries its own id.
    """
    event = envelope.event
    recorded = tx.changes.settle(event.tenant_id, envelope.token, settlements).recorded
    count_requests(tx, event.tenant_id, event.run_id, desk)
    tx.tell(RowsSettled(event.tenant_id, event.run_id, envelope.jobs, recorded))
    events = _fresh_looks(tx, envelope, recorded, desk)
    events += _looks_at_overtaken(tx, envelope, recorded, desk)
    events += note_farewells(
        tx, event.tenant_id, envelope.config, envelope.jobs, recorded, envelope.stale, desk.ids
    )
    _heal(tx, envelope, recorded, desk)
    died = frozenset(each.code for each in recorded if isinstance(each, Refused))
    events += tell_refusals(tx, event.tenant_id, died, event.run_id, desk.ids)
    events += note_silence(tx, event.tenant_id, recorded)
    if error is not None:
        events += block_tenant(tx, event.tenant_id, error, desk.ids)
    elif any(isinstance(each, Returned) for each in recorded):
        _park_what_was_given_back(tx, event.tenant_id)
    return events + carry_on(tx, event.tenant_id, event.run_id, desk, event.queue, turn)


def _heal(tx: Transaction, envelope: Envelope, recorded: Sequence[Settlement], desk: Desk) -> None:
    """Leave nobody under a temporary name because a step of a circle was refused."""
    died = {each.change_id for each in recorded if isinstance(each, Refused)}
    refused = [job for job in envelope.jobs if job.change.change_id in died]
    run = tx.runs.get(envelope.event.tenant_id, envelope.event.run_id) if refused else None
    if run is not None:
        give_names_back(tx, run, envelope.config, refused, desk)


def _park_what_was_given_back(tx: Transaction, tenant_id: TenantId) -> None:
    """Let rows rest with the others where the tenant was blocked or stopped while they were in hand."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is not None and not may_write(tenant.state):
        tx.changes.park(tenant_id)


def _fresh_looks(
    tx: Transaction, envelope: Envelope, settlements: Sequence[Settlement], desk: Desk
) -> list[Event]:
    """Ask for a run of one for everybody whose row went stale: stale never means forgotten.

    Another configuration concerns everybody, so it asks for one complete run instead.
    """
    tenant_id, version = envelope.event.tenant_id, envelope.config.version
    people = {job.change.change_id: job.change.person_id for job in envelope.jobs}
    wanted: list[NewRun] = []
    for each in settlements:
        if isinstance(each, Outdated) and each.code is Code.CONFIG_CHANGED:
            wanted.append(NewRun(RunKind.FEED, f"configuration:{version}", NEW_CONFIGURATION))
        elif isinstance(each, Outdated):
            person_id = people[each.change_id]
            wanted.append(NewRun(RunKind.PERSON, f"stale:{each.change_id}", STALE_ROW, person_id=person_id))
    runs = [tx.runs.add(tenant_id, RunId(desk.ids.new()), new, version) for new in wanted]
    return [RunDue(tenant_id, run.run_id) for run in runs if run is not None]


def _looks_at_overtaken(
    tx: Transaction, envelope: Envelope, settlements: Sequence[Settlement], desk: Desk
) -> list[Event]:
    """Ask for a run of one for everybody about whom a human said otherwise while their row was in hand.

    The look that the human asked for came too early: it could not know yet that the row would be done.
    """
    tenant_id, done = envelope.event.tenant_id, {each.change_id for each in settlements if _is_done(each)}
    jobs = [job for job in envelope.jobs if job.change.change_id in done]
    runs: list[Run | None] = []
    for change_id, override in overtaken(tx, tenant_id, jobs, envelope.config).items():
        new = NewRun(RunKind.PERSON, f"overtaken:{change_id}", override.by, person_id=override.person_id)
        runs.append(tx.runs.add(tenant_id, RunId(desk.ids.new()), new, envelope.config.version))
    return [RunDue(tenant_id, run.run_id) for run in runs if run is not None]


def _is_done(settled: Settlement) -> bool:
    return isinstance(settled, Done | Removed)
