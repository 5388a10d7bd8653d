"""What a review found about rows: whichever comes late, twice or in vain, nobody is harmed or forgotten."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.employee import Attribute, Employee, Page
from domain.events import ConcludeDue
from domain.ids import PersonId
from domain.ports_world import Source
from domain.run import Outcome, Run, RunKind
from simulators.personio.told import Told
from simulators.scim.effects import cut_after_commit, cut_before_commit, refused, server_error
from tests.flow.misfortunes import pocket_envelopes, with_ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin, codes, hire_many, somebody
from tests.flow.truth import accounts, differences, people
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]

DAY = timedelta(days=1)


class InterruptedSource:
    """Read pages, and let something happen after each was read, before anybody has stored it."""

    def __init__(self, inner: Source, meanwhile: Callable[[], object]) -> None:
        self._inner = inner
        self._meanwhile = meanwhile

    def attributes(self) -> tuple[Attribute, ...]:
        """Ask the real one."""
        return self._inner.attributes()

    def page(self, cursor: str | None) -> Page:
        """Read a page that is old before it arrives."""
        page = self._inner.page(cursor)
        self._meanwhile()
        return page

    def person(self, person_id: PersonId) -> Employee | None:
        """Ask the real one."""
        return self._inner.person(person_id)


def interrupted(relay: Relay, meanwhile: Callable[[], object]) -> AbstractContextManager[None]:
    return with_ends(relay, source=InterruptedSource(relay.desk.accounts.source(ACME), meanwhile))


def read_to_the_end(relay: Relay) -> None:
    """Carry a run out until it waits for its conclusion."""
    while not isinstance(relay.bells.rung[0], ConcludeDue):
        relay.take(relay.bells.rung.pop(0))


def requeue_all(relay: Relay) -> int:
    count = relay.requeue().changes
    relay.drain()
    return count


def tomorrow(relay: Relay, days: float = 1) -> None:
    """Let the next daily run come, and everything that follows from it."""
    relay.clock.ahead += days * DAY
    relay.sync()
    relay.later(seconds=20)


def of(relay: Relay, person_id: object, *states: ChangeState) -> list[tuple[Action, Code | None]]:
    return [(row.action, row.why) for row in relay.rows(*states) if row.person_id == str(person_id)]


def told(relay: Relay, person_id: str) -> Told:
    return next(person for person in people(relay) if str(person.id) == person_id)


def is_open(relay: Relay, person_id: object) -> bool:
    return accounts(relay)[str(person_id)]["active"] is True


# 1 An older reading


def test_1_who_was_corrected_and_read_again_is_not_closed_by_a_feed_that_read_them_before(
    live: Relay,
) -> None:
    bob = somebody(live)
    live.personio.company.terminate(int(bob))
    begin(live)
    read_to_the_end(live)
    waiting, live.bells.rung = live.bells.rung, []
    live.personio.company.rehire(int(bob))
    live.sync_person(bob)
    live.bells.rung += waiting
    live.drain()
    assert is_open(live, bob)
    assert live.app.counters.writes == 0
    assert live.sync().outcome is Outcome.OK
    assert differences(live) == []


def test_1_a_page_that_is_stored_after_a_newer_reading_of_one_of_its_people_closes_nobody(
    live: Relay,
) -> None:
    bob = somebody(live)
    newer: list[Run] = []
    live.personio.company.terminate(int(bob))

    def hr_corrects() -> None:
        if not newer:
            live.personio.company.rehire(int(bob))
            newer.append(live.sync_person(bob))

    with interrupted(live, hr_corrects):
        run = live.sync()
    assert newer[0].outcome is Outcome.OK
    assert run.outcome is Outcome.OK
    assert is_open(live, bob)
    assert live.app.counters.writes == 0
    live.sync()
    assert differences(live) == []


# 2 Requeue


def test_2_a_dead_closing_that_a_newer_one_overtook_is_not_sent_again(live: Relay) -> None:
    bob = somebody(live)
    live.app.quirks.add(refused(), methods=("PATCH",))
    live.personio.company.terminate(int(bob))
    live.sync()
    tomorrow(live)
    assert not is_open(live, bob)
    live.personio.company.rehire(int(bob))
    live.sync()
    assert is_open(live, bob)
    assert requeue_all(live) == 0
    assert is_open(live, bob)
    assert differences(live) == []


def test_2_a_dead_update_that_a_newer_one_overtook_is_not_sent_again(live: Relay) -> None:
    bob = somebody(live)
    live.app.quirks.add(refused(), methods=("PATCH",))
    live.personio.company.change(int(bob), position="Old")
    live.sync()
    live.personio.company.change(int(bob), position="New")
    live.sync()
    assert requeue_all(live) == 0
    assert accounts(live)[bob]["title"] == "New"


def test_2_a_requeued_closing_of_somebody_who_came_back_is_not_sent_but_looked_at_afresh(
    live: Relay,
) -> None:
    bob = somebody(live)
    live.app.quirks.add(refused(), methods=("PATCH",))
    live.personio.company.terminate(int(bob))
    live.sync()
    live.personio.company.rehire(int(bob))
    live.sync()
    live.app.counters.reset()
    assert requeue_all(live) == 1
    assert of(live, bob, ChangeState.STALE) == [(Action.DEACTIVATE, Code.PLAN_STALE)]
    assert is_open(live, bob)
    assert live.app.counters.writes == 0
    with live.store.read() as tx:
        (newest,) = tx.runs.newest(ACME, 1)
    assert (newest.kind, newest.person_id, newest.outcome) == (RunKind.PERSON, bob, Outcome.OK)


def test_2_a_requeued_row_has_all_its_tries_again(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    rule = live.app.quirks.add(server_error(500), methods=("POST",), times=None)
    live.sync()
    until_dead(live)
    before = live.app.quirks.taken(rule)
    assert requeue_all(live) == 1
    live.later(minutes=1)
    assert live.app.quirks.taken(rule) > before
    (waiting,) = live.rows(ChangeState.WAITING)
    assert waiting.person_id == joiner
    assert waiting.tries <= 2
    live.app.quirks.clear()
    live.later(minutes=1)
    assert is_open(live, joiner)


def test_2_who_dies_a_second_time_is_counted_on_the_same_letter(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    rule = live.app.quirks.add(refused(), methods=("POST",), times=None)
    live.sync()
    assert requeue_all(live) == 1
    live.later(seconds=31)
    assert live.app.quirks.taken(rule) == 2
    with live.store.read() as tx:
        (letter,) = tx.letters.list(ACME, 10)
    assert (letter.person_id, letter.count, letter.requeued_by) == (joiner, 2, "test")
    assert letter.first_at < letter.last_at


def until_dead(relay: Relay) -> None:
    """Let time pass while rows wait for a target that does not answer."""
    for _ in range(40):
        if not relay.rows(ChangeState.WAITING):
            return
        relay.later(minutes=5)
    pytest.fail("a row waits for ever")


# 3 Another configuration


def test_3_what_an_old_configuration_decided_is_not_sent_and_one_complete_run_decides_anew(
    live: Relay, config: Configuration
) -> None:
    now_external = [somebody(live, at=at) for at in (9, 10)]
    for person in now_external:
        live.personio.company.change(int(person), employment_type="external")
    begin(live)
    envelopes = pocket_envelopes(live)
    wider = replace(config.scope, employment_types=frozenset({"internal", "external"}))
    live.configure(replace(config, scope=wider))
    live.bells.rung += envelopes
    live.drain()
    assert [row.why for row in live.rows(ChangeState.STALE)] == [Code.CONFIG_CHANGED] * 2
    assert all(is_open(live, person) for person in now_external)
    with live.store.read() as tx:
        newest, older = tx.runs.newest(ACME, 2)
    assert (newest.kind, newest.by, newest.outcome) == (RunKind.FEED, "new configuration", Outcome.OK)
    assert (older.kind, older.by) == (RunKind.FEED, "test")
    assert newest.config_version == older.config_version + 1


# 9 A lost create


def test_9_a_lost_create_is_recognised_where_the_target_drops_external_ids(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    live.app.quirks.switch(ignored_attributes=("externalId",))
    live.app.quirks.add(cut_after_commit(), methods=("POST",))
    live.sync()
    live.later(seconds=60)
    email = told(live, joiner).email
    found = [account for account in live.app.state.accounts() if account["attributes"]["userName"] == email]
    assert [account["active"] for account in found] == [True]
    assert live.app.counters.requests(method="POST") == 1
    assert of(live, joiner, ChangeState.APPLIED, ChangeState.ALREADY_SO) == [(Action.CREATE, None)]
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.requests(method="POST") == 0


def test_9_the_pause_before_another_create_counts_from_the_last_lost_reply(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    live.app.quirks.add(cut_before_commit(), methods=("POST",))
    live.sync()
    live.later(seconds=10)
    live.app.quirks.switch(visibility_lag_seconds=3600)
    live.app.quirks.add(cut_after_commit(), methods=("POST",))
    live.later(seconds=31)
    assert live.app.counters.requests(method="POST") == 2
    live.later(seconds=15)
    assert live.app.counters.requests(method="POST") == 2
    live.app.quirks.switch(visibility_lag_seconds=0)
    live.later(seconds=31)
    assert live.app.counters.requests(method="POST") == 2
    assert is_open(live, joiner)


# 17 and 18 Tried again


def test_17_who_left_after_their_account_was_deleted_by_hand_gets_a_new_one_on_return(live: Relay) -> None:
    bob = somebody(live)
    live.app.state.delete_account(str(accounts(live)[bob]["id"]))
    live.personio.company.terminate(int(bob))
    live.sync()
    live.personio.company.rehire(int(bob))
    live.sync()
    assert is_open(live, bob)
    assert live.app.counters.creates(bob) == 1
    assert accounts(live)[bob]["userName"] == told(live, bob).email


def test_18_after_an_outage_of_hours_the_next_run_tries_everything_again(live: Relay) -> None:
    bob, (joiner,) = somebody(live), hire_many(live, 1)
    live.personio.company.terminate(int(bob))
    live.app.quirks.add(server_error(503), times=None)
    live.sync()
    for _ in range(40):
        live.later(minutes=5)
    assert is_open(live, bob)
    live.app.quirks.clear()
    live.sync()
    live.later(minutes=16)
    live.later(seconds=40)
    assert not is_open(live, bob)
    assert is_open(live, joiner)
    assert differences(live) == []
    live.sync()
    assert not codes(live) & {Code.TARGET_BUSY, Code.TARGET_UNREACHABLE}


def test_18_a_refusal_is_not_asked_again_at_once_but_by_the_next_daily_run(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    rule = live.app.quirks.add(refused(), methods=("POST",), times=2)
    live.sync()
    tomorrow(live, days=0.5)
    assert live.app.quirks.taken(rule) == 1
    tomorrow(live, days=0.49)
    assert live.app.quirks.taken(rule) == 2
    tomorrow(live, days=0.99)
    assert is_open(live, joiner)
