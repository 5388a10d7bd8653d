"""Conclude turns a reading into a plan that can be carried out: verdict, identities, names, release."""

from dataclasses import replace

from domain.codes import Code
from domain.config import Configuration
from domain.errors import HeldBackError, StaffettaError, TemporaryError, TenantBlockedError
from domain.events import ConcludeDue, Event
from domain.outcomes import Did, Failed, HandlerOutcome, Later, Nothing
from domain.ports import Transaction
from domain.retry import wait_before
from domain.run import Phase, Run, RunKind
from domain.tenant import may_write
from domain.waiting import waits_of
from workers.block import block_tenant
from workers.desk import TURN_LOST, Desk, count_requests
from workers.guarding import guard
from workers.identifying import settle_identities
from workers.judging import judge_feed
from workers.looking import LookedUp, look_up, worth_listing
from workers.naming import settle_names
from workers.owners import ask_for_owners
from workers.rest import rest
from workers.ring import carry_on
from workers.settle import end_run, end_where_stopped, fail_run
from workers.version import version_of

MOST_TRIES = 8
"""Listing a busy target is worth patience; after this the run fails and the next slot tries again."""

HERE = frozenset({Phase.CONCLUDING, Phase.LISTING})

LISTED = "the target was listed"
"""Cursor of a run whose creates were compared with a complete list of the target."""

UNLISTED = "the target cannot be listed"
"""Cursor of a run that goes on without a list: people are asked for one by one."""

FEWEST_LISTINGS = 3
"""So often a list is asked for that is none, before the run, and whoever leaves in it, goes on without."""

LISTED_IN_PART = "accounts of the target listed in part"
"""What a turn did that was over before the list was."""


def conclude(event: ConcludeDue, desk: Desk) -> HandlerOutcome:
    """Give the verdict, list the target where many would be created, then release or propose the plan."""
    token = desk.ids.new()
    with desk.store.write() as tx:
        run = tx.runs.take_turn(event.tenant_id, event.run_id, token, desk.limits.page_lease)
        if run is not None and run.phase not in HERE:
            tx.runs.end_turn(event.tenant_id, event.run_id, token)
        elif run is not None and end_where_stopped(tx, run):
            return Nothing("the tenant was stopped")
    if run is None or run.phase not in HERE:
        return Nothing("the run is somebody else's turn, or not read yet")
    if run.tries >= MOST_TRIES:
        return _stumble(run, token, StaffettaError(Code.CRASHED_TWICE, "while concluding"), desk)
    try:
        return _steps(run, version_of(run, desk.store), token, desk)
    except HeldBackError as error:
        return rest(run, token, error, desk)
    except StaffettaError as error:
        return _stumble(run, token, error, desk)
    except Exception as error:  # noqa: BLE001  a bug met by one run must not keep its tenant reading for ever
        return _stumble(run, token, StaffettaError(Code.INTERNAL, type(error).__name__), desk)


def _steps(run: Run, config: Configuration, token: str, desk: Desk) -> HandlerOutcome:
    if run.phase is Phase.CONCLUDING and run.cursor not in {LISTED, UNLISTED}:
        over = judge_feed(run, config, token, desk)
        if over is not None:
            return over
        if _needs_list(run, desk):
            with desk.store.write() as tx:
                tx.runs.enter(run.tenant_id, run.run_id, Phase.LISTING)
                tx.runs.set_cursor(run.tenant_id, run.run_id, None)
                tx.target_list.forget(run.tenant_id)
            run = replace(run, phase=Phase.LISTING, cursor=None)
    if run.phase is Phase.LISTING:
        further = _listed(run, config, token, desk)
        if further is None:
            desk.publisher.ring([ConcludeDue(run.tenant_id, run.run_id)])
            return Did(LISTED_IN_PART)
        run = further
    listed = run.cursor == LISTED or run.phase is Phase.LISTING
    looked = look_up(run, config, token, desk, listed=listed)
    last_try = run.tries + 1 >= MOST_TRIES
    if looked is None or not ask_for_owners(run, config, token, desk, last_try=last_try):
        return Nothing(TURN_LOST)
    return _plan(run, config, looked, token, desk)


def _needs_list(run: Run, desk: Desk) -> bool:
    with desk.store.read() as tx:
        creates = tx.changes.creates_planned(run.tenant_id, run.run_id)
        return worth_listing(creates, tx.links.count(run.tenant_id), desk.limits.list_from)


def _list_target(run: Run, config: Configuration, token: str, desk: Desk) -> bool:
    """List the target's accounts into rows for one turn; True when the last page is in."""
    target = desk.accounts.target(run.tenant_id)
    began, cursor = desk.clock.now(), run.cursor
    while True:
        page = target.list_page(cursor)
        cursor = page.next_cursor
        with desk.store.write() as tx:
            if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
                return False
            tx.target_list.put(run.tenant_id, page.accounts, config)
            count_requests(tx, run.tenant_id, run.run_id, desk)
            tx.runs.set_cursor(run.tenant_id, run.run_id, LISTED if cursor is None else cursor)
            if cursor is None:
                tx.runs.enter(run.tenant_id, run.run_id, Phase.CONCLUDING)
                return True
            if desk.clock.now() - began >= desk.limits.turn:
                tx.runs.end_turn(run.tenant_id, run.run_id, token)
                return False


