"""What the first repairs of the review did not reach."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import cast

import pytest

from domain.account import Account
from domain.employee import Employee, Page
from domain.ids import PersonId
from domain.ports_world import Lookup, Target
from domain.run import Outcome, Phase, Run
from tests.flow.misfortunes import MortalSource, survive, with_ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin, somebody
from tests.flow.test_review import InterruptedSource, is_open, live
from tests.flow.test_review_names import linked_accounts, recognising
from tests.flow.test_review_workers import let_somebody_else_try, newest_run, odd_source

__all__ = ["live", "recognising"]
from tests.flow.truth import accounts, differences, is_wanted, people


class SlowReadingOfOne(InterruptedSource):
    """Let something happen after one record was read, before anybody has stored it."""

    def page(self, cursor: str | None) -> Page:
        """Read on as ever."""
        return self._inner.page(cursor)

    def person(self, person_id: PersonId) -> Employee | None:
        """Read one record, and let the world go on."""
        employee = self._inner.person(person_id)
        self._meanwhile()
        return employee


def test_1_a_reading_of_one_that_is_stored_after_a_newer_feed_closes_nobody(live: Relay) -> None:
    bob = somebody(live)
    feeds: list[Run] = []
    live.personio.company.terminate(int(bob))

    def hr_corrects_and_a_feed_reads() -> None:
        if not feeds:
            live.personio.company.rehire(int(bob))
            feeds.append(live.sync())

    source = SlowReadingOfOne(live.desk.accounts.source(ACME), hr_corrects_and_a_feed_reads)
    with with_ends(live, source=source):
        live.sync_person(bob)
    assert feeds[0].outcome is Outcome.OK
    assert is_open(live, bob)
    assert live.app.counters.writes == 0


def test_10_of_two_joiners_only_one_is_given_an_account_of_a_target_that_drops_external_ids(
    recognising: Relay,
) -> None:
    recognising.app.quirks.switch(ignored_attributes=("externalId",))
    recognising.sync()
    found = linked_accounts(recognising)
    assert len(found) == len(set(found))


class TogetherTarget:
    """Answer two questions about the same value only when both were asked."""

    def __init__(self, inner: Target) -> None:
        self._inner = inner
        self._both = Barrier(2)

    def find(self, lookup: Lookup) -> tuple[Account, ...]:
        found = self._inner.find(lookup)
        if lookup.path is not None:
            self._both.wait(timeout=10)
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_10_of_two_joiners_done_side_by_side_only_one_is_given_an_account_found_for_both(
    recognising: Relay,
) -> None:
    target = cast("Target", TogetherTarget(recognising.desk.accounts.target(ACME)))
    with ThreadPoolExecutor(2) as hands:
        recognising.desk = replace(recognising.desk, hands=hands)
        with with_ends(recognising, target=target):
            recognising.sync()
    found = linked_accounts(recognising)
    assert len(found) == len(set(found))


def test_14_a_reading_whose_worker_dies_each_time_fails_after_a_few_tries(live: Relay) -> None:
    source = MortalSource(live.desk.accounts.source(ACME), dies_at=set(range(1000)))
    with with_ends(live, source=source):
        begin(live)
        survive(live.drain)
        for _ in range(10):
            survive(lambda: live.later(minutes=3))
    assert newest_run(live).phase is Phase.ENDED


def test_16_two_slow_answers_together_longer_than_a_lease_do_not_lose_the_turn(live: Relay) -> None:
    bob = somebody(live)
    live.personio.company.erase(int(bob))
    taken: list[object] = []

    def slowly() -> None:
        live.clock.ahead += timedelta(seconds=40)
        if len(taken) < 5:
            taken.append("a look")
            taken.extend(let_somebody_else_try(live))

    with odd_source(live, on_person=slowly) as source:
        live.sync()
    assert len(source.asked) == 2
    assert not is_open(live, bob)


@pytest.mark.parametrize("boss", [False, True], ids=["their own", "their reports'"])
def test_17_who_got_a_new_account_keeps_manager_and_reports(live: Relay, boss: bool) -> None:
    wanted = {str(person.id): person for person in people(live) if is_wanted(person)}
    bosses = [str(one.supervisor_id) for one in wanted.values() if str(one.supervisor_id) in wanted]
    staff = [one for one in wanted if str(wanted[one].supervisor_id) in wanted and one not in bosses]
    bob = (bosses if boss else staff)[0]
    live.app.state.delete_account(str(accounts(live)[bob]["id"]))
    live.personio.company.terminate(int(bob))
    live.sync()
    live.personio.company.rehire(int(bob))
    for _ in range(3):
        live.sync()
        live.later(seconds=20)
    assert differences(live) == []


def test_17_who_came_back_to_an_account_made_again_by_hand_is_linked_to_it_and_closed_when_they_leave(
    live: Relay,
) -> None:
    bob = somebody(live)
    before = accounts(live)[bob]
    live.app.state.delete_account(str(before["id"]))
    live.personio.company.terminate(int(bob))
    live.sync()
    live.app.state.add_account(str(before["userName"]), externalId=bob)
    live.personio.company.rehire(int(bob))
    for _ in range(2):
        live.sync()
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0
    live.personio.company.terminate(int(bob))
    live.sync()
    assert not is_open(live, bob)
