"""Whoever stood still between the look at a lease and the socket sends nothing: somebody else has the row."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import AccountId, PersonId
from domain.ports import Store
from domain.ports_world import Target
from tests.flow.misfortunes import SleepyHands, SleepyStore, SleepyTarget, pocket_envelopes, with_ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin, codes, hire_many
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences
from workers.seconds import CLOSED

__all__ = ["live"]

LEASE_IS_OVER = 61


@pytest.fixture
def person(live: Relay) -> PersonId:
    return somebody(live)


def titles(live: Relay) -> dict[object, int]:
    """Count how often each title was written; another hand sent the older one once, as it should."""
    changes = live.app.counters.state_changes
    return {value: count for (_, name, value), count in changes.items() if name == "title"}


def stand_still(live: Relay, meanwhile: Callable[[], object], *, deep: bool = False) -> None:
    """Let a worker stand still within its first write, perhaps after the last look; another one goes on."""
    begin(live)
    (older,) = pocket_envelopes(live)
    awake = live.desk

    def all_the_while() -> None:
        live.desk = replace(awake)
        meanwhile()

    asked = awake.accounts if deep else None
    target = SleepyTarget(awake.accounts.target(ACME), all_the_while, deep=asked)
    with with_ends(live, target=cast("Target", target)):
        live.take(older)
    live.drain()


def test_a2_a10_nobody_is_made_twice_though_the_first_hand_looked_at_its_lease_before(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)

    def meanwhile() -> None:
        live.personio.company.change(int(joiner), last_name="Doe", email="doe@acme.example")
        live.later(seconds=LEASE_IS_OVER)
        live.sync()
        assert live.app.counters.creates(joiner) == 1

    stand_still(live, meanwhile)
    assert live.app.counters.requests(method="POST") == 1
    live.later(seconds=35)
    live.sync()
    assert differences(live) == []


def test_a10_no_older_value_follows_the_newer_though_the_lease_was_looked_at(
    live: Relay, person: PersonId
) -> None:
    live.personio.company.change(int(person), position="Old")

    def meanwhile() -> None:
        live.personio.company.change(int(person), position="New")
        live.later(seconds=LEASE_IS_OVER)
        live.sync()

    stand_still(live, meanwhile)
    assert titles(live) == {"Old": 1, "New": 1}
    live.sync()
    assert differences(live) == []
    assert accounts(live)[person]["title"] == "New"


def test_a10_what_is_held_back_in_the_last_moment_is_sent_when_the_row_is_taken_again(
    live: Relay, person: PersonId
) -> None:
    live.personio.company.change(int(person), position="Duchess")

    def meanwhile() -> None:
        live.clock.ahead += timedelta(seconds=20)

    stand_still(live, meanwhile)
    assert live.app.counters.writes == 0
    assert [row.tries for row in live.rows(ChangeState.WAITING)] == [0]
    live.later(seconds=60)
    assert accounts(live)[person]["title"] == "Duchess"
    assert Code.TARGET_UNREACHABLE not in codes(live)


def test_a10_a_lease_is_as_old_as_its_transaction_though_the_process_stood_still_in_it(
    live: Relay, person: PersonId
) -> None:
    live.personio.company.change(int(person), position="Old")
    begin(live)
    (older,) = pocket_envelopes(live)
    awake = live.desk

    def asleep() -> None:
        live.clock.ahead += timedelta(seconds=LEASE_IS_OVER)

    def meanwhile() -> None:
        live.desk = awake
        live.personio.company.change(int(person), position="New")
        live.later(seconds=5)
        live.sync()
        assert accounts(live)[person]["title"] == "New"

    store = cast("Store", SleepyStore(awake.store, asleep))
    live.desk = replace(awake, store=store, hands=SleepyHands(meanwhile))
    live.take(older)
    live.drain()
    assert titles(live) == {"Old": 1, "New": 1}


def make_twice(live: Relay, *, renamed: bool) -> PersonId:
    """Hire somebody whom two hands make, since one of them stood still in front of the socket."""
    (joiner,) = hire_many(live, 1)

    def meanwhile() -> None:
        if renamed:
            live.personio.company.change(int(joiner), email="doe@acme.example")
        live.later(seconds=LEASE_IS_OVER)
        live.sync()

    stand_still(live, meanwhile, deep=True)
    return PersonId(joiner)


def opened(live: Relay, person: PersonId) -> list[str]:
    """List the names of all open accounts of one person."""
    theirs = [each for each in live.app.state.accounts() if each["externalId"] == person and each["active"]]
    return [str(each["attributes"]["userName"]) for each in theirs]


def test_a2_a_second_account_of_the_same_name_is_refused_by_the_application(live: Relay) -> None:
    joiner = make_twice(live, renamed=False)
    assert live.app.counters.creates(joiner) == 1
    assert differences(live) == []


@pytest.mark.parametrize("leaves", [False, True])
def test_a2_a_second_account_that_a_late_request_made_is_closed(live: Relay, *, leaves: bool) -> None:
    joiner = make_twice(live, renamed=True)
    assert len(opened(live, joiner)) == 2
    if leaves:
        live.personio.company.terminate(int(joiner))
    live.sync()
    assert opened(live, joiner) == ([] if leaves else ["doe@acme.example"])
    assert CLOSED in [row.detail for row in live.rows() if row.person_id == joiner]
    written = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == written


def test_a2_a_second_account_that_somebody_gave_another_owner_is_left_alone(live: Relay) -> None:
    joiner = make_twice(live, renamed=True)
    (late,) = [each for each in live.app.state.accounts() if is_late(each, joiner)]
    target = live.desk.accounts.target(ACME)
    target.update(AccountId(str(late["id"])), {}, external_id="somebody else's")
    live.sync()
    again = next(each for each in live.app.state.accounts() if each["id"] == late["id"])
    assert again["active"] is True
    assert opened(live, joiner) == ["doe@acme.example"]


def is_late(account: Mapping[str, Any], person: PersonId) -> bool:
    return bool(account["externalId"] == person and account["attributes"]["userName"] != "doe@acme.example")
