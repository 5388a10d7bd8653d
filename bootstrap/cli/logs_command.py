"""`logs`: the log file in a form for people, or as the JSON lines that it holds."""

import json as jsonlib
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, MaybeTenant, add
from bootstrap.cli.rooms import log_file_of, options_of, settings_of
from bootstrap.cli.voice import Voice
from domain.plain import one_line
from schemas.log_line import REQUIRED

LEVELS = ("debug", "info", "warning", "error", "critical")
POLL_SECONDS = 0.3
LONGEST_VALUE = 300
LEFT_OUT = REQUIRED | {"tenant.id", "messaging.system", "messaging.message.conversation_id"}

Line: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines an operator wants to see."""

    tenant: str | None
    run: str | None
    level: int

    def admits(self, line: Line) -> bool:
        """Tell whether a line is wanted."""
        level = str(line.get("log.level", "info"))
        return (
            (LEVELS.index(level) if level in LEVELS else 1) >= self.level
            and self.tenant in {None, line.get("tenant.id")}
            and (self.run is None or str(line.get("run.id", "")).startswith(self.run))
        )


def add_to(app: typer.Typer) -> None:
    """Add `logs`."""
    add(
        app,
        "logs",
        logs,
        says="Show the log of this installation. It holds ids, never names or values.",
        examples=("logs -f", "logs acme --level warning", "logs --run 0192f0c1 --json"),
    )


def logs(
    ctx: typer.Context,
    tenant: MaybeTenant = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come in.")] = False,
    about: Annotated[str | None, typer.Option("--tenant", help="The same: only lines about it.")] = None,
    run: Annotated[
        str | None, typer.Option(help="Only lines about this run; an id may be cut short.")
    ] = None,
    level: Annotated[str, typer.Option(help=f"At least this level: {', '.join(LEVELS)}.")] = "debug",
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Begin with so many lines.")] = 100,
    json: AsJson = False,
) -> None:
    """Show the log."""
    if level.lower() not in LEVELS:
        raise CommandError(
            f"There is no level «{one_line(level, 20)}».", f"Levels are {', '.join(LEVELS)}.", ExitCode.USAGE
        )
    if tenant is not None and about not in {None, tenant}:
        raise CommandError("Two tenants are named.", "Name one: staffetta logs acme", ExitCode.USAGE)
    path = log_file_of(settings_of(options_of(ctx)))
    if not path.exists():
        raise CommandError(
            f"There is no log in {path.parent.parent.name}/ yet.",
            "It begins with: staffetta up. With `up --log -` it goes to that terminal instead.",
            ExitCode.NOT_FOUND,
        )
    wanted = Wanted(tenant or about, run, LEVELS.index(level.lower()))
    silent = bool(lines)
    for text in tail(path, lines, wanted, follow=follow):
        silent = False
        sys.stdout.write((text if json else human(text)) + "\n")
        sys.stdout.flush()
    if silent:
        Voice(json=json).say("The log holds no such line. See all with: staffetta logs")


def tail(path: Path, count: int, wanted: Wanted, *, follow: bool) -> Iterator[str]:
    """Yield the last wanted lines, then those that come in."""
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from deque((text for text in _whole(file) if wanted.admits(parsed(text))), maxlen=count)
        rest = ""
        while follow:
            rest += file.read()
            *whole, rest = rest.split("\n")
            yield from (text for text in whole if text and wanted.admits(parsed(text)))
            time.sleep(POLL_SECONDS)
            if path.exists() and path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                return  # the file was rotated away; whoever looks on asks again
            if os.fstat(file.fileno()).st_size < os.lseek(file.fileno(), 0, os.SEEK_CUR):
                file.seek(0)  # it was cut to nothing in its place, as copytruncate does
                rest = ""


def _whole(file: Any) -> Iterator[str]:  # noqa: ANN401  any text file
    for text in file:
        if text.strip():
            yield text.rstrip("\n")


def parsed(text: str) -> Line:
    """Read a line; what is no JSON is a line of its own words."""
    try:
        found = jsonlib.loads(text)
    except ValueError:
        return {"message": text}
    return found if isinstance(found, dict) else {"message": text}


def human(text: str) -> str:
    """Write a line for people: moment, level, who, what, and the rest as name=value."""
    line = parsed(text)
    if "event.action" not in line:
        return one_line(str(line.get("message", "")), 1_000)
    moment = str(line.get("@timestamp", "")).replace("T", " ").rstrip("Z")
    level = str(line.get("log.level", "")).upper()
    service = str(line.get("service.name", "")).removeprefix("staffetta-")
    words = [
        moment,
        f"{level:<7}",
        f"{service:<9}",
        f"{line.get('tenant.id', '–')}",
        str(line.get("message")),
    ]
    rest = [f"{name}={value}" for name, value in line.items() if name not in LEFT_OUT]
    return "  ".join(one_line(str(word), LONGEST_VALUE) for word in (*words, *rest))
