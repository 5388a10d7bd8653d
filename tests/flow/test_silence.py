"""A relay that does nothing says so: no success for two intervals is told once, until the next one."""

from datetime import timedelta

import pytest

from domain.codes import Code
from domain.events import IncidentChanged
from domain.ids import TenantId
from domain.records import Incident
from domain.schedule import Every, Schedule
from domain.tenant import Tenant, TenantState
from producers.schedule import tick
from producers.silence import is_silent, tell_silence
from simulators.personio.actions import Refuse
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import LIST_PATH, move
from tests.flow.unharmed import live as activated
from tests.flow.unharmed import relay

__all__ = ["activated", "relay"]

HOUR = timedelta(hours=1)


@pytest.fixture
def live(activated: Relay) -> Relay:
    """A tenant that runs every hour, and ran a moment ago."""
    activated.configure(configuration(lines=SCIM_LINES, schedule=Schedule(Every(HOUR))))
    activated.sync()
    return activated


def watch(live: Relay) -> list[TenantId]:
    """Do what the scheduler does after its runs."""
    told = tell_silence(store=live.store, publisher=live.bells, ids=live.desk.ids)
    live.drain()
    return told


def make_runs(live: Relay) -> int:
    return len(tick(store=live.store, publisher=live.bells, ids=live.desk.ids).made)


def alarm(live: Relay) -> list[Incident]:
    return [incident for incident in live.incidents() if incident.code is Code.NO_SUCCESS]


def lose_all_workers(live: Relay) -> None:
    """Let nobody hear what was rung."""
    live.bells.rung.clear()


def tenant(live: Relay) -> Tenant:
    with live.store.read() as tx:
        found = tx.tenants.get(ACME)
    assert found is not None
    return found


def test_m8_workers_that_are_dead_for_two_intervals_are_told_once_until_a_run_ends_well(live: Relay) -> None:
    told = []
    for _ in range(16):
        live.clock.ahead += HOUR / 4
        make_runs(live)
        lose_all_workers(live)
        told += watch(live)
        if live.clock.ahead <= 2 * HOUR:
            assert told == [], "two intervals are not over"
    assert told == [ACME]
    (incident,) = alarm(live)
    assert incident.told_open_at is not None
    assert incident.detail.startswith("last success: 20")
    live.later(minutes=1)
    assert alarm(live) == []
    assert watch(live) == []
    told_of = [event for event in live.bells.history if isinstance(event, IncidentChanged)]
    assert [event.incident_id for event in told_of].count(incident.incident_id) == 2, "opened, and over"


def test_m8_runs_that_fail_for_two_intervals_are_told(live: Relay) -> None:
    live.personio.fault(Refuse(), path=LIST_PATH, count=None)
    for _ in range(4):
        live.later(hours=1)
        make_runs(live)
        live.drain()
        live.later(minutes=10)
        watch(live)
    assert {incident.code for incident in live.incidents()} >= {Code.NO_SUCCESS, Code.FEED_BROKEN}


def test_m8_nothing_is_told_while_runs_end_well(live: Relay) -> None:
    for _ in range(8):
        live.clock.ahead += HOUR / 2
        make_runs(live)
        live.drain()
        assert watch(live) == []


def test_h2_a_scheduler_that_was_away_catches_up_before_it_tells_anybody(live: Relay) -> None:
    live.clock.ahead += 8 * HOUR
    with live.store.read() as tx:
        assert is_silent(tx, tenant(live)), "doctor says so while nobody else can"
    assert make_runs(live) == 1
    assert watch(live) == [], "the run that catches up may still end well"
    live.drain()
    assert watch(live) == []


@pytest.mark.parametrize("state", [TenantState.PAUSED, TenantState.BLOCKED, TenantState.STOPPED])
def test_m8_who_may_not_run_by_itself_has_an_alarm_of_its_own(live: Relay, state: TenantState) -> None:
    move(live, state)
    live.clock.ahead += 8 * HOUR
    assert watch(live) == []


def test_m8_a_tenant_that_comes_back_has_two_intervals_from_then(live: Relay) -> None:
    move(live, TenantState.PAUSED)
    live.clock.ahead += 8 * HOUR
    move(live, TenantState.ACTIVE)
    assert watch(live) == []
    live.clock.ahead += 4 * HOUR
    assert watch(live) == [ACME]


def test_m8_a_preview_is_no_success(live: Relay) -> None:
    live.clock.ahead += 3 * HOUR
    live.sync(plan_only=True)
    live.clock.ahead += HOUR
    assert watch(live) == [ACME]


def test_two_schedulers_tell_it_once(live: Relay) -> None:
    live.clock.ahead += 8 * HOUR
    assert watch(live) + watch(live) == [ACME]
