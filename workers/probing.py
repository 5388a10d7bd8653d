"""Probe a tenant that rests: look at what failed, and let the tenant go on if all is well."""

from dataclasses import replace

from domain.causes import quoted
from domain.changes import UNSETTLED, Change, ChangeState
from domain.codes import Code
from domain.errors import FeedBrokenError, StaffettaError, TemporaryError, TenantBlockedError
from domain.events import Event, ProbeDue, RunDue
from domain.ids import ChangeId, RunId, TenantId
from domain.letters import LetterState
from domain.outages import SILENT
from domain.outcomes import Did, Failed, HandlerOutcome, Later, Nothing
from domain.ports import Transaction
from domain.records import NewRun
from domain.run import RESUME, RunKind
from domain.setbacks import (
    PROBE_ROWS,
    PROBE_TAKES,
    STORED,
    TRY_SOON,
    Reason,
    Setback,
    Trouble,
    after_failed_probe,
    back_to,
    is_of_target,
    paused,
    too_many_died,
)
from domain.tenant import Tenant, TenantState
from workers.block import block_tenant
from workers.desk import Desk
from workers.ring import ring_more
from workers.setbacks import end_rest, is_strict, open_incident

REFUSING = STORED | {Code.TARGET_CREDENTIALS_REFUSED, Code.TARGET_FORBIDDEN_ADDRESS}
WORST = 100_000


def probe(event: ProbeDue, desk: Desk) -> HandlerOutcome:
    """Probe a tenant once. A bell that comes twice, late, or after somebody repaired it does nothing."""
    with desk.store.read() as tx:
        found = _asked(tx, event)
    if found is None:
        return Nothing("the tenant rests no more, or was looked at meanwhile")
    _, setback = found
    if setback.reason is Reason.ERRORS:
        return _try_rows(event, desk)
    error = _look(event.tenant_id, setback.failure, desk)
    with desk.store.write() as tx:
        again = _asked(tx, event)
        if again is None:
            return Nothing("the tenant rests no more, or was looked at meanwhile")
        tenant, setback = again
        if error is None:
            events = _go_on(tx, tenant, setback, desk)
        else:
            events = _rest_on(tx, tenant, setback, error, desk)
    desk.publisher.ring(events)
    if error is None:
        return Did("the probe went well", (("probe", setback.probes + 1),))
    temporary = isinstance(error, TemporaryError)
    return Later(error.code, error.detail) if temporary else Failed(error.code, error.detail)


def _asked(tx: Transaction, event: ProbeDue) -> tuple[Tenant, Setback] | None:
    tenant, setback = tx.tenants.get(event.tenant_id), tx.setbacks.get(event.tenant_id)
    if tenant is None or setback is None or not setback.pauses:
        return None
    rests = tenant.state in {TenantState.PAUSED, TenantState.BLOCKED}
    mine = (setback.setback_id, setback.probes) == (event.setback_id, event.number)
    return (tenant, setback) if rests and mine else None


def _look(tenant_id: TenantId, failure: Code, desk: Desk) -> StaffettaError | None:
    """Ask the end that failed as little as shows that it is well; nothing is written anywhere."""
    target = is_of_target(failure)
    try:
        if not target or failure in STORED:
            _look_at_source(tenant_id, desk)
        if target or failure in STORED:
            _look_at_target(tenant_id, desk)
    except StaffettaError as error:
        return error
    except Exception as error:  # noqa: BLE001  a bug met by a probe leaves the tenant where it is
        return StaffettaError(Code.INTERNAL, type(error).__name__)
    finally:
        desk.accounts.take_requests(tenant_id)
    return None


def _look_at_target(tenant_id: TenantId, desk: Desk) -> None:
    """Ask the application as a check does; what it lacks, such as an attribute, is not what stopped us."""
    for found in desk.accounts.target(tenant_id).check().problems:
        code = Code(found.code)
        if code in SILENT:
            raise TemporaryError(code, found.detail)
        if code in REFUSING:
            raise TenantBlockedError(code, found.detail)


