"""Fetch reads a company page by page and notes what should change; it keeps nothing in memory."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime

from domain.codes import Code
from domain.config import Configuration
from domain.employee import Page
from domain.errors import FeedBrokenError, HeldBackError, StaffettaError, TemporaryError, TenantBlockedError
from domain.events import ConcludeDue, PageDue, RunDue
from domain.outcomes import Did, Failed, HandlerOutcome, Later, Nothing
from domain.ports_world import Source
from domain.retry import wait_before
from domain.run import Phase, Run, RunKind
from workers.block import block_tenant
from workers.desk import Desk, count_requests
from workers.notice_page import notice
from workers.remembering import remember
from workers.rest import rest
from workers.settle import end_where_stopped, fail_run
from workers.version import version_of

MOST_TRIES = 5
"""A page that failed this often fails the run; the next slot begins a new one."""


def fetch(event: RunDue | PageDue, desk: Desk) -> HandlerOutcome:
    """Read pages for one turn of a few seconds; one page is on its way while the last one is stored."""
    token = desk.ids.new()
    with desk.store.write() as tx:
        run = tx.runs.take_turn(event.tenant_id, event.run_id, token, desk.limits.page_lease)
        if run is not None and run.phase is not Phase.READING:
            tx.runs.end_turn(event.tenant_id, event.run_id, token)
        elif run is not None and end_where_stopped(tx, run):
            return Nothing("the tenant was stopped")
    if run is None or run.phase is not Phase.READING:
        return Nothing("the run is somebody else's turn, or read already")
    if run.tries >= MOST_TRIES:
        return _stumble(run, token, StaffettaError(Code.CRASHED_TWICE, "while reading"), desk)
    try:
        return _turn(run, version_of(run, desk.store), token, desk)
    except HeldBackError as error:
        return rest(run, token, error, desk)
    except StaffettaError as error:
        return _stumble(run, token, error, desk)
    except Exception as error:  # noqa: BLE001  a bug met by one run must not keep its tenant reading for ever
        return _stumble(run, token, StaffettaError(Code.INTERNAL, type(error).__name__), desk)


def _turn(run: Run, config: Configuration, token: str, desk: Desk) -> HandlerOutcome:
    if run.kind is RunKind.PERSON and run.pages:
        return _finish(run, token, desk)
    began, read = desk.clock.now(), 0
    if run.universal is None:
        run = _learn(run, config, desk.accounts.source(run.tenant_id, None, run.config_version), desk)
    universal = run.universal or {}
    source = desk.accounts.source(run.tenant_id, universal, run.config_version)
    coming: Coming | None = _begin(source, run, desk)
    while coming is not None:
        page, asked_at = coming.page.result(), coming.asked_at
        if not page.employees:
            return _finish(run, token, desk)
        coming = _go_on(source, run, page.next_cursor, began, desk)
        if not _remember(run, config, universal, page, run.pages + read, asked_at, token, desk):
            return Nothing("the turn was lost to another worker")
        read += 1
        if page.next_cursor is None:
            return _finish(run, token, desk)
    with desk.store.write() as tx:
        count_requests(tx, run.tenant_id, run.run_id, desk)
        tx.runs.end_turn(run.tenant_id, run.run_id, token)
    desk.publisher.ring([PageDue(run.tenant_id, run.run_id, run.pages + read)])
    return Did("pages read", (("pages", read),))


@dataclass(frozen=True, slots=True)
class Coming:
    """A page that was asked for while the one before it is being stored; `asked_at` is the store's time."""

    page: Future[Page]
    asked_at: datetime


def _begin(source: Source, run: Run, desk: Desk) -> Coming:
    with desk.store.read() as tx:
        asked_at = tx.now()
    return Coming(desk.hands.submit(_page, source, run, run.cursor), asked_at)


def _go_on(source: Source, run: Run, cursor: str | None, began: datetime, desk: Desk) -> Coming | None:
    """Ask for the next page, unless there is none, the turn is over, or another run waits for a turn.

    Fifty companies are due at four, and threads are few: whoever is served first must not read on while
    others have no page yet.
    """
    if cursor is None or desk.stopping() or desk.clock.now() - began >= desk.limits.turn:
        return None
    with desk.store.read() as tx:
        if tx.runs.anybody_waits():
            return None
        asked_at = tx.now()
    return Coming(desk.hands.submit(_page, source, run, cursor), asked_at)


