"""Two workers at once, locks that last, bells for what is not there: nothing interleaves or gets lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.database.engine import connect
from adapters.database.errors import StoreAwayError
from adapters.database.store import SqlStore, open_store
from adapters.vault import MasterKey, TenantVault
from domain.events import ConcludeDue, EmployeeChanged, Event, IncidentChanged, PageDue, RunDue
from domain.ids import ChangeId, EnvelopeId, IncidentId, RunId
from domain.outcomes import Did, HandlerOutcome, Nothing
from tests.flow.misfortunes import doubled_writes, harm, pocket_envelopes
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin, hire_many, somebody, sweep_only
from tests.flow.truth import differences
from workers.actors import handle
from workers.desk import Desk

SLOW_MS = 300
RUN, ROW = RunId("rolled-back"), ChangeId("rolled-back")
OF_NOTHING: list[Event] = [
    RunDue(ACME, RUN),
    PageDue(ACME, RUN, 1),
    ConcludeDue(ACME, RUN),
    EmployeeChanged(ACME, RUN, EnvelopeId("rolled-back"), (ROW,)),
    IncidentChanged(ACME, IncidentId("rolled-back")),
]


@pytest.fixture
def live(relay: Relay) -> Relay:
    relay.later()
    relay.go_live()
    relay.app.counters.reset()
    relay.personio.reset_counters()
    return relay


@pytest.fixture
def another(live: Relay, tmp_path: Path) -> Iterator[Desk]:
    """The desk of a second process: connections and hands of its own."""
    vault = TenantVault(MasterKey.from_file(tmp_path / "home" / "master.key"))
    url = f"sqlite:///{tmp_path / 'home' / 'store.sqlite'}"
    with closing(open_store(url, vault, clock=live.clock)) as store, ThreadPoolExecutor(8) as hands:
        yield replace(live.desk, store=store, vault=store.vault, hands=hands)


@pytest.fixture
def hasty(live: Relay, tmp_path: Path) -> Iterator[SqlStore]:
    """The same store for somebody with little patience."""
    vault = TenantVault(MasterKey.from_file(tmp_path / "home" / "master.key"))
    url = f"sqlite:///{tmp_path / 'home' / 'store.sqlite'}"
    with closing(SqlStore(connect(url, patience_s=0.05), vault, live.clock)) as store:
        yield store


def told(_: object) -> HandlerOutcome:
    return Did("told")


def change_twelve(live: Relay) -> None:
    """Let six join and six be promoted."""
    hire_many(live, 6)
    for at in range(6):
        live.personio.company.change(int(somebody(live, at=at)), position=f"Chief {at}")


def test_a14_two_workers_with_the_same_envelopes_never_write_to_one_person_at_once(
    live: Relay, another: Desk
) -> None:
    change_twelve(live)
    begin(live)
    envelopes = pocket_envelopes(live)
    assert envelopes
    live.app.quirks.switch(write_latency_ms=SLOW_MS)
    with ThreadPoolExecutor(4) as workers:
        both = [
            workers.submit(handle, event, desk, told) for event in envelopes for desk in (live.desk, another)
        ]
        outcomes = [each.result() for each in both]
    assert any(isinstance(each, Nothing) for each in outcomes)
    live.drain()
    live.later(seconds=20)
    assert live.app.counters.overlapping_writes == {}
    assert [*harm(live), *doubled_writes(live), *differences(live)] == []


def test_a14_newer_news_of_a_person_wait_until_the_older_were_written(live: Relay, another: Desk) -> None:
    anna = somebody(live)
    live.personio.company.change(int(anna), position="Chief")
    begin(live)
    (envelope,) = pocket_envelopes(live)
    live.app.quirks.switch(write_latency_ms=SLOW_MS)
    with ThreadPoolExecutor(1) as worker:
        slow = worker.submit(handle, envelope, another, told)
        live.personio.company.change(int(anna), position="Chief of Chiefs")
        live.sync_person(anna)
        slow.result()
    live.drain()
    live.later(seconds=20)
    assert live.app.counters.overlapping_writes == {}
    assert [*doubled_writes(live), *differences(live)] == []


def test_a20_bells_for_what_was_rolled_back_ask_nobody_for_anything(live: Relay) -> None:
    before = live.rows()
    for event in OF_NOTHING:
        live.take(event)
    assert live.app.counters.requests() == 0
    assert live.personio.counters().requests == {}
    assert live.rows() == before
    assert live.bells.rung == []


def test_c1_a_lock_that_outlasts_all_patience_costs_every_bell_and_no_change(
    live: Relay, hasty: SqlStore
) -> None:
    change_twelve(live)
    begin(live)
    patient, locked = live.desk, 0
    for _ in range(12):
        rung, live.bells.rung = live.bells.rung, []
        with live.store.write():
            live.desk = replace(patient, store=hasty)
            for event in rung:
                with pytest.raises(StoreAwayError):
                    live.take(event)
                locked += 1
        live.desk = patient
        live.clock.ahead += live.desk.limits.page_lease
        for event in sweep_and_collect(live):
            live.take(event)
    assert locked >= 3
    live.drain()
    live.later(seconds=76)
    assert [*harm(live), *doubled_writes(live), *differences(live)] == []


def sweep_and_collect(live: Relay) -> list[Event]:
    """Sweep, and take away what was rung for."""
    sweep_only(live)
    rung, live.bells.rung = live.bells.rung, []
    return rung
