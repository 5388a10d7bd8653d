"""Two schedulers over one store: each slot becomes one run, and one tenant's trouble is nobody else's."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from multiprocessing.connection import Connection
from threading import Barrier

from adapters.clock import SystemIds
from adapters.database.store import SqlStore, open_store
from adapters.vault import TenantVault
from domain.events import Event
from domain.ids import TenantId
from domain.run import Outcome, Run
from domain.schedule import Daily, Every, Schedule
from domain.tenant import TenantState
from producers.schedule import Ticked, tick
from tests.contracts.store.builders import HandClock, add_tenant, configuration
from tests.contracts.store.conftest import MASTER

PATIENCE_S = 60
READY = -1
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


def tick_once(database_url: str, now: datetime, line: Connection) -> None:
    """Be a scheduler process: open the store, wait for the word, tick, and tell how many runs were made."""
    store = open_store(database_url, TenantVault(MASTER), clock=HandClock(now))
    line.send(READY)
    line.recv()
    line.send(len(ticked(store, Bells()).made))
    store.close()


@contextmanager
def scheduler_process(database_url: str, now: datetime) -> Iterator[Connection]:
    """Fork a process from one that has everything loaded, which costs a tenth of a new interpreter."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", __name__])
    line, theirs = context.Pipe()
    process = context.Process(target=tick_once, args=(database_url, now, theirs))
    process.start()
    theirs.close()
    yield line
    process.join(PATIENCE_S)
    assert process.exitcode == 0


def heard(line: Connection) -> int:
    """Wait for what a process says."""
    assert line.poll(PATIENCE_S)
    return int(line.recv())


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
    with (
        scheduler_process(database_url, clock.now()) as one,
        scheduler_process(database_url, clock.now()) as other,
    ):
        assert [heard(line) for line in (one, other)] == [READY, READY]
        for line in (one, other):
            line.send("go")
        made = [heard(line) for line in (one, other)]
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
