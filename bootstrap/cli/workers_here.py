"""Work with the house that is up, or bring one up for the time of one command."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.rooms import Here, Office, living_redis, open_office, require_set_up
from bootstrap.settings import Settings
from bootstrap.up import running

STARTING_SECONDS = 60.0


@contextlib.contextmanager
def office_with_workers(at: Here, *, work_here: bool) -> Iterator[Office]:
    """Open the office of a house whose workers are there; without them say so, or start them here."""
    require_set_up(at.settings)
    if living_redis(at.settings) is not None:
        with open_office(at.settings) as office:
            if office.up:
                yield office
                return
    if not work_here:
        raise CommandError(
            "Staffetta is not up here, so nobody would do the work. Nothing was asked for.",
            "Start it in another terminal with: staffetta up; or add --here to do the work in this command",
            ExitCode.AWAY,
        )
    with _house_up(at) as settings, open_office(settings) as office:
        yield _with_workers(office, settings)


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
