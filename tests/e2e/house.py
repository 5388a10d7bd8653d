"""A house of real processes: two simulators, `staffetta up`, and a window into the store beside them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from urllib.request import Request, urlopen

from bootstrap.container import House, house, make_installation
from bootstrap.redis_server import redis_url_of
from bootstrap.settings import read_settings
from bootstrap.up import PROGRAMS
from domain.changes import Change, ChangeState
from domain.config import Configuration, Line
from domain.guards import USUAL_GUARDS, Guards
from domain.ids import RunId, TenantId
from domain.records import Connection
from domain.run import Figures, Run
from domain.schedule import Schedule
from domain.tenant import TenantState
from producers.activate import activate
from producers.on_demand import ask_for_feed
from producers.sent import Sent
from simulators.personio.remote import RemotePersonio, spawned
from simulators.personio.told import Told
from tests.builders import AT_FOUR, configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.truth import compare

ACME = TenantId("acme")
ROOT = Path(__file__).parents[2]
UP = (sys.executable, "-c", "from bootstrap.cli import main; main()", "up")
PATIENCE_SECONDS = 120.0
GLANCE_SECONDS = 0.1
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Application:
    """The simulated SCIM application in its own process, seen through its unguarded pages."""

    url: str
    token: str

    @property
    def origin(self) -> str:
        """Name its address without the SCIM path."""
        return self.url.removesuffix("/scim/v2")

    def told(self, page: str) -> dict[str, list[dict[str, object]]]:
        """Read `/__truth` or `/__counters`."""
        with urlopen(f"{self.origin}{page}", timeout=30) as answer:  # noqa: S310  a process that we started
            found: dict[str, list[dict[str, object]]] = json.load(answer)
        return found

    def order(self, **orders: object) -> None:
        """Turn switches or post rules, as the quirks page takes them."""
        body = json.dumps(orders).encode()
        request = Request(f"{self.origin}/__admin/quirks", data=body, method="POST")  # noqa: S310  as above
        with urlopen(request, timeout=30) as answer:  # noqa: S310  as above
            answer.read()

    def accounts(self) -> Mapping[str, Mapping[str, object]]:
        """Return the accounts that carry an external id, attributes flattened into them."""
        return {
            str(each["externalId"]): {**each, **_mapping(each["attributes"])}
            for each in self.told("/__truth")["accounts"]
            if each["externalId"]
        }

    def requests(self, *methods: str, good: bool = False) -> int:
        """Count requests of these methods, all or those that were agreed to."""
        counted = [each for each in self.told("/__counters")["requests"] if each["method"] in methods]
        return sum(
            _number(each["count"]) for each in counted if not good or 200 <= _number(each["status"]) < 300
        )

    def creates(self) -> Mapping[str, int]:
        """Count creates by external id."""
        return {
            key: _number(count)
            for key, count in _mapping(self.told("/__counters")["createsByExternalId"]).items()
        }

    def doubled(self) -> list[str]:
        """List what was written more often than once: creates, and values over other values."""
        told = self.told("/__counters")
        creates = [f"create of {key}" for key, count in self.creates().items() if count > 1]
        changes = [
            f"{each['attribute']} of {each['id']}"
            for each in told["stateChanges"]
            if _number(each["count"]) > 1
        ]
        return creates + changes

    def overlapping(self) -> Mapping[str, object]:
        """Show the accounts on which two writes were in flight at once."""
        return _mapping(self.told("/__counters")["overlappingWrites"])


def _mapping(found: object) -> dict[str, object]:
    assert isinstance(found, dict)
    return found


def _number(found: object) -> int:
    assert isinstance(found, int)
    return found


@dataclass
class Town:
    """Everything of one test: the world outside, the folder, and `staffetta up` if it runs."""

    home: Path
    personio: RemotePersonio
    app: Application
    environ: Mapping[str, str]
    supervisor: "subprocess.Popen[bytes] | None" = None
    started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def up(self) -> int:
        """Start `staffetta up` in a terminal group of its own and wait until its Redis answers."""
        words = (self.home / "up.words").open("ab")
        with words:
            self.supervisor = subprocess.Popen(
                UP,
                env=dict(self.environ),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        self.started.append(self.supervisor)
        eventually(self._answers, "staffetta up does not answer")
        return self.supervisor.pid

    def _answers(self) -> bool:
        assert self.supervisor is not None
        if self.supervisor.poll() is not None:
            raise AssertionError(f"staffetta up ended:\n{(self.home / 'up.words').read_text()[-3000:]}")
        with contextlib.suppress(Exception):
            everybody = PROGRAMS.keys() <= self.children().keys()  # one that was only forked has no role yet
            return everybody and bool(redis_url_of(read_settings(self.environ)))
        return False

    def interrupt(self) -> int:
        """Press Ctrl-C: the whole terminal group hears it. Returns the exit code."""
        assert self.supervisor is not None
        os.killpg(self.supervisor.pid, signal.SIGINT)
        return self.supervisor.wait(30)

    def kill_supervisor(self) -> None:
        """End the supervisor as kill -9 does; nobody tells its children."""
        assert self.supervisor is not None
        self.supervisor.kill()
        self.supervisor.wait()

    def children(self) -> dict[str, int]:
        """Return the processes of the supervisor by role; the embedded server is «valkey»."""
        assert self.supervisor is not None
        found = {}
        for pid in processes():
            if parent_of(pid) == self.supervisor.pid and (role := role_of(pid)):
                found[role] = pid
        return found

    def server_pid(self) -> int | None:
        """Return the embedded server's process, whoever its parent is now."""
        try:
            pid = int((self.home / "redis" / "redis.pid").read_text())
        except (OSError, ValueError):
            return None
        return pid if is_alive(pid) else None

    @contextlib.contextmanager
    def window(self) -> Iterator["Window"]:
        """Look into the store, and ring bells, from a process that is none of the house's."""
        settings = read_settings(self.environ)
        with house(settings, redis_url_of(settings)) as here:
            yield Window(here)

    def differences(self) -> list[str]:
        """List whoever is not as the simulated company says."""
        return compare(self.people(), self.app.accounts())

    def people(self) -> Sequence[Told]:
        """Return the simulated company."""
        return self.personio.truth().people

    def stop(self) -> None:
        """End whatever this test started, by process id."""
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(20)
            if process.poll() is None:
                process.kill()
                process.wait()
        eventually(lambda: not self.leftovers(), "processes of the house outlive it", 25)
        pid = self.server_pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            eventually(lambda: not is_alive(pid), "the embedded server outlives SIGKILL")

    def leftovers(self) -> list[int]:
        """Return processes, other than the server, that work in this folder."""
        mark = f"STAFFETTA_HOME={self.home}".encode()
        return [pid for pid in processes() if pid != os.getpid() and mark in environment_of(pid).split(b"\0")]


