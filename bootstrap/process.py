"""What every process of the house does alike: stop when asked, stop with its parent, show that it lives."""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import redis

from adapters.clock import SystemClock
from adapters.redis.presence import Presence
from bootstrap.logging import configure_logging, log_event, log_uncaught
from bootstrap.redis_server import fit_for
from bootstrap.settings import Settings
from domain.ports import Ids
from schemas.log_line import Action

LEASH = "STAFFETTA_LEASH_FD"
"""Environment name of a pipe that the supervisor holds; its end means that the supervisor is gone."""

BEAT_SECONDS = 2.0

LISTEN_SECONDS = 0.5


def start_logging(settings: Settings, role: str) -> None:
    """Write one JSON line per unit of work to standard output, whatever wrote it."""
    configure_logging(settings.log_level, settings.log_json, f"staffetta-{role}", sys.stdout)
    log_uncaught()
    log_event(Action.PROCESS_STARTED)


def stop_event() -> threading.Event:
    """Return an event that SIGTERM sets, and that the end of the supervisor sets.

    Ctrl-C reaches a whole terminal group at once; only the supervisor listens, so that all stop in order.
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if LEASH in os.environ:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        leash = int(os.environ.pop(LEASH))
        threading.Thread(target=_follow, args=(leash, stop), name="leash", daemon=True).start()
    else:
        signal.signal(signal.SIGINT, lambda *_: stop.set())
    return stop


def wait_until_asked(stop: threading.Event) -> None:
    """Wait for the end that somebody asks for, and look up now and then.

    A signal may meet any thread, and does so after SIGCONT; Python hears it only when this one wakes.
    """
    while not stop.wait(LISTEN_SECONDS):
        continue


def _follow(leash: int, stop: threading.Event) -> None:
    with contextlib.suppress(OSError):
        os.read(leash, 1)
    stop.set()


@contextlib.contextmanager
def alive(client: redis.Redis, role: str, stop: threading.Event, ids: Ids) -> Iterator[None]:
    """Show a sign of life every two seconds while the block runs."""
    presence, instance = Presence(client), instance_name(ids)
    ended = threading.Event()
    thread = threading.Thread(
        target=_beat, args=(presence, role, instance, ended), name="presence", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        ended.set()
        thread.join()
        with contextlib.suppress(redis.RedisError):
            presence.leave(role, instance)


def instance_name(ids: Ids) -> str:
    """Name this process unlike any other: in containers every replica is number 1, maybe on one host name."""
    return f"{socket.gethostname()}-{os.getpid()}-{ids.new()}"


def _beat(presence: Presence, role: str, instance: str, ended: threading.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(redis.RedisError):
            presence.beat(role, instance, SystemClock().now())
        ended.wait(BEAT_SECONDS)


def look_at_redis(client: redis.Redis, *, production: bool) -> None:
    """Say once in the log how this Redis may lose messages; in production it is refused.

    One that is away is waited for by others.
    """
    with contextlib.suppress(redis.RedisError):
        if problems := fit_for(client, production=production):
            log_event(Action.QUEUE_FORGETFUL, reason=problems)


def until_stopped(
    stop: threading.Event,
    seconds: float,
    work: Callable[[], object],
    on_failure: Callable[[Exception], object],
) -> None:
    """Do something again and again; a failure is told and tried again, never the end of the process."""
    while not stop.is_set():
        try:
            work()
        except Exception as error:  # noqa: BLE001  a scheduler that dies of one bad minute is worse
            on_failure(error)
        stop.wait(seconds)