def _look_at_source(tenant_id: TenantId, desk: Desk) -> None:
    """Log in anew, ask for the attributes and for one page: all that a run needs to begin."""
    with desk.store.write() as tx:
        tx.connections.put_token(tenant_id, None)
    source = desk.accounts.source(tenant_id)
    source.attributes()
    page = source.page(None)
    if not page.employees:
        raise FeedBrokenError(Code.FEED_EMPTY, "the first page")
    if not any(employee.attributes for employee in page.employees):
        raise FeedBrokenError(Code.FEED_ONLY_IDS, "the first page")


def _go_on(tx: Transaction, tenant: Tenant, setback: Setback, desk: Desk) -> list[Event]:
    """Let a tenant go on, on trial: one complete run must show that all is well before anybody is told so.

    A human who paused it as well still wants it paused, and where no failure is allowed, one must see it.
    """
    tenant_id, to = tenant.tenant_id, back_to(setback)
    if to is TenantState.ACTIVE and is_strict(tx, tenant_id):
        return _rest_strictly(tx, tenant, setback, desk)
    waits = to is not TenantState.ACTIVE
    if tenant.state is not to:
        tx.tenants.move(tenant_id, to, Code.TENANT_PAUSED if waits else None)
    tx.changes.unpark(tenant_id)
    if waits:
        events = end_rest(tx, tenant_id)
        why = Code.TENANT_PAUSED
        by_hand = replace(setback, reason=Reason.BY_HAND, code=why, detail="", due_at=None, rows=())
        tx.setbacks.put(tenant_id, by_hand)
        return events + ring_more(tx, tenant_id, desk)
    run = _full_run(tx, tenant_id, setback, desk)
    due_at = None if run else tx.now() + PROBE_TAKES
    tx.setbacks.put(tenant_id, replace(setback, on_trial=True, due_at=due_at, rows=()))
    return [*run, *ring_more(tx, tenant_id, desk)]


def _rest_strictly(tx: Transaction, tenant: Tenant, setback: Setback, desk: Desk) -> list[Event]:
    """Lift a block, but let only a clean run by hand begin the automatic sync again; that is told."""
    tenant_id = tenant.tenant_id
    if tenant.state is not TenantState.PAUSED:
        tx.tenants.move(tenant_id, TenantState.PAUSED, Code.PAUSE_STRICT)
    tx.changes.unpark(tenant_id)
    events = end_rest(tx, tenant_id)
    said = quoted(setback.failure, setback.detail)
    trouble = Trouble(Reason.STRICT, setback.failure, said, setback.run_id)
    after = paused(setback, trouble, tx.now(), setback.setback_id)
    tx.setbacks.put(tenant_id, after)
    events += open_incident(tx, tenant_id, after.code, after.detail, 1, after.run_id, desk.ids)
    return events + ring_more(tx, tenant_id, desk)


def _full_run(tx: Transaction, tenant_id: TenantId, setback: Setback, desk: Desk) -> list[Event]:
    config = tx.tenants.configuration(tenant_id)
    if config is None:
        return []
    new = NewRun(RunKind.FEED, f"resume:{setback.setback_id}:{setback.probes}", RESUME)
    run = tx.runs.add(tenant_id, RunId(desk.ids.new()), new, config.version)
    return [RunDue(tenant_id, run.run_id)] if run else []


def _rest_on(
    tx: Transaction, tenant: Tenant, setback: Setback, error: StaffettaError, desk: Desk
) -> list[Event]:
    """Remember that it is not over, and when to look again; another reason is told once more."""
    refused = isinstance(error, TenantBlockedError)
    if refused and tenant.state is TenantState.PAUSED:
        return block_tenant(tx, tenant.tenant_id, error, desk.ids)
    silent = isinstance(error, TemporaryError)
    after = after_failed_probe(setback, error, tx.now(), silent=silent)
    events: list[Event] = []
    if refused and error.code is not setback.code:
        events += end_rest(tx, tenant.tenant_id)
        tx.tenants.explain(tenant.tenant_id, error.code)
        after = replace(after, code=error.code, detail=error.detail, announced=False)
    tx.setbacks.put(tenant.tenant_id, after)
    events += open_incident(tx, tenant.tenant_id, after.code, after.detail, 1, after.run_id, desk.ids)
    return events