@dataclass(frozen=True, slots=True)
class Window:
    """Ask and act as an operator would."""

    here: House

    def connect(
        self,
        town: Town,
        schedule: Schedule = AT_FOUR,
        lines: tuple[Line, ...] = SCIM_LINES,
        through: "tuple[str, str] | None" = None,
        guards: Guards = USUAL_GUARDS,
    ) -> None:
        """Add the tenant, connect and check it; `through` names other ways to Personio and application."""
        personio, app = town.personio, town.app
        personio_url, app_url = through or (personio.url, app.url)
        with self.here.store.write() as tx:
            assert tx.tenants.add(ACME, "Acme", "en", ["owner@acme.example"])
            config = replace(configuration(lines=lines, schedule=schedule), guards=guards)
            tx.tenants.configure(ACME, config, "test")
            credentials = (personio.client_id, personio.client_secret)
            tx.connections.put(ACME, Connection(personio_url, *credentials, "scim", app_url, app.token))
            assert tx.tenants.move(ACME, TenantState.READY, None)

    def ask(self, tenant_id: TenantId = ACME) -> RunId:
        """Ask for a run; do not wait."""
        asked = ask_for_feed(
            tenant_id,
            by="test",
            key=self.here.ids.new(),
            plan_only=False,
            store=self.here.store,
            publisher=self.here.desk.publisher,
            ids=self.here.ids,
        )
        return asked.run.run_id

    def sync(self) -> Run:
        """Ask for a run and wait for its end."""
        return self.ended(self.ask())

    def activate(self, tenant_id: TenantId = ACME) -> RunId:
        """Apply the plan; do not wait."""
        done = activate(
            tenant_id,
            by="test",
            store=self.here.store,
            publisher=self.here.desk.publisher,
            ids=self.here.ids,
            ring_more=self.here.ring_more,
        )
        assert isinstance(done, Sent)
        return done.run.run_id

    def ended(self, run_id: RunId, patience: float = PATIENCE_SECONDS) -> Run:
        """Wait until a run ended."""

        def look() -> Run | None:
            run = self.run(run_id)
            return run if run.outcome is not None else None

        return await_(look, f"run {run_id} did not end", patience)

    def run(self, run_id: RunId) -> Run:
        """Return a run."""
        with self.here.store.read() as tx:
            found = tx.runs.get(ACME, run_id)
        assert found is not None
        return found

    def runs(self) -> Sequence[Run]:
        """Return all runs, newest first."""
        with self.here.store.read() as tx:
            return tx.runs.newest(ACME, 1000)

    def scheduled(self, known: Sequence[Run]) -> Run:
        """Wait until the scheduler made a run that was not there before, and until it ended."""
        before = {run.run_id for run in known}

        def look() -> Run | None:
            fresh = [run for run in self.runs() if run.run_id not in before and run.by == "schedule"]
            return fresh[-1] if fresh else None

        return self.ended(await_(look, "the scheduler made no run").run_id)

    def figures(self, run: Run) -> Figures:
        """Return a run's counts."""
        with self.here.store.read() as tx:
            return tx.runs.figures(ACME, run.run_id)

    def rows(self, *states: ChangeState) -> Sequence[Change]:
        """Return all rows in these states."""
        with self.here.store.read() as tx:
            return tx.changes.rows(ACME, states=states, limit=200_000)

    def count(self, *states: ChangeState) -> int:
        """Count them."""
        return len(self.rows(*states))

    def configure(self, schedule: Schedule) -> Configuration:
        """Change the schedule only."""
        config = configuration(lines=SCIM_LINES, schedule=schedule)
        with self.here.store.write() as tx:
            tx.tenants.configure(ACME, config, "test")
        return config


