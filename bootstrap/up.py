"""Run the whole house on one machine: server, scheduler and workers under one supervisor."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from adapters.redis.embedded_lock import take_lock
from bootstrap.container import open_installation
from bootstrap.logging import log_event
from bootstrap.process import LEASH
from bootstrap.redis_server import EmbeddedKeeper, durability_warning, embedded
from bootstrap.settings import Settings
from schemas.log_line import Action

PROGRAMS: dict[str, tuple[str, ...]] = {
    "scheduler": ("bootstrap.scheduler",),
    "fetch": ("bootstrap.worker", "fetch"),
    "reconcile": ("bootstrap.worker", "reconcile"),
    "reconcile-2": ("bootstrap.worker", "reconcile"),
    "suspects": ("bootstrap.worker", "suspects"),
    "notify": ("bootstrap.worker", "notify"),
}
"""Name → its words. Writing takes one processor per process, and two are what every machine has."""

PINNED = ("reconcile", "reconcile-2")
"""Each on a processor of its own: threads that pass one lock between processors run half as fast."""

ROLES = frozenset(words[-1].removeprefix("bootstrap.") for words in PROGRAMS.values())
"""What shows a sign of life while everybody is up."""

GRACE_SECONDS = 40.0
"""More than the patience of a worker, which is more than a target may take to answer."""

READERS = frozenset({"scheduler", "fetch"})
"""They ask and write nothing outside: what is cut off of theirs is asked again, and harms nobody."""

READERS_GRACE_SECONDS = 8.0
"""So long they may take. Whoever presses Ctrl-C while Personio is slow is not to wait for its page."""

LOCK = "up.lock"
"""Stands in the home folder while `up` serves it, and after a kill."""

RESTART_AFTER_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.2


class AlreadyUpError(Exception):
    """Say that another supervisor serves this folder."""


@dataclass(slots=True)
class Child:
    """One supervised process and when it may be started again."""

    name: str
    process: "subprocess.Popen[bytes]"
    restart_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Keep the processes of the house alive until told to stop, then end them in order."""

    settings: Settings
    redis_url: str
    words: TextIO
    log_file: Path | None = None
    keeper: EmbeddedKeeper | None = None
    children: dict[str, Child] = field(default_factory=dict)
    hurry: threading.Event = field(default_factory=threading.Event)
    readers_grace: float = READERS_GRACE_SECONDS
    """Set by whoever will not wait for calls in flight: their rows are looked at again as after a crash."""

    _leash: tuple[int, int] = field(default_factory=os.pipe)

    def start(self) -> None:
        """Start every process."""
        for name in PROGRAMS:
            self.children[name] = Child(name, self._spawn(name))

    def watch(self, stop: threading.Event) -> None:
        """Start again whatever dies: the server at once, the others a second later."""
        while not stop.wait(LOOK_EVERY_SECONDS):
            if self.keeper is not None:
                self.keeper.look()
            for child in self.children.values():
                self._look_after(child)

    def end(self) -> None:
        """Ask everybody to stop, wait for calls in flight, and end those who go on all the same."""
        began = time.monotonic()
        for child in self._running():
            child.process.send_signal(signal.SIGTERM)
        while running := self._running():
            waited = time.monotonic() - began
            if waited >= GRACE_SECONDS or self.hurry.wait(LOOK_EVERY_SECONDS):
                break
            if waited >= self.readers_grace:
                _kill(child for child in running if child.name in READERS)
        _kill(self._running())
        for end in self._leash:
            os.close(end)

    def _running(self) -> list[Child]:
        return [child for child in self.children.values() if child.process.poll() is None]

    def _look_after(self, child: Child) -> None:
        code = child.process.poll()
        if code is None:
            return
        if child.restart_at is None:
            child.restart_at = time.monotonic() + RESTART_AFTER_SECONDS
            print(f"{child.name} ended ({code}); it is started again", file=self.words)
            log_event(Action.PROCESS_STUMBLED, reason=f"{child.name} ended with {code}")
        elif time.monotonic() >= child.restart_at:
            child.process, child.restart_at = self._spawn(child.name), None

    def environ(self, leash: int) -> dict[str, str]:
        """Return what the processes inherit; a Redis that was named they find as we did."""
        own = {LEASH: str(leash), "STAFFETTA_HOME": str(self.settings.home), "PYTHONUNBUFFERED": "1"}
        embedded_server = {"STAFFETTA_REDIS_URL": self.redis_url} if self.settings.redis_url is None else {}
        return os.environ | own | embedded_server

    def _spawn(self, name: str) -> "subprocess.Popen[bytes]":
        read_end, _ = self._leash
        with self._output() as output, deaf_to_ctrl_c():
            return subprocess.Popen(
                command(name),
                env=self.environ(read_end),
                pass_fds=(read_end,),
                stdin=subprocess.DEVNULL,
                stdout=output,
            )

    @contextlib.contextmanager
    def _output(self) -> Iterator[int | None]:
        if self.log_file is None:
            yield None
            return
        with self.log_file.open("ab") as file:
            yield file.fileno()


@contextlib.contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Let what is started meanwhile not hear Ctrl-C, which meets the whole terminal: we end it in order."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill(children: Iterable[Child]) -> None:
    for child in children:
        child.process.kill()
        child.process.wait()


def command(name: str) -> list[str]:
    """Return the words that start one of the programs."""
    place = ("--processor", str(PINNED.index(name))) if name in PINNED else ()
    return [sys.executable, "-m", *PROGRAMS[name], *place]


@contextlib.contextmanager
def running(settings: Settings, words: TextIO, log_file: Path | None = None) -> Iterator[Supervisor]:
    """Run the house while the block runs. Raises AlreadyUpError, or whatever keeps the store shut."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(settings.home):
        open_installation(settings).close()
        with _redis(settings, words) as (redis_url, keeper):
            supervisor = Supervisor(settings, redis_url, words, log_file, keeper)
            try:
                supervisor.start()
                yield supervisor
            finally:
                supervisor.end()


@contextlib.contextmanager
def _redis(settings: Settings, words: TextIO) -> Iterator[tuple[str, EmbeddedKeeper | None]]:
    """Yield the URL of the Redis that was named, or that of the embedded server with its keeper."""
    server = embedded(settings)
    if server is None:
        assert settings.redis_url is not None
        if (warning := durability_warning(settings.redis_url, production=settings.production)) is not None:
            print(f"warning: {warning}", file=words)
        yield settings.redis_url, None
        return
    keeper = EmbeddedKeeper(server, settings.redis_folder, words)
    try:
        yield server.url, keeper
    finally:
        keeper.server.stop()


def is_up(home: Path) -> bool:
    """Tell whether a supervisor serves this folder just now."""
    try:
        with (home / LOCK).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Hold the folder's lock; it goes with this process, however that ends."""
    path = home / LOCK
    lock = take_lock(path)
    if lock is None:
        raise AlreadyUpError(f"Staffetta is up in {home} already; look with: staffetta doctor")
    try:
        os.utime(lock)  # a lock that was left behind by a kill looks old until it is taken again
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)
