"""Open for a command what it needs: settings, store, and the queue where it is up."""

import contextlib
import getpass
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import redis
import typer

from adapters.clock import SystemClock, SystemIds
from adapters.database.store import SqlStore
from adapters.redis.embedded import answering
from adapters.redis.presence import Presence
from bootstrap.accounts import TenantAccounts
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError, no_tenant
from bootstrap.cli.voice import Voice
from bootstrap.container import house, open_installation, shared_windows
from bootstrap.logging import configure_logging, log_event
from bootstrap.reach import policy_of
from bootstrap.redis_server import NoRedisError, redis_url_of
from bootstrap.settings import Settings, read_settings
from bootstrap.up import is_up
from domain.events import Event
from domain.ids import TenantId
from domain.plain import one_line
from domain.ports import Publisher, Transaction
from domain.tenant import Tenant
from schemas.log_line import Action

NEEDED = frozenset({"fetch", "reconcile"})
"""Roles without which no run gets anywhere."""

GLANCE_SECONDS = 1.0
"""For so long we look for signs of life, which are renewed every two seconds and kept for six."""

RingMore = Callable[[Transaction, TenantId], list[Event]]


@dataclass(frozen=True, slots=True)
class Options:
    """What was said before the name of the command."""

    home: Path | None = None
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Here:
    """Where a command works, and how it answers."""

    settings: Settings
    voice: Voice

    @property
    def log_file(self) -> Path:
        """Tell where the log of this installation is."""
        return log_file_of(self.settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The store and, where Staffetta is up, the queue. `up` says whether workers are there to act."""

    settings: Settings
    store: SqlStore
    publisher: Publisher
    ids: SystemIds
    ring_more: RingMore
    up: bool


HANDED_OVER: ContextVar[bool] = ContextVar("handed over", default=False)
"""Whether this command has handed work over, which goes on without it."""


@dataclass(frozen=True, slots=True)
class Noticing:
    """Ring as somebody else does, and notice that work was handed over."""

    publisher: Publisher

    def ring(self, events: Sequence[Event]) -> None:
        """Ring."""
        HANDED_OVER.set(True)
        self.publisher.ring(events)


def was_handed_over() -> bool:
    """Tell whether this command has asked for something that goes on without it."""
    return HANDED_OVER.get()


class Silence:
    """Ring nothing: the sweeper rings for whatever is due once Staffetta is up."""

    def ring(self, events: Sequence[Event]) -> None:
        """Leave it to the sweeper."""


def here(ctx: typer.Context, *, json: bool) -> Here:
    """Read the settings and send the log of this command to the log file of the installation."""
    HANDED_OVER.set(False)
    settings = settings_of(options_of(ctx))
    log = start_log(settings)
    if log is not None:
        ctx.call_on_close(partial(end_log, log))
    return Here(settings, Voice(json))


def options_of(ctx: typer.Context) -> Options:
    """Return what was said before the command."""
    return ctx.obj if isinstance(ctx.obj, Options) else Options()


def settings_of(options: Options) -> Settings:
    """Read the environment; `--home` wins over STAFFETTA_HOME."""
    chosen = {} if options.home is None else {"STAFFETTA_HOME": str(options.home)}
    return read_settings(os.environ | chosen)


def log_file_of(settings: Settings) -> Path:
    """Tell where the log of an installation is."""
    return settings.home / "log" / "staffetta.jsonl"


def start_log(settings: Settings) -> TextIO | None:
    """Let this process write into the log of the installation; before `init` there is none."""
    path = log_file_of(settings)
    if not is_set_up(settings):
        return None
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        log = os.fdopen(descriptor, "a", encoding="utf-8")
        configure_logging(settings.log_level, True, "staffetta-cli", log)
        return log
    return None


def end_log(log: TextIO) -> None:
    """Close the log of this command."""
    logging.getLogger().handlers.clear()
    log.close()


def operator() -> str:
    """Name who asks, as runs and the log remember it."""
    try:
        return f"operator:{one_line(getpass.getuser(), 60).replace(' ', '_')}"
    except (KeyError, OSError):  # a container may run under a number that has no name
        return "operator"


def note(what: str, tenant_id: TenantId, **more: str) -> None:
    """Write into the log that an operator did something."""
    said = " ".join((what, *(f"{key}={value}" for key, value in more.items() if value)))
    log_event(Action.OPERATOR_ACTION, tenant_id=tenant_id, user_id=operator(), reason=one_line(said, 300))


def is_set_up(settings: Settings) -> bool:
    """Tell whether `init` was done here, so that a folder of somebody else's stays as it is."""
    return settings.master_key_file.exists() or bool(
        settings.database_file and settings.database_file.exists()
    )


def require_set_up(settings: Settings) -> None:
    """Say that `init` comes first, where nothing is there yet."""
    if not is_set_up(settings):
        raise CommandError(
            f"Staffetta is not set up in {settings.home} yet.",
            "Set it up with: staffetta init (or name another folder: staffetta --home DIR …)",
        )


@contextlib.contextmanager
def open_store(settings: Settings) -> Iterator[SqlStore]:
    """Open the store under its master key."""
    require_set_up(settings)
    store = open_installation(settings)
    try:
        yield store
    finally:
        store.close()


@contextlib.contextmanager
def open_office(settings: Settings) -> Iterator[Office]:
    """Open the store, and the queue if it answers."""
    url = living_redis(settings)
    if url is None:
        with open_store(settings) as store:
            yield Office(
                settings=settings,
                store=store,
                publisher=Noticing(Silence()),
                ids=SystemIds(),
                ring_more=lambda _tx, _tenant: [],
                up=False,
            )
        return
    require_set_up(settings)
    with house(settings, url) as inside:
        yield Office(
            settings=settings,
            store=inside.store,
            publisher=Noticing(inside.desk.publisher),
            ids=inside.ids,
            ring_more=inside.ring_more,
            up=workers_are_there(inside.redis),
        )


def living_redis(settings: Settings) -> str | None:
    """Return the URL of the Redis of this installation if it answers, without patience."""
    try:
        url = redis_url_of(settings)
    except NoRedisError:
        return None
    return url if answering(url) else None


def why_silent(settings: Settings) -> tuple[str, str]:
    """Say that nobody answers here, and what to type; what hangs is not started a second time."""
    if is_up(settings.home):
        return (
            "Staffetta is up here, but its Redis or its workers do not answer",
            "If they do not within a minute, end it (Ctrl-C where it runs) and start it again: staffetta up",
        )
    return "Staffetta is not up here", "Start it with: staffetta up"


def workers_are_there(client: redis.Redis) -> bool:
    """Tell whether the processes that carry out runs show signs of life."""
    ends = time.monotonic() + GLANCE_SECONDS
    while not present(client) >= NEEDED:
        if time.monotonic() >= ends:
            return False
        time.sleep(0.1)
    return True


def present(client: redis.Redis) -> frozenset[str]:
    """List the roles that show signs of life."""
    try:
        return Presence(client).roles()
    except redis.RedisError:
        return frozenset()


def accounts_of(settings: Settings, store: SqlStore) -> TenantAccounts:
    """Hand out the tenants' Personios and applications to this process."""
    url = living_redis(settings)
    return TenantAccounts(
        store,
        SystemClock(),
        policy=policy_of(settings),
        rate_limits=settings.rate_limits,
        windows=shared_windows(url, SystemIds()) if url else None,
        address=settings.source_address,
        patient=True,
    )


def tenant_of(store: SqlStore, name: str) -> Tenant:
    """Return a tenant, or end the command with exit code 7."""
    with store.read() as tx:
        tenant = tx.tenants.get(TenantId(name))
    if tenant is None:
        raise no_tenant(one_line(name, 60))
    return tenant


def confirmed(tenant: Tenant, confirm: str | None, what: str) -> None:
    """Let a dangerous command pass only if the tenant's name was written once more."""
    if confirm != tenant.tenant_id:
        raise CommandError(
            f"{what} «{tenant.tenant_id}» needs its name once more, so that no other one is meant.",
            f"Repeat the command with --confirm={tenant.tenant_id}",
            ExitCode.USAGE,
        )
