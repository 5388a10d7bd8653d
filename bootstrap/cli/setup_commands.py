"""The first two commands: set an installation up, and run it."""

import os
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.vault import WrongMasterKeyError
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, add
from bootstrap.cli.rooms import Here, Options, here, is_set_up, log_file_of, options_of, settings_of
from bootstrap.cli.voice import Data, Voice, pairs
from bootstrap.container import make_installation, open_installation
from bootstrap.settings import Settings
from bootstrap.up import PROGRAMS, running

OWNER_ONLY = 0o700

NEXT = (
    "Next:",
    "  staffetta tenant add acme --profile generic --client-id ID --client-secret-file FILE \\",
    "      --target-url URL --target-token-file FILE",
    "  staffetta check acme      reads both sides and writes nothing",
    "  staffetta up              runs everything, in a terminal of its own; stop it with Ctrl-C",
)

KEEP_THE_KEY = (
    "Keep a copy of the master key away from this machine and from backups of the database:",
    "without it no stored value can be read again.",
)


def add_to(app: typer.Typer) -> None:
    """Add `init` and `up`."""
    add(
        app,
        "init",
        init,
        says="Make the home folder, the master key and the database. What is there already is kept.",
        examples=("init", "init --home /srv/staffetta", "init --new-database"),
    )
    add(
        app,
        "up",
        up,
        says="Run scheduler, workers and the embedded server until Ctrl-C. An empty folder is set up first.",
        examples=("up", "up --log -", "--home /srv/staffetta up"),
    )


def init(
    ctx: typer.Context,
    home: Annotated[Path | None, typer.Option(help="The folder for all data; default is var.")] = None,
    *,
    new_database: Annotated[
        bool, typer.Option(help="Make an empty database although a master key is there already.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Set an installation up."""
    options = options_of(ctx)
    settings = settings_of(Options(home or options.home, options.debug))
    made = set_up(settings, new_database=new_database)
    data: Data = {
        "home": str(settings.home),
        "master_key_file": str(settings.master_key_file),
        "master_key_made": made,
        "database": "sqlite" if settings.database_url.startswith("sqlite") else "postgresql",
    }
    voice = Voice(json)
    voice.tell(data, _draw_init)
    if made:
        voice.say(*KEEP_THE_KEY)
    if (home or options.home) is not None:
        voice.say(f"Other commands find this folder by: export STAFFETTA_HOME={settings.home}")
    voice.say(*NEXT)


def _draw_init(data: Data) -> Iterable[RenderableType]:
    state = "made now" if data["master_key_made"] else "was there, kept"
    yield pairs(
        [
            ("home", data["home"]),
            ("master key", f"{data['master_key_file']} ({state})"),
            ("database", f"{data['database']}, tables are up to date"),
        ]
    )


def set_up(settings: Settings, *, new_database: bool = False) -> bool:
    """Make whatever is missing; True if a master key was made.

    A database that is missing beside a living key is made only if a `new_database` was asked for.
    A new key beside a database that was sealed under another one is taken away again.
    """
    settings.home.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    if settings.home.stat().st_uid == os.geteuid():
        settings.home.chmod(OWNER_ONLY)
    made = not settings.master_key_file.exists()
    try:
        if made or new_database:
            make_installation(settings)
        else:
            open_installation(settings).close()
    except WrongMasterKeyError as error:
        if not made:
            raise
        settings.master_key_file.unlink()
        raise CommandError(
            f"The database is there, but its master key is not in {settings.master_key_file}.",
            f"Restore the key file from your backup ({str(error).partition(',')[0]}).",
            ExitCode.ACCESS,
        ) from None
    return made


def up(
    ctx: typer.Context,
    log: Annotated[
        str | None, typer.Option(help="Where the log goes: a file, or - for standard output.")
    ] = None,
) -> None:
    """Run the house until told to stop."""
    settings = settings_of(options_of(ctx))
    if not is_set_up(settings):
        set_up(settings)
        Voice().say(f"{settings.home.name}/ was not set up yet; it is now.", *KEEP_THE_KEY)
    at = here(ctx, json=False)
    file = _log_target(settings, log)
    stop, hurry = threading.Event(), threading.Event()
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in previous:
        signal.signal(number, lambda *_: (hurry if stop.is_set() else stop).set())
    try:
        with running(settings, sys.stderr, file) as supervisor:
            at.voice.say(*_running(at, file))
            supervisor.hurry = hurry
            supervisor.watch(stop)
            at.voice.say("Stopping; calls in flight end first. Ctrl-C once more does not wait for them.")
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    at.voice.say("Stopped. Nothing is lost; go on with: staffetta up")


def _log_target(settings: Settings, log: str | None) -> Path | None:
    if log == "-":
        return None
    path = Path(log).absolute() if log else log_file_of(settings)
    path.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    return path


def _running(at: Here, file: Path | None) -> Iterable[str]:
    redis = "the Redis that was named" if at.settings.redis_url else "an embedded server"
    yield f"Staffetta is up in {at.settings.home}: {', '.join(PROGRAMS)}, with {redis}."
    yield f"The log goes to {file or 'standard output'}. Look with: staffetta doctor, staffetta logs -f"
    yield "Stop with Ctrl-C."