@contextlib.contextmanager
def town(
    folder: Path,
    people: int,
    *,
    write_latency_ms: float = 0,
    token: str | None = None,
    seed: int = 7,
    **settings: str,
) -> Iterator[Town]:
    """Start the simulators in processes of their own, prepare a folder, and stop everything at the end."""
    home = folder / "var"
    home.mkdir(mode=0o700)
    environ = {key: value for key, value in os.environ.items() if not key.startswith("STAFFETTA_")} | {
        "STAFFETTA_HOME": str(home),
        "STAFFETTA_ALLOW_PRIVATE_TARGETS": "1",
        "STAFFETTA_RATE_LIMITS": "off",
        "STAFFETTA_SWEEP_SECONDS": "2",
        **{f"STAFFETTA_{name.upper()}": value for name, value in settings.items()},
    }
    make_installation(read_settings(environ))
    arguments = ["--employees", str(people), "--seed", str(seed), "--no-rate-limits"]
    with spawned(arguments) as personio, application(write_latency_ms, token) as app:
        built = Town(home, personio, app, environ)
        try:
            yield built
        finally:
            built.stop()


@contextlib.contextmanager
def application(write_latency_ms: float, token: str | None) -> Iterator[Application]:
    """Start the simulated application on a free port."""
    told = ["--token", token] if token else []
    command = [
        sys.executable,
        "-m",
        "simulators.scim",
        "--port",
        "0",
        "--write-latency-ms",
        str(write_latency_ms),
    ]
    with subprocess.Popen([*command, *told], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            introduction = json.loads(process.stdout.readline())
            yield Application(introduction["url"], introduction["token"])
        finally:
            process.terminate()
            process.wait(20)


def await_(look: Callable[[], Found | None], otherwise: str, patience: float = PATIENCE_SECONDS) -> Found:
    """Look again and again until there is something, or say what never came."""
    deadline = time.monotonic() + patience
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"{otherwise} within {patience:.0f} s"
        time.sleep(GLANCE_SECONDS)
    return found


def eventually(question: Callable[[], bool], otherwise: str, patience: float = PATIENCE_SECONDS) -> None:
    """Wait until something is true."""
    await_(lambda: question() or None, otherwise, patience)


def processes() -> list[int]:
    """List all processes of this machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def parent_of(pid: int) -> int | None:
    """Return the parent of a process; None if it is gone, or dead and not yet collected."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, parent = told.rpartition(")")[2].split()[:2]
    return None if state == "Z" else int(parent)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs."""
    return parent_of(pid) is not None


def command_of(pid: int) -> bytes:
    """Return the words that a process was started with."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def environment_of(pid: int) -> bytes:
    """Return the environment that a process was started with."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""


def role_of(pid: int) -> str | None:
    """Tell which part of the house a process is."""
    words = command_of(pid).split(b"\0")
    if b"valkey-server" in words[0] or b"redis-server" in words[0]:  # it writes its address behind its name
        return "valkey"
    if b"bootstrap.scheduler" in words:
        return "scheduler"
    if b"bootstrap.worker" in words:
        role = words[words.index(b"bootstrap.worker") + 1].decode()
        return f"{role}-2" if words[-3:-1] == [b"--processor", b"1"] else role
    return None
