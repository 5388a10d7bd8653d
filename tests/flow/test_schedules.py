"""Slots and humans ask for runs of one tenant at the same time: nothing overlaps, and nothing is lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.run import Outcome, Phase, Run, RunKind
from domain.schedule import Every, Hours, Schedule
from producers.on_demand import Asked, ask_for_feed
from producers.schedule import tick
from producers.setbacks import Stepped, look_after
from simulators.personio.actions import Refuse
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import LIST_PATH, hire_many
from tests.flow.truth import differences
from tests.flow.unharmed import live as activated
from tests.flow.unharmed import relay

__all__ = ["activated", "relay"]

HOUR = timedelta(hours=1)


@pytest.fixture
def live(activated: Relay) -> Relay:
    """A tenant that runs every hour."""
    activated.configure(configuration(lines=SCIM_LINES, schedule=Schedule(Every(HOUR))))
    activated.sync()
    activated.app.counters.reset()
    return activated


def make_runs(live: Relay) -> tuple[Run, ...]:
    return tick(store=live.store, publisher=live.bells, ids=live.desk.ids).made


def ask(live: Relay) -> Asked:
    return ask_for_feed(
        ACME,
        by="ada",
        key=live.desk.ids.new(),
        plan_only=False,
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
    )


def busy(live: Relay) -> list[Run]:
    with live.store.read() as tx:
        runs = tx.runs.newest(ACME, 50)
    reads = (Phase.READING, Phase.LISTING, Phase.CONCLUDING)
    return [run for run in runs if run.kind is RunKind.FEED and run.phase in reads]


def test_h8_who_asks_by_hand_before_a_scheduled_run_has_read_joins_it(live: Relay) -> None:
    live.clock.ahead += HOUR
    (scheduled,) = make_runs(live)
    asked = ask(live)
    assert (asked.run.run_id, asked.joined, asked.late) == (scheduled.run_id, True, False)
    assert len(busy(live)) == 1
    hire_many(live, 1)
    live.drain()
    assert differences(live) == []
    assert live.app.counters.writes >= 1


def test_h8_who_asks_while_it_reads_is_told_so_and_gets_a_run_of_their_own_afterwards(live: Relay) -> None:
    live.clock.ahead += HOUR
    (scheduled,) = make_runs(live)
    live.take(live.bells.rung.pop(0))
    hire_many(live, 1)
    asked = ask(live)
    assert asked.run.run_id == scheduled.run_id
    assert asked.joined
    assert len(busy(live)) <= 1, "never two readings, so never two writers of one plan"
    live.drain()
    live.later(seconds=20)
    again = ask(live)
    assert again.run.run_id != scheduled.run_id
    assert not again.joined
    live.drain()
    assert differences(live) == []


def test_h6_h8_a_slot_that_comes_while_a_human_s_run_reads_is_kept_until_it_is_done(live: Relay) -> None:
    ask(live)
    live.clock.ahead += HOUR
    assert make_runs(live) == ()
    live.clock.ahead += HOUR
    assert make_runs(live) == ()
    assert len(busy(live)) == 1
    live.later(seconds=20)
    assert busy(live) == []
    (run,) = make_runs(live)
    assert run.missed >= 1
    assert make_runs(live) == ()


def test_in_quiet_hours_a_human_s_run_begins_and_none_by_itself(live: Relay) -> None:
    now = live.desk.clock.now().replace(second=0, microsecond=0)
    quiet = Hours((now - HOUR).time(), (now + 3 * HOUR).time())
    live.configure(configuration(lines=SCIM_LINES, schedule=Schedule(Every(HOUR), quiet=(quiet,))))
    live.clock.ahead += 2 * HOUR
    assert make_runs(live) == ()
    assert not ask(live).joined
    live.drain()
    live.clock.ahead += HOUR
    (run,) = make_runs(live)
    assert run.missed == 0


def test_another_try_after_a_failed_run_waits_for_the_end_of_quiet_hours(live: Relay) -> None:
    live.personio.fault(Refuse(), path=LIST_PATH, count=None)
    live.clock.ahead += HOUR
    make_runs(live)
    for _ in range(4):
        live.later(minutes=2)
    failed = newest(live)
    assert failed.outcome is Outcome.FAILED
    now = live.desk.clock.now().replace(second=0, microsecond=0)
    quiet = Hours((now - HOUR).time(), (now + HOUR).time())
    usual = configuration(lines=SCIM_LINES, schedule=Schedule(Every(timedelta(days=7))))
    live.configure(replace(usual, schedule=replace(usual.schedule, quiet=(quiet,))))
    live.clock.ahead += HOUR / 2
    assert [step.run_id for step in try_again(live) if step.run_id] == []
    assert newest(live) == failed
    live.clock.ahead += HOUR
    (step,) = [step for step in try_again(live) if step.run_id]
    assert newest(live).run_id == step.run_id


def newest(live: Relay) -> Run:
    with live.store.read() as tx:
        return tx.runs.newest(ACME, 1)[0]


def try_again(live: Relay) -> Sequence[Stepped]:
    return look_after(store=live.store, publisher=live.bells, ids=live.desk.ids, failed={})
