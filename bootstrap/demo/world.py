"""The world of the demo: a simulated Personio, a simulated application, and the house between them."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

from bootstrap.container import House, house, make_installation
from bootstrap.settings import PREFIX, Settings, read_settings
from bootstrap.up import is_up, running
from domain.changes import Change, ChangeState
from domain.config import Configuration, Line
from domain.ids import ConfigVersion, PersonId, RunId, TenantId
from domain.records import Connection
from domain.run import Figures, Run
from domain.schedule import Every, Schedule
from domain.tenant import TenantState
from producers.activate import activate
from producers.approve import Awaiting
from producers.on_demand import ask_for_feed
from simulators.personio.remote import RemotePersonio, spawned

ACME = TenantId("acme")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATIENCE_SECONDS = 120.0
HEARD = frozenset(PREFIX + name for name in ("LOG_LEVEL", "LOG_FORMAT", "REDIS_BINARY", "SWEEP_SECONDS"))
"""Settings that the demo obeys; the others may name the databases and mail servers of a real installation."""

RHYTHM = timedelta(seconds=4)
"""So often the demo's schedule fires; a real one counts in minutes."""

MAPPING = (
    Line("email", "userName", required=True),
    Line("email", 'emails[type eq "work"].value'),
    Line("first_name", "name.givenName", required=True),
    Line("last_name", "name.familyName", required=True),
    Line("position", "title"),
    Line("department", f"{ENTERPRISE}:department"),
)


Found = TypeVar("Found")


class DemoFailedError(Exception):
    """Say what did not happen as promised."""


@dataclass(frozen=True, slots=True)
class Application:
    """The simulated SCIM application, seen from outside."""

    url: str
    token: str

    def told(self, path: str) -> dict[str, object]:
        """Read one of its unguarded pages: `/__truth`, `/__counters`."""
        origin = self.url.removesuffix("/scim/v2")
        with urlopen(f"{origin}{path}", timeout=10) as answer:  # noqa: S310  an address that we started ourselves
            found: dict[str, object] = json.load(answer)
        return found

    def requests(self, *methods: str) -> int:
        """Count the requests of these methods that the application saw, by its own counters."""
        counted = self.told("/__counters")["requests"]
        assert isinstance(counted, list)
        return sum(each["count"] for each in counted if each["method"] in methods)

    def accounts(self) -> list[dict[str, object]]:
        """Return all accounts as plain values."""
        found = self.told("/__truth")["accounts"]
        assert isinstance(found, list)
        return found


