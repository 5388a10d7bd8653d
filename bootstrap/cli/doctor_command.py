"""`doctor`: look at everything that this installation stands on, each finding with its cure."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import redis
import typer
from rich.console import RenderableType

from adapters.clock import SystemClock
from adapters.database.store import SqlStore
from adapters.redis.connect import check_server, connect
from adapters.redis.embedded_folder import ServerFolder
from adapters.redis.embedded_process import damage
from adapters.redis.memory import fullness
from adapters.redis.presence import Presence
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import trouble_of
from bootstrap.cli.group import AsJson, add
from bootstrap.cli.rooms import Here, here, living_redis, open_store, present
from bootstrap.cli.voice import Data, cell, line, table
from bootstrap.up import ROLES
from domain.cause import Language
from domain.causes import say
from domain.changes import ChangeState
from domain.codes import Code
from domain.dispatches import DispatchState
from domain.errors import TenantBlockedError
from domain.fullness import is_high, told
from domain.ports import Transaction
from domain.setback_words import way_back
from domain.setbacks import Reason
from domain.tenant import Tenant, TenantState
from producers.silence import is_silent

MOST_SKEW = timedelta(seconds=5)
LONG_WAIT = timedelta(minutes=10)
LATE_MESSAGE = timedelta(hours=1)
MOST_ROWS = 100_000
CLOCK_CURE = "Let NTP set the clocks of all machines: leases are compared by them."


class Health(StrEnum):
    """Name how something is."""

    WELL = "well"
    NOTICE = "notice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    health: Health
    what: str
    cure: str = ""


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
    findings = [*_home(at), *_safely("database", lambda: _store(at)), *_safely("Redis", lambda: _redis(at))]
    rows = [
        {"about": each.about, "health": each.health.value, "what": each.what, "cure": each.cure}
        for each in findings
    ]
    well = all(each.health is not Health.PROBLEM for each in findings)
    at.voice.tell({"well": well, "findings": rows}, _draw)
    raise typer.Exit(ExitCode.OK if well else ExitCode.FAILED)


def _safely(about: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Turn a failure to look into a finding, so that the rest is looked at all the same."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        found.append(Finding(about, Health.PROBLEM, trouble.what, trouble.cure))
    return found


STARTING = 15
"""Seconds that processes may take until their first sign of life, once Redis is up."""


def _home(at: Here) -> Iterable[Finding]:
    home = at.settings.home
    if not home.is_dir():
        yield Finding("home", Health.PROBLEM, f"{home} is not there", "Set it up with: staffetta init")
        return
    if home.stat().st_mode & 0o077:
        yield Finding("home", Health.PROBLEM, f"others may look into {home}", f"Run: chmod 700 {home}")
    else:
        yield Finding("home", Health.WELL, str(home))


def _store(at: Here) -> Iterable[Finding]:
    with open_store(at.settings) as store:
        yield Finding("master key", Health.WELL, "opens the store")
        with store.read() as tx:
            now, tenants = tx.now(), tx.tenants.everyone()
        yield Finding("database", Health.WELL, f"answers; {len(tenants)} tenants")
        yield from _clock("clock of the database", now)
        yield from _work(store, now)
        yield _messages(store, now)
        for tenant in tenants:
            yield from _tenant(store, tenant)
            yield from _target(store, tenant, now)


def _clock(about: str, now: datetime) -> Iterable[Finding]:
    skew = abs(now - SystemClock().now())
    health = Health.WELL if skew <= MOST_SKEW else Health.PROBLEM
    cure = "" if health is Health.WELL else CLOCK_CURE
    yield Finding(about, health, f"{skew.total_seconds():.1f} s apart from this machine's", cure)


def _work(store: SqlStore, now: datetime) -> Iterable[Finding]:
    """Count what is due, and how long the oldest of it has been waiting."""
    count, oldest = 0, now
    with store.read() as tx:
        for tenant_id in tx.changes.due():
            due = [ChangeState.RELEASED, ChangeState.WAITING]
            waiting = tx.changes.rows(tenant_id, states=due, limit=MOST_ROWS)
            rows = [row for row in waiting if row.due_at is None or row.due_at <= now]
            count += len(rows)
            run = tx.runs.get(tenant_id, rows[0].run_id) if rows else None
            oldest = min(oldest, run.created_at) if run else oldest
    waited = now - oldest
    if not count:
        yield Finding("work", Health.WELL, "nothing is due")
    elif waited < LONG_WAIT:
        yield Finding("work", Health.WELL, f"{count} changes due, the oldest for {_spoken(waited)}")
    else:
        cure = "See whether all processes are alive below, and why: staffetta logs --level warning"
        yield Finding("work", Health.PROBLEM, f"{count} changes due, the oldest for {_spoken(waited)}", cure)


def _messages(store: SqlStore, now: datetime) -> Finding:
    """Tell of messages to humans that will not arrive, or have been on their way for too long."""
    with store.read() as tx:
        found = tx.dispatches.open_ones()
    lost = [each for each in found if each.state is DispatchState.UNDELIVERED]
    late = [each for each in found if each.state is DispatchState.DUE and now - each.made_at > LATE_MESSAGE]
    if lost or late:
        channels = ", ".join(sorted({each.channel for each in (*lost, *late)}))
        what = f"{len(lost)} undelivered, {len(late)} on their way for more than an hour ({channels})"
        tenant = (lost or late)[0].tenant_id
        cure = f"See: staffetta notify list; try the channels: staffetta notify test {tenant}"
        return Finding("messages", Health.PROBLEM, what, cure)
    return Finding("messages", Health.WELL, f"{len(found)} on their way" if found else "all arrived")


def _spoken(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))


def _tenant(store: SqlStore, tenant: Tenant) -> Iterable[Finding]:
    about = f"tenant {tenant.tenant_id}"
    with store.read() as tx:
        standing, silent = len(tx.incidents.standing(tenant.tenant_id)), _silent(tx, tenant)
        back = way_back(tenant, tx.setbacks.get(tenant.tenant_id), Language.EN)
    if back is not None and back.reason != Reason.RETRY:
        chosen = back.reason in {Reason.BY_HAND, "stopped"}
        why = cause_data(tenant.why) or {"sentence": f"{tenant.state}."}
        probe = f" Next probe {back.probe_at:%Y-%m-%d %H:%M} UTC." if back.probe_at else ""
        health = Health.NOTICE if chosen or back.on_trial else Health.PROBLEM
        then = f", then: staffetta check {tenant.tenant_id}" if tenant.state is TenantState.BLOCKED else ""
        cure = f"{back.ended_by} Run: {back.command}{then}"
        yield Finding(about, health, f"{tenant.state}: {why['sentence']}{probe}", cure)
    elif silent:
        told = cause_data(Code.NO_SUCCESS) or {"sentence": "silent"}
        cure = f"Repair what else is red here; then see: staffetta schedule {tenant.tenant_id}"
        yield Finding(about, Health.PROBLEM, told["sentence"], cure)
    elif standing:
        cure = f"See: staffetta incidents {tenant.tenant_id}"
        yield Finding(about, Health.NOTICE, f"{tenant.state}, {standing} open incidents", cure)
    else:
        yield Finding(about, Health.WELL, tenant.state.value)


def _target(store: SqlStore, tenant: Tenant, now: datetime) -> Iterable[Finding]:
    """Name an application that does not answer well; one that is well needs no line."""
    with store.read() as tx:
        condition = tx.conditions.get(tenant.tenant_id)
    about = f"application of {tenant.tenant_id}"
    cure = "Nothing is lost and it goes on by itself; see: staffetta limits"
    if condition.open_since is not None:
        what = f"fails again and again, for {_spoken(now - condition.open_since)}; probed twice a minute"
        yield Finding(about, Health.PROBLEM, what, cure)
    elif condition.rests(now):
        yield Finding(about, Health.NOTICE, "asked for a pause", cure)


def _silent(tx: Transaction, tenant: Tenant) -> bool:
    """Take a schedule that cannot be computed here for a silent one: so it is."""
    try:
        return is_silent(tx, tenant)
    except (ValueError, LookupError, TenantBlockedError):
        return True


def _redis(at: Here) -> Iterable[Finding]:
    url = living_redis(at.settings)
    if url is None:
        named = at.settings.redis_url is not None
        what = "the Redis that was named does not answer" if named else "Staffetta is not up here"
        cure = (
            "Start that Redis, or correct STAFFETTA_REDIS_URL (or its _FILE)"
            if named
            else "Start it with: staffetta up"
        )
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
        yield from _clock("clock of Redis", _redis_time(client))
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
