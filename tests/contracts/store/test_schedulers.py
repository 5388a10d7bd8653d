"""Two schedulers over one store: each slot becomes one run, and one tenant's trouble is nobody else's."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from subprocess import PIPE
from threading import Barrier

from adapters.clock import SystemIds
from adapters.database.store import SqlStore
from domain.events import Event
from domain.ids import TenantId
from domain.run import Outcome, Run
from domain.schedule import Daily, Every, Schedule
from domain.tenant import TenantState
from producers.schedule import Ticked, tick
from tests.contracts.store.builders import HandClock, add_tenant, configuration

ROOT = Path(__file__).parents[3]
ONE_TICK = """
import sys
from datetime import datetime
from adapters.database.store import open_store
from adapters.vault import TenantVault
from tests.contracts.store.builders import HandClock
from tests.contracts.store.conftest import MASTER
from tests.contracts.store.test_schedulers import Bells, ticked
clock = HandClock(datetime.fromisoformat(sys.argv[2]))
store = open_store(sys.argv[1], TenantVault(MASTER), clock=clock)
print("ready", flush=True)
sys.stdin.readline()
print(len(ticked(store, Bells()).made), flush=True)
"""
HOURLY = configuration(schedule=Schedule(Every(timedelta(hours=1))))


class Bells:
    """Count what is rung."""

    def __init__(self) -> None:
        self.rung: list[Event] = []

    def ring(self, events: Sequence[Event]) -> None:
        """Note them."""
        self.rung += events


def active(store: SqlStore, count: int) -> list[TenantId]:
    """Make so many tenants whose schedule is on."""
    tenants = [TenantId(f"tenant-{number:03}") for number in range(count)]
    for tenant_id in tenants:
        add_tenant(store, tenant_id, HOURLY)
        with store.write() as tx:
            assert tx.tenants.move(tenant_id, TenantState.READY, None)
            assert tx.tenants.move(tenant_id, TenantState.ACTIVE, None)
    return tenants


def ticked(store: SqlStore, bells: Bells) -> Ticked:
    return tick(store=store, publisher=bells, ids=SystemIds())


def end(store: SqlStore, made: Sequence[Run]) -> None:
    with store.write() as tx:
        for run in made:
            tx.runs.end(run.tenant_id, run.run_id, Outcome.OK)


def test_h1_a_thousand_slots_of_two_schedulers_at_once_are_a_thousand_runs(
    store: SqlStore, clock: HandClock
) -> None:
    tenants, bells = active(store, 50), (Bells(), Bells())
    made: list[Run] = []
    together = Barrier(2)

    def scheduler(number: int) -> Ticked:
        together.wait()
        return ticked(store, bells[number])

    with ThreadPoolExecutor(2) as both:
        for _ in range(20):
            clock.advance(timedelta(hours=1))
            fresh = [run for each in both.map(scheduler, range(2)) for run in each.made]
            end(store, fresh)
            made += fresh
    assert Counter(run.tenant_id for run in made) == dict.fromkeys(tenants, 20)
    assert len({(run.tenant_id, run.slot) for run in made}) == len(made) == 1_000
    assert sum(len(each.rung) for each in bells) == 1_000
    assert {run.missed for run in made} == {0}


def test_h1_two_scheduler_processes_at_the_same_moment_make_one_run_for_each_slot(
    store: SqlStore, clock: HandClock, database_url: str
) -> None:
    tenants = active(store, 50)
    clock.advance(timedelta(hours=1))
    words = [sys.executable, "-c", ONE_TICK, database_url, clock.now().isoformat()]
    both = [subprocess.Popen(words, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    made = [0, 0]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for number, process in enumerate(both):
        made[number] = int(process.communicate(timeout=60)[0])
        assert process.returncode == 0
    with store.read() as tx:
        runs = tx.runs.newest(None, 1_000)
    assert sum(made) == len(runs) == len(tenants)
    assert {run.tenant_id for run in runs} == set(tenants)


def test_h2_after_two_hours_without_a_scheduler_each_tenant_has_one_run_that_says_what_was_missed(
    store: SqlStore, clock: HandClock
) -> None:
    active(store, 3)
    clock.advance(timedelta(hours=1))
    end(store, ticked(store, Bells()).made)
    clock.advance(timedelta(hours=3))
    made = ticked(store, Bells()).made
    assert [run.missed for run in made] == [2, 2, 2]
    assert ticked(store, Bells()).made == ()
    with store.read() as tx:
        assert [tx.runs.get(run.tenant_id, run.run_id) for run in made] == list(made)


def test_h6_slots_that_come_while_a_run_reads_become_one_run_when_it_is_done(
    store: SqlStore, clock: HandClock
) -> None:
    active(store, 1)
    clock.advance(timedelta(hours=1))
    (first,) = ticked(store, Bells()).made
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        assert ticked(store, Bells()).made == ()
    end(store, [first])
    (second,) = ticked(store, Bells()).made
    assert second.missed == 2
    assert ticked(store, Bells()).made == ()


def test_a_tenant_whose_schedule_cannot_be_computed_keeps_no_other_waiting(
    store: SqlStore, clock: HandClock
) -> None:
    lost, other = active(store, 2)
    with store.write() as tx:
        tx.tenants.configure(lost, replace(HOURLY, schedule=Schedule(Daily(time(4)), "Mars/Base")), "x")
    clock.advance(timedelta(hours=1))
    found = ticked(store, Bells())
    assert [run.tenant_id for run in found.made] == [other]
    assert set(found.failed) == {lost}
