"""Run the server's process: how it is started, asked, and ended."""

import contextlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.redis.embedded_binary import Binary, EmbeddedServerError, quiet_environment
from adapters.redis.embedded_folder import ServerFolder

STARTING = 30.0
STOPPING = 5.0
GLANCE = 0.02
DAMAGED = "Bad file format"
"""What the server says last of a file that it cannot read any more."""


def spawn(folder: ServerFolder, binary: Binary, socket: Path, lock: int) -> "subprocess.Popen[bytes]":
    """Start the server with the lock in its hands, out of reach of the terminal's Ctrl-C.

    In a session of its own, so that the workers end first and the server last.
    """
    with folder.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  a program that has told its version
            [binary.path, *_options(folder, socket)],
            cwd=folder.path,
            env=quiet_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
            umask=0o077,
        )


def await_answer(child: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Wait until the server has read its data and answers, or say why it never will."""
    ready = comes_true(lambda: child.poll() is not None or answering(url), STARTING)
    if child.poll() is not None:
        raise EmbeddedServerError(damage(log) or f"the server ended at once: {_last_words(log)}")
    if not ready:
        raise EmbeddedServerError(f"the server does not answer after {STARTING:.0f} s: read {log}")


def damage(log: Path) -> str | None:
    """Say that the server gave up over the file of its queue, and the cure; None where it did not.

    A torn end is mended by the server itself; this is about damage in the middle.
    """
    if DAMAGED not in _last_words(log):
        return None
    kept = log.parent / "appendonlydir"
    return (
        f"the file of the queue is damaged: move {kept} away and start again with: staffetta up. The queue "
        "holds nothing that the database does not know; what is due is rung again."
    )


def end_child(child: "subprocess.Popen[bytes]") -> None:
    """Ask politely, then insist: killed or not, what was accepted is in the append-only file."""
    child.terminate()
    try:
        child.wait(STOPPING)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def shut_down(url: str) -> None:
    """Ask through the socket, since a process number may have been given to somebody else meanwhile."""
    with contextlib.closing(_impatient(url)) as client, contextlib.suppress(redis.RedisError):
        client.shutdown(nosave=True)


def answering(url: str) -> bool:
    """Ask once, without patience, whether a server is there and ready."""
    with contextlib.closing(_impatient(url)) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def process_number(url: str) -> int | None:
    """Ask the server for its process, or None while it does not answer."""
    with contextlib.closing(_impatient(url)) as client:
        try:
            client.ping()
            return int(client.info("server")["process_id"])
        except redis.RedisError:
            return None


def comes_true(question: Callable[[], bool], patience: float) -> bool:
    """Ask again and again until the answer is yes or patience ends."""
    deadline = time.monotonic() + patience
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(GLANCE)
    return True


def _options(folder: ServerFolder, socket: Path) -> list[str]:
    told = {
        "port": "0",  # no TCP: no clash, and no password needed
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(folder.path),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": str(folder.log),
        "pidfile": str(folder.pidfile),
    }
    return [word for name, value in told.items() for word in (f"--{name}", value)]


def _impatient(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=1, socket_connect_timeout=1)


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return " / ".join([line.strip() for line in lines if line.strip()][-3:]) or f"{log} is empty"
