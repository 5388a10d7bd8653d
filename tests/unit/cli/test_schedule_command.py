"""`schedule` says when the next runs begin and what was missed; `doctor` says who is silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.database.store import SqlStore, open_store
from adapters.vault import MasterKey, TenantVault
from domain.codes import Code
from domain.ids import IncidentId, RunId, TenantId
from domain.records import NewRun
from domain.run import SCHEDULE, Outcome, RunKind
from domain.tenant import TenantState
from tests.contracts.store.builders import HandClock
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SLOT = LONG_AGO.replace(hour=3).isoformat()

IN_BERLIN = """
[schedule]
cron = "0 4 * * mon-fri"
zone = "Europe/Berlin"
quiet = ["06:00-20:00"]
apply = "20:00-06:00"
jitter = "10m"
"""


@contextmanager
def once(terminal: Terminal, at: datetime) -> Iterator[SqlStore]:
    """Open the store as it was opened then."""
    vault = TenantVault(MasterKey.from_file(terminal.home / "master.key"))
    store = open_store(f"sqlite:///{terminal.home / 'staffetta.sqlite'}", vault, clock=HandClock(at))
    yield store
    store.close()


@pytest.fixture
def active(acme: Terminal, tmp_path: Path) -> Terminal:
    """A tenant that is active since January, of which one run ended well, and none since."""
    path = tmp_path / "acme.toml"
    path.write_text(f'profile = "generic"\n{IN_BERLIN}')
    assert acme.type("config", "set", "acme", "--file", path).code == 0
    with once(acme, LONG_AGO) as store, store.write() as tx:
        for state in (TenantState.READY, TenantState.ACTIVE):
            assert tx.tenants.move(ACME, state, None)
        config = tx.tenants.configuration(ACME)
        assert config is not None
        new = NewRun(RunKind.FEED, SLOT, SCHEDULE, missed=2)
        assert tx.runs.add(ACME, RunId("run-1"), new, config.version)
        tx.runs.end(ACME, RunId("run-1"), Outcome.OK)
    return acme


def test_the_next_five_runs_are_told_in_the_zone_and_in_utc(active: Terminal) -> None:
    told = active.json("schedule", "acme")
    assert told["schedule"].startswith("cron «0 4 * * mon-fri», Europe/Berlin time, quiet 06:00-20:00")
    assert len(told["next"]) == 5
    for each in told["next"]:
        begins = datetime.fromisoformat(each["begins_at"])
        lag = begins - datetime.fromisoformat(each["slot"])
        assert lag == timedelta(seconds=told["begins_later_by_seconds"])
        assert each["local"].split()[0] in {"Mon", "Tue", "Wed", "Thu", "Fri"}
        assert each["local"].split()[2].startswith("04:0")
        assert each["local"].endswith(("CET", "CEST"))
        assert begins > datetime(2026, 1, 1, tzinfo=UTC)
    assert (told["apply"], told["quiet"]) == ("20:00-06:00", ["06:00-20:00"])
    shown = active.type("schedule", "acme").out
    assert "begins (Europe/Berlin)" in shown
    assert "begins (UTC)" in shown


def test_a_tenant_whose_zone_is_utc_reads_each_moment_once(acme: Terminal) -> None:
    shown = acme.type("schedule", "acme").out
    assert shown.count("begins (UTC)") == 1
    assert "UTC  " not in shown.partition("begins (UTC)")[2]


def test_h2_the_last_slot_and_what_it_caught_up_on_are_told(active: Terminal) -> None:
    last = active.json("schedule", "acme")["last"]
    assert (last["slot"], last["run"], last["outcome"], last["missed"]) == (SLOT, "run-1", "ok", 2)
    assert "caught up on 2 that were missed" in active.type("schedule", "acme").out
    assert "schedule (+2 missed)" in " ".join(active.type("runs", "acme").out.split())


def test_m8_a_silent_tenant_is_told_by_schedule_and_by_doctor_though_everything_is_dead(
    active: Terminal,
) -> None:
    told = active.json("schedule", "acme")
    assert told["silent"] is True
    assert told["silent_from"].startswith("2026-01-07T04:0")
    found = {each["about"]: each for each in active.type("doctor", "--json").data["findings"]}
    assert found["tenant acme"]["health"] == "problem"
    assert "two intervals" in found["tenant acme"]["what"]
    assert "staffetta schedule acme" in found["tenant acme"]["cure"]


def test_who_is_not_active_is_not_silent_and_is_told_that_nothing_begins(acme: Terminal) -> None:
    told = acme.json("schedule", "acme")
    assert (told["silent"], told["runs_by_itself"], told["last"], told["silent_from"]) == (
        False,
        False,
        None,
        None,
    )
    assert "Nothing begins by itself now: the tenant is setup" in acme.type("schedule", "acme").out


def test_a_zone_that_this_machine_does_not_know_is_a_finding(active: Terminal) -> None:
    with active.store() as store, store.write() as tx:
        config = tx.tenants.configuration(ACME)
        assert config is not None
        lost = replace(config, schedule=replace(config.schedule, zone="Mars/Base"))
        tx.tenants.configure(ACME, lost, "test")
    found = {each["about"]: each for each in active.type("doctor", "--json").data["findings"]}
    assert found["tenant acme"]["health"] == "problem"


def test_an_incident_that_stands_does_not_hide_the_silence(active: Terminal) -> None:
    with active.store() as store, store.write() as tx:
        tx.incidents.open(ACME, IncidentId("i1"), Code.NO_SUCCESS, "", 1, None)
    found = {each["about"]: each for each in active.type("doctor", "--json").data["findings"]}
    assert "two intervals" in found["tenant acme"]["what"]