def _listed(run: Run, config: Configuration, token: str, desk: Desk) -> Run | None:
    """List the target, or decide to go on without; None where the turn was over before the list was."""
    try:
        return run if _list_target(run, config, token, desk) else None
    except TemporaryError as error:
        if not _goes_without(run, error, token, desk):
            raise
    return replace(run, phase=Phase.CONCLUDING, cursor=UNLISTED)


def _goes_without(run: Run, error: TemporaryError, token: str, desk: Desk) -> bool:
    """Give a list up that the target shows no end of, or nothing of; a target that is away is waited for."""
    away = isinstance(error, HeldBackError) or error.code is not Code.TARGET_NOT_SCIM
    if away or run.tries + 1 < FEWEST_LISTINGS:
        return False
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return False
        tx.target_list.forget(run.tenant_id)
        tx.runs.enter(run.tenant_id, run.run_id, Phase.CONCLUDING)
        tx.runs.set_cursor(run.tenant_id, run.run_id, UNLISTED)
    return True


def _plan(run: Run, config: Configuration, looked: LookedUp, token: str, desk: Desk) -> HandlerOutcome:
    """Turn wishes into released rows, or into proposals, in one transaction."""
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return Nothing(TURN_LOST)
        tenant = tx.tenants.get(run.tenant_id)
        if tenant is None:
            return Nothing("the tenant is gone")
        plan_only = run.plan_only or not may_write(tenant.state)
        _settle_people(tx, run, config, looked, desk)
        tx.changes.delay(run.tenant_id, run.run_id, waits_of(config.policy))
        events: list[Event] = []
        if plan_only:
            tx.changes.set_aside(run.tenant_id, run.run_id)
            _foresee(tx, run, config)
            rows = tx.changes.propose(run.tenant_id, run.run_id)
            events += end_run(tx, run.tenant_id, run.run_id, desk.ids, planned=True)
        else:
            rows = _release(tx, run, config)
            tx.runs.enter(run.tenant_id, run.run_id, Phase.APPLYING)
            tx.runs.end_turn(run.tenant_id, run.run_id, token)
            events += carry_on(tx, run.tenant_id, run.run_id, desk)
        if run.kind is RunKind.FEED:
            tx.target_list.forget(run.tenant_id)
    desk.publisher.ring(events)
    return Did("plan proposed" if plan_only else "plan released", (("rows", rows),))


def _release(tx: Transaction, run: Run, config: Configuration) -> int:
    """Let the plan meet what is open, and let it go; with it, looks for accounts that nobody links."""
    if run.kind is RunKind.FEED:
        tx.changes.unpark(run.tenant_id)  # what a resume left waiting for a reading
    tx.changes.merge(run.tenant_id, run.run_id)
    _foresee(tx, run, config)
    rows = tx.changes.release(run.tenant_id, run.run_id)
    tx.changes.look_again(run.tenant_id)
    return rows


def _settle_people(tx: Transaction, run: Run, config: Configuration, looked: LookedUp, desk: Desk) -> None:
    """Say whose each account is, and who gets which name; nobody is looked for a second time."""
    reopened = settle_identities(tx, run, config, looked, desk)
    settle_names(tx, run, config, desk, reopened)
    count_requests(tx, run.tenant_id, run.run_id, desk)
    if looked.found and looked.complete:
        tx.runs.set_cursor(run.tenant_id, run.run_id, LISTED)


def _foresee(tx: Transaction, run: Run, config: Configuration) -> None:
    """Say which rows will be held, and which wait for an account: in a plan as when it goes."""
    guard(tx, run, config)
    tx.changes.await_accounts(run.tenant_id, run.run_id)


def _stumble(run: Run, token: str, error: StaffettaError, desk: Desk) -> HandlerOutcome:
    """React to a target that could not be listed: come back later, fail the run, or block the tenant."""
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return Nothing(TURN_LOST)
        count_requests(tx, run.tenant_id, run.run_id, desk)
        events: list[Event] = []
        if isinstance(error, TenantBlockedError):
            events += block_tenant(tx, run.tenant_id, error, desk.ids)
        elif tx.runs.failed_once_more(run.tenant_id, run.run_id) < MOST_TRIES:
            asked = error.retry_after if isinstance(error, TemporaryError) else None
            wait = wait_before(run.tries + 2, asked, desk.ids.dice())
            tx.runs.end_turn(run.tenant_id, run.run_id, token, due_in=wait)
            return Later(error.code, error.detail)
        events += fail_run(tx, run, error.code, error.detail, desk.ids)
    desk.publisher.ring(events)
    return Failed(error.code, error.detail)
