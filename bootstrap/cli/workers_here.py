"""Work with the house that is up, or bring one up for the time of one command."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from adapters.clock import SystemClock
from adapters.redis.connect import connect
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.rooms import (
    Here,
    Office,
    living_redis,
    open_office,
    open_store,
    require_set_up,
    tenant_of,
    why_silent,
    workers_are_there,
)
from bootstrap.settings import Settings
from bootstrap.up import LOCK, is_up, running

STARTING_SECONDS = 60.0
ARRIVING_SECONDS = 20.0
"""So long after it began a supervisor's processes may still be on their way."""

POLL_SECONDS = 0.3


@contextlib.contextmanager
def office_with_workers(at: Here, tenant: str, *, work_here: bool) -> Iterator[Office]:
    """Open the office of a house whose workers are there; without them say so, or start them here.

    A tenant that nobody knows is told first: to bring the house up would not help.
    """
    require_set_up(at.settings)
    if _await_workers(at.settings):
        with open_office(at.settings) as office:
            yield replace(office, up=True)
        return
    with open_store(at.settings) as store:
        tenant_of(store, tenant)
    if not work_here:
        what, cure = why_silent(at.settings)
        raise CommandError(
            f"{what}, so nobody would do the work. Nothing was asked for.",
            cure if is_up(at.settings.home) else f"{cure}; or add --here to do the work in this command",
            ExitCode.AWAY,
        )
    with _house_up(at) as settings, open_office(settings) as office:
        yield _with_workers(office, settings)


def _await_workers(settings: Settings) -> bool:
    """Tell whether workers are there; those of a supervisor that has just begun are waited for."""
    ends = time.monotonic() + (ARRIVING_SECONDS if _just_begun(settings) else 0.0)
    while True:
        url = living_redis(settings)
        if url is not None:
            with contextlib.closing(connect(url)) as client:
                if workers_are_there(client):
                    return True
        if time.monotonic() >= ends:
            return False
        time.sleep(POLL_SECONDS)


def _just_begun(settings: Settings) -> bool:
    """Tell whether a supervisor took this folder moments ago. A killed one leaves an old lock."""
    try:
        taken_at = (settings.home / LOCK).stat().st_mtime
    except OSError:
        return False
    return SystemClock().now().timestamp() - taken_at < ARRIVING_SECONDS


@contextlib.contextmanager
def _house_up(at: Here) -> Iterator[Settings]:
    """Run the workers until the block ends, and tell where their Redis is."""
    at.log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with running(at.settings, sys.stderr, at.log_file) as supervisor:
        stop = threading.Event()
        watch = threading.Thread(target=supervisor.watch, args=(stop,), name="watch", daemon=True)
        watch.start()
        try:
            yield replace(at.settings, redis_url=supervisor.redis_url)
        finally:
            stop.set()
            watch.join()


def _with_workers(office: Office, settings: Settings) -> Office:
    """Wait until the workers that were just started show signs of life."""
    ends = time.monotonic() + STARTING_SECONDS
    while not office.up and time.monotonic() < ends:
        with open_office(settings) as again:
            office = replace(office, up=again.up)
    if not office.up:
        raise CommandError("The workers do not start.", "Read why with: staffetta logs --level warning")
    return office
