"""The whole house over two simulators, as `staffetta up` runs it, and the steps that are measured."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import redis

from adapters.clock import SystemClock
from adapters.redis.presence import Presence
from benchmarks.company import change_one_per_cent
from benchmarks.figures import Cell
from bootstrap.container import House, house, make_installation
from bootstrap.settings import read_settings
from bootstrap.up import ROLES, Supervisor, running
from domain.changes import Change, ChangeState
from domain.config import Configuration, Line
from domain.ids import ConfigVersion, RunId, TenantId
from domain.records import Connection
from domain.run import Figures, Outcome, Run
from domain.tenant import TenantState
from producers.activate import activate
from producers.on_demand import ask_for_feed
from producers.sent import Sent
from simulators.personio.control import Control
from simulators.personio.remote import spawned

ACME = TenantId("acme")
WARM_UP = TenantId("warm-up")
WARM_UP_CELL = Cell(people=200, page_ms=0, write_ms=0)
TOKEN = "benchmark"  # noqa: S105  of a simulator on this machine
MOST_ROWS = 1_000_000
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 30.0
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

CONFIG = Configuration(
    version=ConfigVersion(1),
    lines=(
        Line("email", "userName", required=True),
        Line("email", 'emails[type eq "work"].value'),
        Line("first_name", "name.givenName", required=True),
        Line("last_name", "name.familyName", required=True),
        Line("position", "title"),
        Line("department", f"{ENTERPRISE}:department"),
    ),
    unique_path="userName",
    match_path="userName",
)


class DidNotEndError(Exception):
    """Say that a run did not end well, or not in time; its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Done:
    """One finished run of the house, and how long it took from being asked for to its end."""

    run: Run
    seconds: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class Bench:
    """The running house with one tenant, its two ends, and a second application for the bare loop."""

    tenant_id: TenantId
    cell: Cell
    personio: Control
    app_url: str
    bare_url: str
    house: House
    supervisor: Supervisor

    @property
    def in_flight(self) -> int:
        """Tell how many requests to the target the house has in flight at most."""
        limits, hands = self.house.desk.limits, self.house.desk.hands
        return min(limits.envelopes * limits.people, getattr(hands, "_max_workers", sys.maxsize))

    def sync(self, key: str) -> Done:
        """Ask for a feed run, and wait until it has ended."""
        here, asked_at = self.house, SystemClock().now()
        asked = ask_for_feed(
            self.tenant_id,
            by="benchmark",
            key=key,
            plan_only=False,
            store=here.store,
            publisher=here.desk.publisher,
            ids=here.ids,
        )
        return self._done(asked.run.run_id, asked_at)

    def activate(self) -> Done:
        """Apply the first plan, and wait until it is done."""
        here, asked_at = self.house, SystemClock().now()
        given = activate(
            self.tenant_id,
            by="benchmark",
            store=here.store,
            publisher=here.desk.publisher,
            ids=here.ids,
            ring_more=here.ring_more,
        )
        assert isinstance(given, Sent)  # one yes is enough here
        return self._done(given.run.run_id, asked_at)

    def rows(self, run: Run) -> list[Change]:
        """Return the rows that were sent."""
        with self.house.store.read() as tx:
            return list(
                tx.changes.rows(
                    self.tenant_id, run_id=run.run_id, states=[ChangeState.APPLIED], limit=MOST_ROWS
                )
            )

    def links(self) -> int:
        """Count the accounts that we know of."""
        with self.house.store.read() as tx:
            return tx.links.count(self.tenant_id)

    def peaks(self) -> dict[str, int]:
        """Return the peak memory of each process, in kB."""
        return {child.name: peak_of(child.process.pid) for child in self.supervisor.children.values()}

    def _done(self, run_id: RunId, asked_at: datetime) -> Done:
        """Look now and then; the end itself is taken from the run's row, so looking costs no accuracy."""
        patience = PATIENCE_SECONDS + 0.2 * self.cell.people
        ends = time.monotonic() + patience
        while time.monotonic() < ends:
            with self.house.store.read() as tx:
                run = tx.runs.get(self.tenant_id, run_id)
                figures = tx.runs.figures(self.tenant_id, run_id) if run and run.ended_at else None
            if run and run.ended_at and figures is not None:
                if run.outcome is Outcome.FAILED:
                    raise DidNotEndError(f"a run failed: {run.code}")
                return Done(run, (run.ended_at - asked_at).total_seconds(), figures)
            time.sleep(POLL_SECONDS)
        raise DidNotEndError(f"a run was not over after {patience:.0f} s")


