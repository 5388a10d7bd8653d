"""`accept-feed`: say that an attribute is gone on purpose, so that the next run takes it as it is."""

import shlex
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.lost_view import lost_data
from bootstrap.cli.rooms import confirmed, here, note, open_office, operator, tenant_of
from bootstrap.cli.voice import Data, cell, heading, line, table
from domain.attributes import Accepted
from producers.accept_feed import Waiting, accept_feed, lost_attributes

SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Add `accept-feed`."""
    add(
        app,
        "accept-feed",
        accept,
        says="Say that attributes which Personio stopped telling are gone on purpose. Without --confirm it"
        " shows what would be accepted.",
        examples=(
            "accept-feed acme",
            "accept-feed acme --confirm=acme",
            "accept-feed acme --attribute department --confirm=acme",
        ),
    )


def accept(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    attribute: Annotated[
        list[str] | None, typer.Option("--attribute", help="Only this attribute, by key; may be repeated.")
    ] = None,
    confirm: Annotated[str | None, typer.Option(help="The tenant's id once more.")] = None,
    json: AsJson = False,
) -> None:
    """Show what was lost, or accept it; exit code 5 if something waits for somebody to say."""
    at = here(ctx, json=json)
    keys = attribute or []
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        waiting = lost_attributes(found.tenant_id, store=office.store)
        accepted: Sequence[Waiting] = ()
        if confirm is not None:
            confirmed(found, confirm, "Accepting what was lost for")
            taken = accept_feed(
                found.tenant_id, keys=keys, by=operator(), store=office.store, publisher=office.publisher
            )
            note("accept-feed", found.tenant_id, attributes=",".join(each.key for each in taken))
            accepted = [each for each in waiting if each.lost in taken]
            waiting = lost_attributes(found.tenant_id, store=office.store)
        with office.store.read() as tx:
            history = tx.attributes.accepted(found.tenant_id, SHOWN)
    data = {
        "tenant": found.tenant_id,
        "lost": _rows(waiting),
        "accepted": _rows(accepted),
        "history": [_history(each) for each in history],
    }
    at.voice.tell(data, _draw)
    raise typer.Exit(ExitCode.HELD if waiting and not accepted else ExitCode.OK)


def _rows(waiting: Sequence[Waiting]) -> list[Data]:
    rows = lost_data([each.lost for each in waiting])
    return [row | {"acceptable": each.acceptable} for row, each in zip(rows, waiting, strict=True)]


def _history(each: Accepted) -> Data:
    lost = each.lost
    figures = {"before": lost.before, "now": lost.now}
    return {"attribute": lost.key, "how": lost.how.value, "by": each.by, "at": each.at} | figures


def _draw(data: Data) -> Iterable[RenderableType]:
    name = data["tenant"]
    if data["accepted"]:
        yield heading("Normal from now on")
        yield _table(data["accepted"])
        yield line(f"The next run takes it so; start one with: staffetta sync {name}")
    if data["lost"]:
        yield heading("Not told as before, and left alone")
        yield _table(data["lost"])
        for row in data["lost"]:
            yield line(f"→ {row['sentence']}")
        yield line(_cure(name, data["lost"]))
    if not data["lost"] and not data["accepted"]:
        yield line("Personio tells every mapped attribute as before; there is nothing to accept.")
    if data["history"]:
        yield heading("Accepted before")
        drawn = table("attribute", "before", "then", "by", "when", numbers=("before", "then"))
        for row in data["history"]:
            drawn.add_row(*(cell(row[column]) for column in ("attribute", "before", "now", "by", "at")))
        yield drawn


def _cure(name: str, lost: Sequence[Data]) -> str:
    """Write what accepts all that may go; an attribute without which nobody can be judged may not."""
    may = [row["attribute"] for row in lost if row["acceptable"]]
    if not may:
        return "→ Without it nobody can be judged, so it cannot be accepted as gone: tick it in Personio."
    chosen = [] if len(may) == len(lost) else [part for each in may for part in ("--attribute", each)]
    command = shlex.join(["staffetta", "accept-feed", name, *chosen, f"--confirm={name}"])
    return f"→ If that is intended: {command}"


def _table(rows: Sequence[Data]) -> RenderableType:
    drawn = table("attribute", "called", "is", "before", "now", "may go", numbers=("before", "now"))
    for row in rows:
        columns = ("attribute", "label", "how", "before", "now", "acceptable")
        drawn.add_row(*(cell(row[column]) for column in columns))
    return drawn