@dataclass(frozen=True, slots=True)
class World:
    """Everything that the story needs at hand."""

    settings: Settings
    personio: RemotePersonio
    app: Application
    here: House

    def ended(self, run_id: RunId) -> Run:
        """Wait until a run ended."""

        def look() -> Run | None:
            with self.here.store.read() as tx:
                run = tx.runs.get(ACME, run_id)
            return run if run is not None and run.outcome is not None else None

        return _patiently(look, f"run {run_id} did not end")

    def scheduled_after(self, known: frozenset[RunId]) -> Run:
        """Wait until the scheduler made a run of its own, and until that ended."""

        def look() -> Run | None:
            with self.here.store.read() as tx:
                runs = tx.runs.newest(ACME, 20)
            return next((run for run in runs if run.by == "schedule" and run.run_id not in known), None)

        return self.ended(_patiently(look, "the scheduler made no run").run_id)

    def known_runs(self) -> frozenset[RunId]:
        """Return the runs that were there until now."""
        with self.here.store.read() as tx:
            return frozenset(run.run_id for run in tx.runs.newest(ACME, 200))

    def figures(self, run: Run) -> Figures:
        """Return the counts of a run."""
        with self.here.store.read() as tx:
            return tx.runs.figures(ACME, run.run_id)

    def done(self, run: Run) -> Sequence[Change]:
        """Return the rows that a run carried out."""
        with self.here.store.read() as tx:
            return tx.changes.rows(ACME, run_id=run.run_id, states=[ChangeState.APPLIED], limit=10_000)

    def move(self, state: TenantState) -> None:
        """Change the tenant's state as an operator would."""
        with self.here.store.write() as tx:
            if not tx.tenants.move(ACME, state, None):
                raise DemoFailedError(f"the tenant could not become {state}")

    def connect(self) -> None:
        """Add the tenant with its credentials, sealed, and its mapping."""
        config = Configuration(
            ConfigVersion(0),
            MAPPING,
            unique_path="userName",
            match_path="userName",
            schedule=Schedule(Every(RHYTHM)),
        )
        personio, app = self.personio, self.app
        with self.here.store.write() as tx:
            tx.tenants.add(ACME, "Acme GmbH", "de", ["hr@acme.example"])
            tx.tenants.configure(ACME, config, "demo")
            tx.connections.put(
                ACME,
                Connection(
                    personio.url, personio.client_id, personio.client_secret, "scim", app.url, app.token
                ),
            )

    def preview(self) -> Run:
        """Ask for a plan and wait for it."""
        asked = ask_for_feed(
            ACME,
            by="demo",
            key=self.here.ids.new(),
            plan_only=True,
            store=self.here.store,
            publisher=self.here.desk.publisher,
            ids=self.here.ids,
        )
        return self.ended(asked.run.run_id)

    def activate(self) -> Run:
        """Apply the plan and wait until it is done."""
        done = activate(
            ACME,
            by="demo",
            store=self.here.store,
            publisher=self.here.desk.publisher,
            ids=self.here.ids,
            ring_more=self.here.ring_more,
        )
        if isinstance(done, Awaiting):
            raise TypeError("one yes is enough for the demo's company")
        return self.ended(done.run.run_id)

    def type(self, *words: str) -> int:
        """Type a command into this installation, for the reader to see; returns its exit code."""
        sys.stdout.flush()
        return subprocess.run([_staffetta(), *words], check=False, env=os.environ).returncode

    def ask(self, *words: str) -> str:
        """Type a command and read its answer, whatever its exit code says."""
        done = subprocess.run([_staffetta(), *words], check=False, capture_output=True, text=True)
        return done.stdout

    def open_accounts(self) -> int:
        """Count the open accounts, by the application's own books."""
        return sum(1 for account in self.app.accounts() if account["active"])

    def is_open(self, person_id: PersonId) -> bool:
        """Tell whether somebody has an open account, by the application's own books."""
        found = [account for account in self.app.accounts() if account["externalId"] == person_id]
        return len(found) == 1 and bool(found[0]["active"])

    def messages_per_person(self, run: Run) -> int:
        """Count in the log how many envelopes of people a run sent through the queue."""
        lines = (self.settings.home / "staffetta.jsonl").read_text().splitlines()
        events = (json.loads(line) for line in lines if run.run_id in line)
        return sum(1 for event in events if event.get("event.action") == "envelope.processed")


def _staffetta() -> str:
    return str(Path(sys.executable).with_name("staffetta"))


@contextlib.contextmanager
def demo_world(people: int, home: Path) -> Iterator[World]:
    """Start everything in processes of their own, and leave nothing behind but the data folder."""
    if is_up(home):
        raise DemoFailedError(
            f"Another demo runs in {home}/ just now; wait for its end, or stop it with Ctrl-C."
        )
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700, parents=True)
    forget_installation(os.environ)
    os.environ |= {"STAFFETTA_HOME": str(home), "STAFFETTA_ALLOW_PRIVATE_TARGETS": "1"}
    settings = read_settings()
    make_installation(settings)
    personio_options = ["--employees", str(people), "--seed", "7"]
    with (
        spawned(personio_options) as personio,
        _application() as app,
        running(settings, sys.stderr, home / "staffetta.jsonl") as supervisor,
        house(settings, supervisor.redis_url) as here,
    ):
        yield World(settings, personio, app, here)


def forget_installation(environ: MutableMapping[str, str]) -> None:
    """Leave out what the shell says of a real installation."""
    for name in [each for each in environ if each.startswith(PREFIX) and each not in HEARD]:
        del environ[name]


@contextlib.contextmanager
def _application() -> Iterator[Application]:
    command = [sys.executable, "-m", "simulators.scim", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Application(told["url"], told["token"])
        finally:
            process.terminate()


def _patiently(look: Callable[[], Found | None], otherwise: str) -> Found:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise DemoFailedError(f"{otherwise} within {PATIENCE_SECONDS:.0f} s")
