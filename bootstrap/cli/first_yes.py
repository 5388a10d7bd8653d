"""Tell somebody that their yes is recorded, and who may say the second."""

from typing import NoReturn

import typer

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.rooms import Here, note
from bootstrap.cli.voice import nothing
from domain.ids import TenantId
from producers.approve import Awaiting


def tell_first_yes(at: Here, tenant_id: TenantId, first: Awaiting, command: str) -> NoReturn:
    """Answer with the list, how long it waits, and the command for the other operator, and end."""
    note(f"{command}-first", tenant_id, hash=first.hash, rows=str(first.rows))
    data = {"tenant": tenant_id, "approved": 0, "hash": first.hash, "rows": first.rows, "until": first.until}
    at.voice.tell(data | {"waits_for": "second-yes"}, nothing)
    at.voice.say(
        f"Your yes to {first.rows} changes is recorded; nothing is applied before a second person's.",
        f"Until {first.until:%Y-%m-%d %H:%M} UTC another operator may type: {first.again}",
    )
    raise typer.Exit(ExitCode.HELD)