def _page(source: Source, run: Run, cursor: str | None) -> Page:
    if run.kind is not RunKind.PERSON:
        return source.page(cursor)
    if run.person_id is None:
        raise FeedBrokenError(Code.INTERNAL, "a run for one person names nobody")
    employee = source.person(run.person_id)
    if employee is None:
        raise FeedBrokenError(Code.PERSON_NOT_SEEN, f"person {run.person_id}")
    return Page((employee,), total=None, next_cursor=None)


def _learn(run: Run, config: Configuration, source: Source, desk: Desk) -> Run:
    """Ask which attributes this credential may read; to all others that are mapped, the run is blind."""
    granted = source.attributes()
    told = {each.key for each in granted}
    with desk.store.write() as tx:
        known = {each.universal_id: each.key for each in tx.attributes.normal(run.tenant_id).values()}
        universal = {name: key for name, key in known.items() if name} | {
            each.universal_id: each.key for each in granted if each.universal_id
        }
        read = config.source_keys_with(universal)
        blind = tuple(sorted(read - told))
        tx.runs.learn_attributes(run.tenant_id, run.run_id, universal, blind)
        tx.attributes.learn(run.tenant_id, [each for each in granted if each.key in read])
    return replace(run, universal=universal, blind=blind)


def _remember(
    run: Run,
    config: Configuration,
    universal: Mapping[str, str],
    page: Page,
    number: int,
    asked_at: datetime,
    token: str,
    desk: Desk,
) -> bool:
    """Compare one page with what was applied, and store what it says, in one transaction."""
    noticed = notice(run, config, universal, page, desk, today=asked_at.date())
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return False
        if run.person_id is not None and tx.runs.read_since(run.tenant_id, run.person_id, asked_at):
            raise TemporaryError(Code.FEED_DRIFTED, "somebody read this person again meanwhile")
        if tx.runs.page_ids_seen(run.tenant_id, run.run_id, noticed.person_ids):
            raise FeedBrokenError(Code.FEED_LOOPING, f"page {number + 1} came before")
        remember(tx, run, noticed, page.employees, asked_at)
        tx.runs.add_page(run.tenant_id, run.run_id, noticed.record(number, page), asked_at)
    return True


def _finish(run: Run, token: str, desk: Desk) -> HandlerOutcome:
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return Nothing("the turn was lost to another worker")
        count_requests(tx, run.tenant_id, run.run_id, desk)
        tx.absences.forget_seen(run.tenant_id, run.run_id)
        tx.runs.enter(run.tenant_id, run.run_id, Phase.CONCLUDING)
        tx.runs.end_turn(run.tenant_id, run.run_id, token)
    desk.publisher.ring([ConcludeDue(run.tenant_id, run.run_id)])
    return Did("feed read")


def _stumble(run: Run, token: str, error: StaffettaError, desk: Desk) -> HandlerOutcome:
    """React to a failure: come back later, fail the run, or block the tenant."""
    if isinstance(error, TenantBlockedError):
        with desk.store.write() as tx:
            if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
                return Nothing("the turn was lost to another worker")
            count_requests(tx, run.tenant_id, run.run_id, desk)
            events = block_tenant(tx, run.tenant_id, error, desk.ids)
            events += fail_run(tx, run, error.code, error.detail, desk.ids)
        desk.publisher.ring(events)
        return Failed(error.code, error.detail)
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return Nothing("the turn was lost to another worker")
        count_requests(tx, run.tenant_id, run.run_id, desk)
        tries = tx.runs.failed_once_more(run.tenant_id, run.run_id)
        if tries < MOST_TRIES and not _hopeless(error):
            asked = error.retry_after if isinstance(error, TemporaryError) else None
            wait = wait_before(tries + 1, asked, desk.ids.dice())
            tx.runs.end_turn(run.tenant_id, run.run_id, token, due_in=wait)
            return Later(error.code, error.detail)
        events = fail_run(tx, run, error.code, error.detail, desk.ids)
    desk.publisher.ring(events)
    return Failed(error.code, error.detail)


def _hopeless(error: StaffettaError) -> bool:
    return error.code in {Code.SOURCE_ATTRIBUTE_MISSING, Code.PERSON_NOT_SEEN, Code.FEED_LOOPING}
