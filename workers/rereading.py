"""Read head and borders of a feed once more, where the list moved while it was read."""

from dataclasses import replace

from domain.codes import Code
from domain.config import Configuration
from domain.errors import FeedBrokenError, StaffettaError, TemporaryError
from domain.events import ConcludeDue
from domain.feed import Drifted, Reading, Verdict, judge
from domain.outcomes import Did, HandlerOutcome, Nothing
from domain.rereading import MOST_AGAIN, pages_to_read_again
from domain.run import Run
from workers.desk import Desk, count_requests
from workers.notice_page import notice
from workers.remembering import remember

MOST_TRIES = 3
"""After so many failures the second look is given up: the feed has drifted, and its news is used now."""


def look_again(run: Run, config: Configuration, token: str, desk: Desk) -> Verdict | HandlerOutcome:
    """Give the verdict over a feed, after a second look where the first one drifted.

    Which pages are left follows from the pages that are stored, so a crash costs at most one of them.
    An outcome instead of a verdict means that the turn is over, or was lost.
    """
    began, read = desk.clock.now(), 0
    reading, left = _left(run, desk)
    for number in left:
        if read and desk.clock.now() - began >= desk.limits.turn:
            return _go_on_later(run, token, read, desk)
        try:
            if not _read(run, config, number, token, desk, is_known=number < len(reading.pages)):
                return Nothing("the turn was lost to another worker")
        except (FeedBrokenError, TemporaryError) as error:
            return _give_up(run, error)
        read += 1
    return judge(_left(run, desk)[0] if read else reading)


def _left(run: Run, desk: Desk) -> tuple[Reading, tuple[int, ...]]:
    """Count the reading, and name the pages of which a second look is still missing."""
    with desk.store.read() as tx:
        reading = tx.runs.reading(run.tenant_id, run.run_id)
        if not isinstance(judge(replace(reading, again=())), Drifted):
            return reading, ()
        repeated = tx.readings.repeated(run.tenant_id, run.run_id, MOST_AGAIN)
        seen = tx.readings.read_again(run.tenant_id, run.run_id)
    chosen = pages_to_read_again(reading, repeated)
    return reading, tuple(number for number in chosen if number not in seen)


def _read(run: Run, config: Configuration, number: int, token: str, desk: Desk, *, is_known: bool) -> bool:
    """Read one page and notice whoever is new on it; False if the turn was lost meanwhile.

    Where somebody stood before (`is_known`) and now only strangers do, it is another company's list.
    """
    with desk.store.read() as tx:
        asked_at, cursor = tx.now(), tx.readings.cursor_of(run.tenant_id, run.run_id, number)
    universal = run.universal or {}
    page = desk.accounts.source(run.tenant_id, universal, run.config_version).page(cursor)
    ids = tuple(dict.fromkeys(employee.person_id for employee in page.employees))
    with desk.store.read() as tx:
        seen = tx.readings.on_pages(run.tenant_id, run.run_id, ids)
    if ids and not seen and is_known:
        raise FeedBrokenError(Code.FEED_BROKEN, "a page that was read again tells strangers only")
    newcomers = tuple(employee for employee in page.employees if employee.person_id not in seen)
    noticed = notice(run, config, universal, replace(page, employees=newcomers), desk, today=asked_at.date())
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return False
        count_requests(tx, run.tenant_id, run.run_id, desk)
        remember(tx, run, noticed, newcomers, asked_at)
        record = replace(noticed.record(number, page), person_ids=ids)
        tx.readings.add_again(run.tenant_id, run.run_id, number, record, asked_at)
        tx.absences.forget_seen(run.tenant_id, run.run_id)
    return True


def _go_on_later(run: Run, token: str, read: int, desk: Desk) -> HandlerOutcome:
    with desk.store.write() as tx:
        tx.runs.end_turn(run.tenant_id, run.run_id, token)
    desk.publisher.ring([ConcludeDue(run.tenant_id, run.run_id)])
    return Did("pages read again", (("pages", read),))


def _give_up(run: Run, error: StaffettaError) -> Drifted:
    """Try again later, as long as that is worth the wait of those whose news is known already."""
    if run.tries + 1 < MOST_TRIES:
        raise error
    return Drifted(f"the list moved, and could not be read a second time: {error.code}")