def _try_rows(event: ProbeDue, desk: Desk) -> HandlerOutcome:
    """Send five of the changes that died once more, and judge them when the bell comes again."""
    with desk.store.write() as tx:
        found = _asked(tx, event)
        if found is None:
            return Nothing("the tenant rests no more, or was looked at meanwhile")
        tenant, setback = found
        well = _verdict(tx, event.tenant_id, setback)
        dead = _dead(tx, event.tenant_id, setback)
        if well is None:
            tx.setbacks.put(event.tenant_id, replace(setback, due_at=tx.now() + TRY_SOON))
            return Nothing("the changes that were tried are still under way")
        if well:
            tx.changes.requeue(event.tenant_id, dead)
            events = _go_on(tx, tenant, setback, desk)
        elif setback.rows:
            error = StaffettaError(setback.failure, f"{len(setback.rows)} changes were tried again")
            events = _rest_on(tx, tenant, setback, error, desk)
        else:
            events = _send_some(tx, event.tenant_id, setback, dead, desk)
    desk.publisher.ring(events)
    return Did("goes on" if well else "a few changes are tried again" if not setback.rows else "rests on")


def _verdict(tx: Transaction, tenant_id: TenantId, setback: Setback) -> bool | None:
    """Tell whether what was tried went well; None while it is under way, False also if nothing was."""
    if setback.run_id is None:
        return False
    rows = tx.changes.rows(tenant_id, run_id=setback.run_id, limit=WORST)
    if any(_is_under_way(row) and _is_tried(row.change_id, setback) for row in rows):
        return None
    if setback.rows:
        return not any(row.state is ChangeState.DEAD and row.change_id in setback.rows for row in rows)
    dead = sum(row.state is ChangeState.DEAD for row in rows)
    good = sum(row.state in {ChangeState.APPLIED, ChangeState.ALREADY_SO} for row in rows)
    return not too_many_died(dead, dead + good)


def _is_under_way(row: Change) -> bool:
    """Tell whether a row will soon say how it went: not one that waits for a human, an account or a far day.

    Such a row, as that of somebody whose manager never gets an account, would keep the tenant paused.
    """
    far = row.state is ChangeState.WAITING and row.why is Code.REMOVAL_WAITS
    return row.state in UNSETTLED - {ChangeState.HELD, ChangeState.BLOCKED} and not far


def _is_tried(change_id: ChangeId, setback: Setback) -> bool:
    return not setback.rows or change_id in setback.rows


def _dead(tx: Transaction, tenant_id: TenantId, setback: Setback) -> list[ChangeId]:
    """List what died in the run that paused the tenant, but not what somebody took off the list."""
    if setback.run_id is None:
        return []
    rows = tx.changes.rows(tenant_id, run_id=setback.run_id, states=[ChangeState.DEAD], limit=WORST)
    letters = tx.letters.list(tenant_id, WORST, states=[LetterState.DISMISSED])
    dismissed = {(letter.change_id, letter.code) for letter in letters}
    return [row.change_id for row in rows if (row.change_id, row.why) not in dismissed]


def _send_some(
    tx: Transaction, tenant_id: TenantId, setback: Setback, dead: list[ChangeId], desk: Desk
) -> list[Event]:
    """Release the first few that nothing newer has overtaken; with none left the next run must tell."""
    sent: list[ChangeId] = []
    for change_id in dead:
        if len(sent) == PROBE_ROWS:
            break
        if tx.changes.requeue(tenant_id, [change_id]):
            sent.append(change_id)
    if not sent:
        tenant = tx.tenants.get(tenant_id)
        return _go_on(tx, tenant, setback, desk) if tenant is not None else []
    tx.setbacks.put(tenant_id, replace(setback, rows=tuple(sent), due_at=tx.now() + TRY_SOON))
    return ring_more(tx, tenant_id, desk)
