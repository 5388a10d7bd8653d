"""`audit`: who did what to a tenant, and whether that record is whole."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.rooms import Here, here, open_store, tenant_of
from bootstrap.cli.voice import Data, cell, line, table
from domain.audit import ITSELF, Chain, Entry
from domain.tenant import Tenant

NOT_WHOLE = (
    "Somebody changed the database past Staffetta, or it was damaged."
    " Compare with your backups, and ask who could write to it."
)
CUT_LATER = "An older copy of the whole audit is whole, too. Note the last number elsewhere."


def add_to(app: typer.Typer) -> None:
    """Add `audit`."""
    add(
        app,
        "audit",
        audit,
        says="List who did what to a tenant, newest first; or see whether every entry is there as it was "
        "written. Exit code 1 if not. Entries hold ids, kinds and fingerprints, no values.",
        examples=("audit acme", "audit acme --limit 200 --json", "audit acme --verify"),
    )


def audit(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Check the whole chain.")] = False,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=100_000, help="At most so many entries.")
    ] = 50,
    json: AsJson = False,
) -> None:
    """List or verify."""
    at = here(ctx, json=json)
    if verify:
        raise typer.Exit(_verify(at, tenant))
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            entries = tx.audit.newest(found.tenant_id, limit)
    rows = [_row(entry) for entry in entries]
    at.voice.tell({"tenant": found.tenant_id, "entries": rows}, _draw)
    at.voice.say(f"Check that nothing is missing: staffetta audit {found.tenant_id} --verify")


def _verify(at: Here, tenant: str) -> ExitCode:
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            chain, broken = tx.audit.chain(found.tenant_id), tx.audit.first_broken(found.tenant_id)
    at.voice.tell(_verdict(found, chain or Chain(), broken), lambda data: [line(_said(data))])
    if broken is None:
        at.voice.say(CUT_LATER)
        return ExitCode.OK
    at.voice.complain(f"The audit of «{found.tenant_id}» is not whole.", NOT_WHOLE)
    return ExitCode.FAILED


def _verdict(found: Tenant, chain: Chain, broken: int | None) -> Data:
    return {
        "tenant": found.tenant_id,
        "whole": broken is None,
        "first_broken": broken,
        "pruned_up_to": chain.anchor.number,
        "last": chain.tip.number,
    }


def _said(data: Data) -> str:
    broken = data["first_broken"]
    if broken == ITSELF:
        return "Broken: the row that says where the chain begins and ends is missing or was altered."
    if broken is not None:
        return f"Broken at entry {broken}: it is missing, was altered or added, or stands in another place."
    pruned = f"; those up to {data['pruned_up_to']} were pruned by age" if data["pruned_up_to"] else ""
    return f"Whole: entries {data['pruned_up_to'] + 1} to {data['last']} are as they were written{pruned}."


def _row(entry: Entry) -> Data:
    return {
        "number": entry.number,
        "at": entry.at,
        "by": entry.by,
        "deed": entry.deed,
        "about": entry.about,
        "id": entry.about_id,
        "count": entry.count,
        "meant": entry.meant or None,
        "hash": entry.hash,
    }


def _draw(data: Data) -> Iterable[RenderableType]:
    drawn = table("number", "at (UTC)", "by", "deed", "about", "id", "count", numbers=("number", "count"))
    for row in data["entries"]:
        drawn.add_row(*(cell(row[name]) for name in ("number", "at", "by", "deed", "about", "id", "count")))
    yield drawn
