"""What the supervisor hands on to the processes that it starts."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bootstrap.settings import read_settings
from bootstrap.up import PINNED, PROGRAMS, Child, Supervisor, command, deaf_to_ctrl_c

EMBEDDED = "unix:///run/redis.sock?db=0"
NAMED = "redis://:canary@redis:6379/0"


@pytest.mark.parametrize("form", ["REDIS_URL", "REDIS_URL_FILE"])
def test_the_address_of_a_redis_that_was_named_is_not_copied(form: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(NAMED)
    told = NAMED if form == "REDIS_URL" else str(file)
    settings = read_settings({f"STAFFETTA_{form}": told, "STAFFETTA_HOME": str(tmp_path)})
    environ = Supervisor(settings, NAMED, io.StringIO()).environ(7)
    assert "canary" not in "".join(environ.values())
    assert "STAFFETTA_REDIS_URL" not in environ


def test_the_address_of_the_embedded_server_is_handed_on(tmp_path: Path) -> None:
    settings = read_settings({"STAFFETTA_HOME": str(tmp_path)})
    environ = Supervisor(settings, EMBEDDED, io.StringIO()).environ(7)
    assert environ["STAFFETTA_REDIS_URL"] == EMBEDDED
    assert (environ["STAFFETTA_HOME"], environ["STAFFETTA_LEASH_FD"]) == (str(tmp_path), "7")


def test_the_two_that_write_are_given_a_processor_each() -> None:
    assert command("reconcile")[-3:] == ["reconcile", "--processor", "0"]
    assert command("reconcile-2")[-3:] == ["reconcile", "--processor", "1"]
    assert [name for name in PROGRAMS if "--processor" in command(name)] == [*PINNED]


def test_whoever_is_started_is_born_deaf_to_ctrl_c_which_meets_the_whole_terminal() -> None:
    ask = (
        "import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        "os.kill(os.getpid(), signal.SIGINT); print('goes on')"
    )
    with deaf_to_ctrl_c():
        told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("goes on\n", "")
    heard = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    assert heard.returncode == -signal.SIGINT


def test_a_process_stays_on_its_processor_or_on_any_where_there_are_fewer() -> None:
    mine = sorted(os.sched_getaffinity(0))
    ask = (
        "import os; from bootstrap.worker import stay_on; stay_on({}); print(sorted(os.sched_getaffinity(0)))"
    )
    for number, stays_on in ((0, mine[:1]), (len(mine), mine)):
        told = subprocess.run(
            [sys.executable, "-c", ask.format(number)], capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == str(stays_on)


DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"
BUSY = (
    "import signal, sys, time\n"
    "def end(*_): time.sleep(1); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end); print(1, flush=True); signal.pause()"
)


@contextmanager
def at_work(tmp_path: Path, **doing: str) -> Iterator[Supervisor]:
    """Have children that do this in place of their work."""
    supervisor = Supervisor(read_settings({"STAFFETTA_HOME": str(tmp_path)}), EMBEDDED, io.StringIO())
    with ExitStack() as stack:
        for name, words in doing.items():
            process = stack.enter_context(
                subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE)
            )
            assert process.stdout is not None
            assert process.stdout.readline() == b"1\n"
            supervisor.children[name] = Child(name, process)
        yield supervisor


def test_nobody_waits_for_a_process_that_goes_on_once_somebody_is_in_a_hurry(tmp_path: Path) -> None:
    with at_work(tmp_path, reconcile=DEAF) as supervisor:
        supervisor.hurry.set()
        supervisor.end()
    assert supervisor.children["reconcile"].process.returncode == -signal.SIGKILL


def test_whoever_only_reads_is_not_waited_for_as_long_as_whoever_writes(tmp_path: Path) -> None:
    with at_work(tmp_path, fetch=DEAF, reconcile=BUSY) as supervisor:
        supervisor.readers_grace = 0
        supervisor.end()
    ended = {name: child.process.returncode for name, child in supervisor.children.items()}
    assert ended == {"fetch": -signal.SIGKILL, "reconcile": 0}
