"""A product that writes only at certain hours: plans are made any time, rows wait, humans need not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bootstrap.cli.person_view import person_data
from bootstrap.cli.run_view import run_data
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Configuration, Policy
from domain.events import EmployeeChanged
from domain.ids import PersonId
from domain.run import Outcome, Run
from domain.schedule import Every, Hours, Schedule
from domain.tenant import TenantState
from producers.schedule import tick
from simulators.scim.effects import server_error
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import hire_many, move, somebody
from tests.flow.truth import accounts, differences
from tests.flow.unharmed import live as activated
from tests.flow.unharmed import relay

__all__ = ["activated", "relay"]

STEP = timedelta(minutes=5)
HALF = timedelta(minutes=30)


@pytest.fixture
def live(activated: Relay) -> Relay:
    """A tenant of which everything is in line, by the lines that these tests use."""
    activated.configure(configuration(lines=SCIM_LINES))
    activated.sync()
    activated.app.counters.reset()
    return activated


def hours(live: Relay, begin: timedelta, end: timedelta) -> Configuration:
    """Write only from so long from now to so long from now."""
    now = live.desk.clock.now()
    at = Hours(*((now + each).time().replace(second=0, microsecond=0) for each in (begin, end)))
    return configuration(lines=SCIM_LINES, schedule=Schedule(Every(STEP), apply=at))


@pytest.fixture
def night(live: Relay) -> Relay:
    """A tenant that writes by itself only from two hours from now on, for two hours."""
    live.configure(hours(live, timedelta(hours=2), timedelta(hours=4)))
    return live


def slot(live: Relay) -> Run:
    """Let the next slot come, and carry out its run."""
    live.clock.ahead += STEP
    (run,) = tick(store=live.store, publisher=live.bells, ids=live.desk.ids).made
    live.drain()
    return live.run(run.run_id)


def waiting(live: Relay) -> list[Change]:
    return list(live.rows(ChangeState.WAITING))


def leave(live: Relay, person: PersonId) -> None:
    live.personio.company.terminate(int(person))


def promote(live: Relay, person: PersonId, title: str) -> None:
    live.personio.company.change(int(person), position=title)


def test_what_a_scheduled_run_wants_waits_for_the_hours_and_is_then_done_once(night: Relay) -> None:
    (joiner,) = hire_many(night, 1)
    leaver = somebody(night)
    leave(night, leaver)
    run = slot(night)
    assert run.outcome is Outcome.OK
    assert night.app.counters.writes == 0
    rows = {row.action: row for row in waiting(night)}
    assert {Action.CREATE, Action.DEACTIVATE} <= set(rows)
    now = night.desk.clock.now()
    for row in rows.values():
        assert row.why is Code.APPLY_HOURS
        assert row.due_at is not None
        assert timedelta(hours=1, minutes=50) < row.due_at - now < timedelta(hours=2)
    night.later(hours=1, minutes=50)
    assert night.app.counters.writes == 0
    night.later(minutes=11)
    assert waiting(night) == []
    assert differences(night) == []
    assert accounts(night)[leaver]["active"] is False
    assert accounts(night)[PersonId(joiner)]["active"] is True
    assert {row.why for row in night.rows(ChangeState.APPLIED)} == {None}


def test_the_wait_is_told_where_people_look(night: Relay) -> None:
    leaver = somebody(night)
    leave(night, leaver)
    run = slot(night)
    with night.store.read() as tx:
        tenant = tx.tenants.get(ACME)
        assert tenant is not None
        (pending,) = person_data(tx, tenant, leaver)["pending"]
        told = run_data(run, tx.runs.figures(ACME, run.run_id))
    assert pending["why"]["code"] == "schedule.apply-hours"
    assert pending["due_at"] > night.desk.clock.now()
    assert [each["code"] for each in told["whys"]] == ["schedule.apply-hours"]
    assert set(told["states"]) == {"waiting"}


def test_the_newest_wish_of_a_day_is_the_one_that_is_written(night: Relay) -> None:
    person = somebody(night)
    promote(night, person, "Lead")
    slot(night)
    promote(night, person, "Head")
    slot(night)
    slot(night)
    assert [row.after and row.after["title"] for row in waiting(night)] == ["Head"]
    night.later(hours=2)
    assert accounts(night)[person]["title"] == "Head"
    assert night.app.counters.writes == 1


def test_who_is_back_to_what_they_were_before_the_hours_is_not_written_at_all(night: Relay) -> None:
    person = somebody(night)
    before = accounts(night)[person]["title"]
    promote(night, person, "Lead")
    slot(night)
    promote(night, person, str(before))
    slot(night)
    night.later(hours=2)
    assert night.app.counters.writes == 0


def test_a_sync_that_a_human_asks_for_writes_at_once_also_what_waited(night: Relay) -> None:
    leave(night, somebody(night))
    promote(night, somebody(night, at=12), "Head")
    slot(night)
    assert len({row.person_id for row in waiting(night)}) >= 2
    run = night.sync()
    assert waiting(night) == []
    assert differences(night) == []
    night.later(seconds=20)
    assert night.run(run.run_id).outcome is Outcome.OK


def test_a_resync_of_one_person_writes_that_person_at_once_and_nobody_else(night: Relay) -> None:
    leaver, other = somebody(night), somebody(night, at=12)
    leave(night, leaver)
    promote(night, other, "Head")
    slot(night)
    night.sync_person(leaver)
    assert accounts(night)[leaver]["active"] is False
    assert [row.person_id for row in waiting(night)] == [other]


def test_what_a_human_approves_is_written_at_once(night: Relay) -> None:
    for at in range(10, 18):
        leave(night, somebody(night, at=at))
    slot(night)
    assert waiting(night) == []
    held = night.rows(ChangeState.HELD)
    assert held
    night.approve()
    assert night.app.counters.writes == len(held)


def test_an_envelope_that_comes_too_late_is_not_written(live: Relay) -> None:
    live.configure(hours(live, -HALF, HALF))
    promote(live, somebody(live), "Head")
    live.clock.ahead += STEP
    tick(store=live.store, publisher=live.bells, ids=live.desk.ids)
    while not isinstance(live.bells.rung[0], EmployeeChanged):
        live.take(live.bells.rung.pop(0))
    live.clock.ahead += HALF
    live.drain()
    assert live.app.counters.writes == 0
    (row,) = waiting(live)
    assert row.why is Code.APPLY_HOURS
    assert row.tries == 0
    live.later(hours=23, minutes=1)
    assert live.app.counters.writes == 1


def test_a_try_that_failed_is_not_repeated_outside_of_the_hours(live: Relay) -> None:
    live.configure(hours(live, -HALF, timedelta(minutes=8)))
    person = somebody(live)
    promote(live, person, "Head")
    live.app.quirks.add(server_error(503), methods=("PATCH",))
    slot(live)
    (row,) = waiting(live)
    assert row.why is not Code.APPLY_HOURS
    live.later(minutes=20)
    (row,) = waiting(live)
    assert row.why is not Code.APPLY_HOURS, "why it failed is still told"
    assert row.due_at is not None
    assert row.due_at - live.desk.clock.now() > timedelta(hours=20)
    live.later(hours=23, minutes=10)
    assert accounts(live)[person]["title"] == "Head"


def test_a_new_schedule_counts_at_once_for_what_waits(night: Relay) -> None:
    promote(night, somebody(night), "Head")
    slot(night)
    later = replace(hours(night, timedelta(hours=1), timedelta(hours=4)))
    night.configure(later)
    night.later(seconds=20)
    (row,) = waiting(night)
    assert row.due_at is not None
    assert row.due_at - night.desk.clock.now() <= timedelta(hours=1)
    night.configure(configuration(lines=SCIM_LINES))
    night.later(seconds=20)
    assert waiting(night) == []
    assert differences(night) == []


def test_a_removal_that_waited_for_its_day_waits_for_the_hours_as_well(live: Relay) -> None:
    config = hours(live, timedelta(hours=2), timedelta(hours=4))
    live.configure(replace(config, policy=Policy(wait_left=timedelta(hours=1))))
    leaver = somebody(live)
    leave(live, leaver)
    slot(live)
    live.later(hours=1, minutes=10)
    slot(live)
    (row,) = [each for each in waiting(live) if each.action is Action.DEACTIVATE]
    assert row.why is Code.REMOVAL_WAITS
    assert accounts(live)[leaver]["active"] is True
    live.later(minutes=50)
    assert accounts(live)[leaver]["active"] is False


def test_rows_that_wait_for_the_hours_survive_a_stop(night: Relay) -> None:
    person = somebody(night)
    promote(night, person, "Head")
    slot(night)
    move(night, TenantState.STOPPED)
    night.later(hours=3)
    assert night.app.counters.writes == 0
    move(night, TenantState.ACTIVE)
    night.later(seconds=20)
    slot(night)
    assert accounts(night)[person]["title"] == "Head"
