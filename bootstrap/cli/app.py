"""Put all commands together under one name."""

from pathlib import Path
from typing import Annotated

import typer

from bootstrap.cli import (
    accept_command,
    act_commands,
    approve_command,
    audit_command,
    case_commands,
    check_command,
    config_commands,
    deletion_commands,
    doctor_command,
    hold_commands,
    letter_commands,
    limits_command,
    logs_command,
    look_commands,
    notify_commands,
    override_commands,
    run_commands,
    schedule_command,
    setup_commands,
    tenant_commands,
    try_command,
    undo_commands,
    why_command,
)
from bootstrap.cli.group import new_app
from bootstrap.cli.rooms import Options
from bootstrap.logging import own_version

HELP = """\b
Examples:
  staffetta init                             set up the folder var/
  staffetta tenant add acme --help           what a tenant needs
  staffetta check acme                       read both sides, write nothing
  staffetta up                               run everything, in a terminal of its own
  staffetta preview acme                     see what would be done, person by person
  staffetta activate acme --confirm=acme     do exactly that
  staffetta sync acme --wait                 run once more and wait

Carry people from Personio into the application that should know them.

Every command answers with JSON if asked by --json. Exit codes: 0 ok, 1 failed, 2 usage, 3 some items failed,
4 credentials or rights, 5 held, 6 paused or blocked, 7 not found, 8 timed out, 75 try again, 130 interrupted.
"""

PARTS = (
    setup_commands,
    tenant_commands,
    check_command,
    config_commands,
    try_command,
    run_commands,
    schedule_command,
    look_commands,
    letter_commands,
    why_command,
    hold_commands,
    approve_command,
    accept_command,
    case_commands,
    override_commands,
    undo_commands,
    act_commands,
    deletion_commands,
    notify_commands,
    limits_command,
    audit_command,
    logs_command,
    doctor_command,
)


def build() -> typer.Typer:
    """Make the whole command line."""
    app = new_app(HELP)
    app.callback()(begin)
    for part in PARTS:
        part.add_to(app)
    return app


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"staffetta {own_version()}")
        raise typer.Exit


def begin(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="The folder of this installation; default is STAFFETTA_HOME or var.")
    ] = None,
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Name this release and end."),
    ] = False,
) -> None:
    """Remember what was said before the command."""
    ctx.obj = Options(home, debug)
