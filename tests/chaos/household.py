"""The processes of the house, kept alive by `staffetta up` or, one by one, as a container engine does it."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bootstrap.up import PROGRAMS, command
from tests.e2e.house import ROOT, Town, is_alive, role_of

AGAIN_AFTER_SECONDS = 1.0
GLANCE_SECONDS = 0.1


class Household(Protocol):
    """Whoever keeps the processes alive."""

    town: Town

    def start(self) -> None:
        """Start everybody."""
        ...

    def processes(self) -> Mapping[str, int]:
        """Return who is alive, by role."""
        ...

    def roles(self) -> Sequence[str]:
        """Name what can be killed."""
        ...

    def kill(self, role: str) -> bool:
        """Kill -9 one process; False if there is none at the moment."""
        ...

    def end(self) -> None:
        """Stop keeping them alive, and end them."""
        ...


def tell(processes: Mapping[str, int], role: str, number: signal.Signals) -> int | None:
    """Send a signal to one process and return whom it reached; None if there is none at the moment."""
    pid = processes.get(role)
    if pid is None:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return pid
    return None


@dataclass
class Supervised:
    """`staffetta up` keeps them alive; its own end is mended from outside, as systemd would."""

    town: Town

    def start(self) -> None:
        """Start the supervisor."""
        self.town.up()

    def processes(self) -> Mapping[str, int]:
        """Return its children."""
        return self.town.children()

    def roles(self) -> Sequence[str]:
        """Name its children and itself."""
        return (*PROGRAMS, "up")

    def kill(self, role: str) -> bool:
        """Kill a child, or the supervisor, which is started again."""
        if role != "up":
            return tell(self.processes(), role, signal.SIGKILL) is not None
        self.town.kill_supervisor()
        self.town.up()
        return True

    def end(self) -> None:
        """Leave the ending to the town."""


@dataclass
class Contained:
    """Each process for itself, started again a second after its end, as `restart: always` does it."""

    town: Town
    commands: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {name: command(name) for name in PROGRAMS}
    )
    _running: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _engine: threading.Thread = field(init=False)

    def start(self) -> None:
        """Start everybody, and look after them from a thread."""
        for role in self.commands:
            self._spawn(role)
        self._engine = threading.Thread(target=self._look_after, name="engine")
        self._engine.start()

    def processes(self) -> Mapping[str, int]:
        """Return who is alive."""
        return {role: process.pid for role, process in self._running.items() if is_alive(process.pid)}

    def roles(self) -> Sequence[str]:
        """Name everybody."""
        return tuple(self.commands)

    def kill(self, role: str) -> bool:
        """Kill one."""
        return tell(self.processes(), role, signal.SIGKILL) is not None

    def ask_to_stop(self, role: str, within: float) -> int:
        """Send SIGTERM and return the exit code; raises where the process does not end in time."""
        process = self._running[role]
        process.terminate()
        return process.wait(within)

    def end(self) -> None:
        """Stop the engine, then everybody."""
        self._over.set()
        self._engine.join()
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()

    def _look_after(self) -> None:
        while not self._over.wait(GLANCE_SECONDS):
            for role, process in list(self._running.items()):
                if process.poll() is not None and not self._over.wait(AGAIN_AFTER_SECONDS):
                    self._spawn(role)

    def _spawn(self, role: str) -> None:
        with (self.town.home / f"{role}.jsonl").open("ab") as log:
            self._running[role] = subprocess.Popen(
                self.commands[role],
                env=dict(self.town.environ),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


def still_is(pid: int, role: str) -> bool:
    """Tell whether a process number still means the same role."""
    return role_of(pid) == role
