"""Decide about what is held: list it, approve it, reject it."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, cause_data, change_data, draw_changes
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.follow import deadline, follow
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.rooms import confirmed, here, note, open_office, open_store, operator, tenant_of
from bootstrap.cli.run_commands import Timeout, Wait, WorkHere, tell_begun, tell_end
from bootstrap.cli.voice import Data, heading, line
from bootstrap.cli.workers_here import office_with_workers
from domain.causes import FOR_A_HUMAN
from domain.changes import ChangeState
from domain.ids import ChangeId
from producers.approve import approve, reject

MOST_ROWS = 10_000

Chosen = Annotated[list[str] | None, typer.Option("--change", help="This change; may be repeated.")]
Everything = Annotated[bool, typer.Option("--all", help="All that wait for a human.")]


def add_to(app: typer.Typer) -> None:
    """Add `holds`, `approve` and `reject`."""
    add(
        app,
        "holds",
        holds,
        says="List changes that are held, with the reason, and which of them wait for a yes or a no.",
        examples=("holds acme", "holds acme --json"),
    )
    add(
        app,
        "approve",
        approve_changes,
        says="Apply held changes exactly as they stand. Who changed meanwhile is looked at afresh instead.",
        examples=("approve acme --all --confirm=acme", "approve acme --change ID --confirm=acme --wait"),
    )
    add(
        app,
        "reject",
        reject_changes,
        says="Say no to held changes. The same is not asked again for 90 days.",
        examples=("reject acme --change ID", "reject acme --all"),
    )


def holds(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """List what is held; exit code 5 if somebody must decide."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            names = Names(tx, found.tenant_id)
            held = tx.changes.rows(found.tenant_id, states=[ChangeState.HELD], limit=MOST_ROWS)
            rows = [change_data(row, names) | {"for_a_human": row.why in FOR_A_HUMAN} for row in held]
    at.voice.tell({"tenant": found.tenant_id, "holds": rows}, _draw)
    if not rows:
        at.voice.say("Nothing is held.")
    raise typer.Exit(ExitCode.HELD if any(row["for_a_human"] for row in rows) else ExitCode.OK)


def _draw(data: Data) -> Iterable[RenderableType]:
    groups: dict[str, list[Data]] = {}
    for row in data["holds"]:
        groups.setdefault((row["why"] or {}).get("code", ""), []).append(row)
    for code, rows in groups.items():
        said = cause_data(code) or {"sentence": "Held", "cure": ""}
        yield heading(f"{said['sentence']} ({len(rows)})")
        if rows[0]["for_a_human"]:
            name = data["tenant"]
            yield line(f"→ staffetta approve {name} --all --confirm={name}, or staffetta reject {name} --all")
        elif said["cure"]:
            yield line(f"→ {said['cure']}")
        yield from draw_changes(rows)
        yield line("changes: " + " ".join(row["change"] for row in rows[:20]))


def approve_changes(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    change: Chosen = None,
    everything: Everything = False,
    confirm: Annotated[str | None, typer.Option(help="The tenant's id once more.")] = None,
    wait: Wait = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Apply held changes."""
    at = here(ctx, json=json)
    chosen = _chosen(change, everything=everything)
    waiting = wait or work_here
    with office_with_workers(at, work_here=work_here) if waiting else open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        confirmed(found, confirm, "Approving for")
        done = approve(
            found.tenant_id,
            change_ids=chosen,
            by=operator(),
            store=office.store,
            publisher=office.publisher,
            ids=office.ids,
            ring_more=office.ring_more,
        )
        note("approve", found.tenant_id, run=done.run.run_id, rows=str(done.rows))
        at.voice.say(f"Run {done.run.run_id} applies {done.rows} approved changes.")
        code = ExitCode.OK
        if waiting:
            run = follow(office.store, done.run, at.voice, deadline(timeout))
            code = tell_end(at, office, found, [run])
        else:
            tell_begun(at, office, done.run, {"approved": done.rows})
    raise typer.Exit(code)


def reject_changes(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    change: Chosen = None,
    everything: Everything = False,
    json: AsJson = False,
) -> None:
    """Say no."""
    at = here(ctx, json=json)
    chosen = _chosen(change, everything=everything)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        count = reject(found.tenant_id, change_ids=chosen, by=operator(), store=store)
    note("reject", found.tenant_id, rows=str(count))
    at.voice.tell({"tenant": found.tenant_id, "rejected": count}, lambda _: ())
    at.voice.say(f"{count} change{'s' if count != 1 else ''} rejected.")


def _chosen(change: list[str] | None, *, everything: bool) -> list[ChangeId]:
    if bool(change) == everything:
        raise CommandError("Which changes?", "Name either --change ID or --all.", ExitCode.USAGE)
    return [ChangeId(each) for each in change or ()]
