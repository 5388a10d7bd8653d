"""`doctor`: look at everything that this installation stands on, each finding with its cure."""

import os
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import redis
import typer
from rich.console import RenderableType

from adapters.redis.connect import check_server, connect
from adapters.redis.embedded_folder import ServerFolder
from adapters.redis.embedded_process import damage
from adapters.redis.memory import fullness
from adapters.redis.presence import Presence
from bootstrap.cli.doctor_store import look_at_store
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.findings import CLOCK_CURE, MOST_SKEW, Finding, Health, clock, safely
from bootstrap.cli.group import AsJson, add
from bootstrap.cli.rooms import Here, here, living_redis, present, why_silent
from bootstrap.cli.voice import Data, cell, line, table
from bootstrap.up import ROLES
from domain.causes import say
from domain.codes import Code
from domain.fullness import is_high, told

STARTING = 15
"""Seconds that processes may take until their first sign of life, once Redis is up."""


def add_to(app: typer.Typer) -> None:
    """Add `doctor`."""
    add(
        app,
        "doctor",
        doctor,
        says="Look at home, key, database, Redis, processes, clocks and tenants. Works when nothing is up.",
        examples=("doctor", "doctor --json"),
    )


def doctor(ctx: typer.Context, *, json: AsJson = False) -> None:
    """Look at everything; exit code 1 if something is wrong."""
    at = here(ctx, json=json)
    findings = [
        *_home(at),
        *safely("database", lambda: look_at_store(at)),
        *safely("Redis", lambda: _redis(at)),
    ]
    rows = [
        {"about": each.about, "health": each.health.value, "what": each.what, "cure": each.cure}
        for each in findings
    ]
    well = all(each.health is not Health.PROBLEM for each in findings)
    at.voice.tell({"well": well, "findings": rows}, _draw)
    raise typer.Exit(ExitCode.OK if well else ExitCode.FAILED)


def _home(at: Here) -> Iterable[Finding]:
    home = at.settings.home
    if not home.is_dir():
        yield Finding("home", Health.PROBLEM, f"{home} is not there", "Set it up with: staffetta init")
        return
    if not os.access(home, os.W_OK | os.X_OK):
        cure = "Run as the user that owns it, on a disk that can be written to"
        yield Finding("home", Health.PROBLEM, f"nothing can be written in {home}", cure)
    elif home.stat().st_mode & 0o077:
        yield Finding("home", Health.PROBLEM, f"others may look into {home}", f"Run: chmod 700 {home}")
    else:
        yield Finding("home", Health.WELL, str(home))


def _redis(at: Here) -> Iterable[Finding]:
    url = living_redis(at.settings)
    if url is None:
        named = at.settings.redis_url is not None
        what, cure = why_silent(at.settings)
        if named:
            what = "the Redis that was named does not answer"
            cure = "Start that Redis, or correct STAFFETTA_REDIS_URL (or its _FILE)"
        broken = None if named else damage(ServerFolder(at.settings.redis_folder).log)
        what, _, cure = broken.partition(": ") if broken else (what, "", cure)
        yield Finding("Redis", Health.PROBLEM, what, cure)
        return
    with closing(connect(url)) as client:
        lossy = check_server(client)
        for what in lossy:
            sentence, _, cure = what.partition(": ")
            yield Finding("Redis", Health.PROBLEM, sentence, cure)
        if not lossy:
            yield Finding("Redis", Health.WELL, "answers and forgets nothing")
        yield from room(client)
        yield from clock("clock of Redis", _redis_time(client))
        yield from clocks(client)
        yield from _processes(client)


def room(client: redis.Redis) -> Iterable[Finding]:
    """Name a Redis whose memory fills up; one without a limit, or with room, needs no line."""
    now = fullness(client)
    if is_high(now):
        yield Finding("memory of Redis", Health.PROBLEM, told(now), say(Code.QUEUE_FILLING, "en").cure)


def _redis_time(client: redis.Redis) -> datetime:
    seconds, micros = client.time()
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(micros))


def clocks(client: redis.Redis) -> Iterable[Finding]:
    """Compare the clocks of all living processes, wherever they run, with that of Redis."""
    for name, skew in sorted(Presence(client).skews().items()):
        if abs(skew) > MOST_SKEW:
            what = f"{skew.total_seconds():+.1f} s apart from that of Redis"
            yield Finding(f"clock of {name}", Health.PROBLEM, what, CLOCK_CURE)


def _processes(client: redis.Redis) -> Iterable[Finding]:
    alive = present(client)
    missing = sorted(ROLES - alive)
    age = int(client.info("server").get("uptime_in_seconds", STARTING))
    if missing and age < STARTING:
        what = f"no sign of life yet from {', '.join(missing)}; Redis is up for {age} s"
        yield Finding("processes", Health.NOTICE, what, "They are starting; look again in a few seconds")
    elif missing:
        cure = "Start them with: staffetta up; if it is up, read why with: staffetta logs --level warning"
        yield Finding("processes", Health.PROBLEM, f"no sign of life from {', '.join(missing)}", cure)
    else:
        yield Finding("processes", Health.WELL, ", ".join(sorted(alive)))


def _draw(data: Data) -> Iterable[RenderableType]:
    drawn = table("about", "is", "what")
    for each in data["findings"]:
        drawn.add_row(each["about"], each["health"], cell(each["what"]))
        if each["cure"]:
            drawn.add_row("", "", f"→ {each['cure']}")
    yield drawn
    yield line("All well." if data["well"] else "Not well: see the cures above.")