@contextlib.contextmanager
def built(cell: Cell) -> Iterator[Bench]:
    """Start simulators and house over an empty folder, and wait until every process lives."""
    with contextlib.ExitStack() as stack:
        personio = stack.enter_context(company(cell))
        app_url, bare_url = (stack.enter_context(application(cell)) for _ in range(2))
        home = Path(stack.enter_context(TemporaryDirectory(prefix="staffetta-bench-"))) / "var"
        home.mkdir(mode=0o700)
        _let_children_know(home)
        settings = read_settings()
        make_installation(settings)
        supervisor = stack.enter_context(running(settings, sys.stderr, home / "log.jsonl"))
        here = stack.enter_context(house(settings, supervisor.redis_url))
        _wait_for_everybody(here.redis)
        _warm_up(here, supervisor)
        _add_tenant(here, ACME, personio, app_url)
        yield Bench(ACME, cell, personio, app_url, bare_url, here, supervisor)


def _warm_up(here: House, supervisor: Supervisor) -> None:
    """Let a small company go through all that is measured, then stop it.

    A house that has been up for a minute has done all of it before: its statements are built, its threads
    are there. The bare loops are warmed up as well.
    """
    with company(WARM_UP_CELL) as personio, application(WARM_UP_CELL) as app_url:
        _add_tenant(here, WARM_UP, personio, app_url)
        small = Bench(WARM_UP, WARM_UP_CELL, personio, app_url, app_url, here, supervisor)
        small.sync("plan")
        small.activate()
        small.sync("unchanged")
        change_one_per_cent(personio, WARM_UP_CELL.people)
        small.sync("changed")
    with here.store.write() as tx:
        tx.tenants.move(WARM_UP, TenantState.STOPPED, None)


def company(cell: Cell) -> contextlib.AbstractContextManager[Control]:
    """Run a simulated Personio in a process of its own."""
    return spawned(["--employees", str(cell.people), "--no-rate-limits", "--latency-ms", str(cell.page_ms)])


@contextlib.contextmanager
def application(cell: Cell) -> Iterator[str]:
    """Run a simulated application in a process of its own, and yield its address."""
    command = [sys.executable, "-m", "simulators.scim", "--port", "0", "--token", TOKEN]
    command += ["--write-latency-ms", str(cell.write_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def peak_of(pid: int) -> int:
    """Read the most memory that a process ever had in RAM, in kB; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _let_children_know(home: Path) -> None:
    """Set what the processes of the house read; nothing of the operator's own settings may leak in."""
    for name in [name for name in os.environ if name.startswith("STAFFETTA_")]:
        del os.environ[name]
    os.environ.update(
        STAFFETTA_HOME=str(home), STAFFETTA_ALLOW_PRIVATE_TARGETS="1", STAFFETTA_RATE_LIMITS="off"
    )


def _wait_for_everybody(client: redis.Redis) -> None:
    """Starting Python is not what is measured."""
    presence, ends = Presence(client), time.monotonic() + 2 * PATIENCE_SECONDS
    while not presence.roles() >= ROLES:
        if time.monotonic() > ends:
            raise DidNotEndError("the house did not come up")
        time.sleep(POLL_SECONDS)


def _add_tenant(here: House, tenant_id: TenantId, personio: Control, app_url: str) -> None:
    connection = Connection(personio.url, personio.client_id, personio.client_secret, "scim", app_url, TOKEN)
    with here.store.write() as tx:
        tx.tenants.add(tenant_id, tenant_id.title(), "en", ["owner@acme.example"])
        tx.tenants.configure(tenant_id, CONFIG, "benchmark")
        tx.connections.put(tenant_id, connection)
        tx.tenants.move(tenant_id, TenantState.READY, None)
