"""What a review found about workers: whoever stumbles, dies or comes late, the work is done once."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from domain.account import AccountPage
from domain.codes import Code
from domain.employee import Attribute, Employee, Page
from domain.errors import FeedBrokenError, TenantBlockedError
from domain.events import ConcludeDue, PageDue
from domain.ids import ConfigVersion, PersonId, TenantId
from domain.outcomes import Nothing
from domain.ports_world import Accounts, Source, Target
from domain.run import Outcome, Phase, Run, RunKind
from domain.tenant import TenantState
from tests.flow.misfortunes import WorkerDiedError, survive, with_ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import (
    begin,
    codes,
    hire_many,
    somebody,
    sweep_only,
)
from tests.flow.test_review import is_open, read_to_the_end
from tests.flow.truth import accounts, differences
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]


class OddSource:
    """Read a company; something may happen whenever it is asked, before the answer arrives."""

    def __init__(
        self,
        inner: Source,
        *,
        on_page: Callable[[], object] = lambda: None,
        on_person: Callable[[], object] = lambda: None,
    ) -> None:
        self._inner = inner
        self._on_page = on_page
        self._on_person = on_person
        self.asked: list[PersonId] = []

    def attributes(self) -> tuple[Attribute, ...]:
        """Ask the real one."""
        return self._inner.attributes()

    def page(self, cursor: str | None) -> Page:
        """Read a page."""
        self._on_page()
        return self._inner.page(cursor)

    def person(self, person_id: PersonId) -> Employee | None:
        """Read one record."""
        self.asked.append(person_id)
        self._on_person()
        return self._inner.person(person_id)


def odd_source(
    relay: Relay,
    *,
    on_page: Callable[[], object] = lambda: None,
    on_person: Callable[[], object] = lambda: None,
) -> AbstractContextManager[OddSource]:
    @contextmanager
    def used() -> Iterator[OddSource]:
        source = OddSource(relay.desk.accounts.source(ACME), on_page=on_page, on_person=on_person)
        with with_ends(relay, source=source):
            yield source

    return used()


def stumble_over_a_bug() -> None:
    raise KeyError("nobody foresaw this")


def newest_run(relay: Relay) -> Run:
    with relay.store.read() as tx:
        return tx.runs.newest(ACME, 1)[0]


# 14 What nobody foresaw


def test_14_a_bug_met_while_reading_fails_the_run_and_the_next_one_works(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    with odd_source(live, on_page=stumble_over_a_bug):
        run = live.sync()
        end_by_trying(live, run)
    assert_failed_by_a_bug(live, run)
    assert live.sync().outcome is Outcome.OK
    assert is_open(live, joiner)
    assert Code.INTERNAL not in codes(live)


def test_14_a_bug_met_while_proving_absence_fails_the_run_and_the_next_one_works(live: Relay) -> None:
    bob = somebody(live)
    live.personio.company.erase(int(bob))
    with odd_source(live, on_person=stumble_over_a_bug):
        run = live.sync()
        end_by_trying(live, run)
    assert_failed_by_a_bug(live, run)
    assert is_open(live, bob)
    assert live.sync().outcome is Outcome.OK
    assert not is_open(live, bob)
    assert Code.INTERNAL not in codes(live)


class BuggyList:
    """Be a target whose list meets a bug of ours."""

    def __init__(self, inner: Target) -> None:
        self._inner = inner

    def list_page(self, cursor: str | None) -> AccountPage:
        """Stumble."""
        raise KeyError(cursor)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_14_a_bug_met_while_listing_fails_the_run_and_the_next_one_works(live: Relay) -> None:
    hire_many(live, 25)
    target = cast("Target", BuggyList(live.desk.accounts.target(ACME)))
    with with_ends(live, target=target):
        run = live.sync()
        end_by_trying(live, run)
    assert_failed_by_a_bug(live, run)
    live.sync()
    assert differences(live) == []


def end_by_trying(relay: Relay, run: Run) -> None:
    for _ in range(10):
        if relay.run(run.run_id).phase is Phase.ENDED:
            return
        relay.later(minutes=15)


def assert_failed_by_a_bug(relay: Relay, run: Run) -> None:
    ended = relay.run(run.run_id)
    assert (ended.phase, ended.outcome, ended.code) == (Phase.ENDED, Outcome.FAILED, Code.INTERNAL)
    assert Code.INTERNAL in codes(relay)
    assert relay.app.counters.writes == 0


# 16 Turns


def let_somebody_else_try(relay: Relay) -> list[object]:
    """Sweep, and let another worker take what the sweep rings for; returns what came of it."""
    before, relay.bells.rung = relay.bells.rung, []
    sweep_only(relay)
    rung, relay.bells.rung = relay.bells.rung, before
    return [relay.take(bell) for bell in rung if isinstance(bell, PageDue | ConcludeDue)]


def test_16_whoever_proves_absence_slowly_keeps_the_turn_and_asks_once(live: Relay) -> None:
    gone = [somebody(live, at=at) for at in (8, 9)]
    for person in gone:
        live.personio.company.erase(int(person))
    others: list[object] = []

    def slowly() -> None:
        live.clock.ahead += timedelta(seconds=35)
        others.extend(let_somebody_else_try(live))

    with odd_source(live, on_person=slowly) as source:
        run = live.sync()
    assert all(isinstance(other, Nothing) for other in others)
    assert len(source.asked) == len(set(source.asked)) == 3
    assert run.outcome is Outcome.OK
    assert not any(is_open(live, person) for person in gone)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("a bug"),
        FeedBrokenError(Code.SOURCE_ATTRIBUTE_MISSING, "status"),
        TenantBlockedError(Code.SOURCE_CREDENTIALS_REFUSED),
    ],
    ids=["bug", "broken", "blocked"],
)
def test_16_a_worker_that_lost_its_turn_while_reading_does_not_end_the_run(
    live: Relay, error: Exception
) -> None:
    (joiner,) = hire_many(live, 1)
    lost: list[object] = []

    def lose_the_turn() -> None:
        if not lost:
            lost.append("now")
            live.clock.ahead += timedelta(seconds=76)
            lost.extend(let_somebody_else_try(live))
            raise error

    with odd_source(live, on_page=lose_the_turn):
        run = live.sync()
    assert len(lost) == 2
    assert run.outcome is Outcome.OK
    assert live.state() is TenantState.ACTIVE
    assert is_open(live, joiner)
    assert not codes(live) & {Code.INTERNAL, Code.SOURCE_ATTRIBUTE_MISSING, Code.SOURCE_CREDENTIALS_REFUSED}


@pytest.mark.parametrize(
    "error",
    [KeyError("a bug"), TenantBlockedError(Code.SOURCE_CREDENTIALS_REFUSED)],
    ids=["bug", "blocked"],
)
def test_16_a_worker_that_lost_its_turn_while_concluding_does_not_end_the_run(
    live: Relay, error: Exception
) -> None:
    bob, lost = somebody(live), list[object]()
    live.personio.company.erase(int(bob))

    def lose_the_turn() -> None:
        if not lost:
            lost.append("now")
            live.clock.ahead += timedelta(seconds=76)
            lost.extend(let_somebody_else_try(live))
            raise error

    with odd_source(live, on_person=lose_the_turn):
        run = live.sync()
    assert len(lost) == 2
    assert run.outcome is Outcome.OK
    assert live.state() is TenantState.ACTIVE
    assert not is_open(live, bob)


# 20 Late and dead


def test_20_a_late_bell_for_a_page_does_not_keep_the_turn_of_a_run_that_concludes(live: Relay) -> None:
    begin(live)
    read_to_the_end(live)
    due = live.bells.rung.pop(0)
    assert isinstance(due, ConcludeDue)
    assert isinstance(live.take(PageDue(ACME, due.run_id, 0)), Nothing)
    assert not isinstance(live.take(due), Nothing)
    live.drain()
    live.later()
    assert live.run(due.run_id).outcome is Outcome.OK


class MortalBooking:
    """Die once when requests are booked, which is when a reading ends."""

    def __init__(self, inner: Accounts) -> None:
        self._inner = inner
        self.died = False

    def source(
        self,
        tenant_id: TenantId,
        universal: Mapping[str, str] | None = None,
        version: ConfigVersion | None = None,
        *,
        also: Collection[str] = (),
    ) -> Source:
        """Return the real one."""
        return self._inner.source(tenant_id, universal)

    def target(self, tenant_id: TenantId) -> Target:
        """Return the real one."""
        return self._inner.target(tenant_id)

    def writing_while(self, may_leave: Callable[[], bool]) -> AbstractContextManager[None]:
        """Ask in the last moment, as the real one does."""
        return self._inner.writing_while(may_leave)

    def take_requests(self, tenant_id: TenantId) -> tuple[int, int]:
        """Die the first time."""
        if not self.died:
            self.died = True
            raise WorkerDiedError
        return self._inner.take_requests(tenant_id)


def test_20_a_run_of_one_whose_worker_died_after_remembering_ends_well(live: Relay) -> None:
    bob = somebody(live)
    live.personio.company.change(int(bob), position="CTO")
    live.desk = replace(live.desk, accounts=MortalBooking(live.desk.accounts))
    assert not survive(lambda: live.sync_person(bob))
    died_in = newest_run(live)
    assert (died_in.kind, died_in.phase, died_in.pages) == (RunKind.PERSON, Phase.READING, 1)
    live.later(seconds=76)
    live.later(seconds=20)
    assert live.run(died_in.run_id).outcome is Outcome.OK
    assert accounts(live)[bob]["title"] == "CTO"
    assert Code.FEED_LOOPING not in codes(live)
