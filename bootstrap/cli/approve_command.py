"""Say yes to held changes or to a plan: to exactly what was read, and nothing else."""

from dataclasses import replace
from typing import Annotated

import typer

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.first_yes import tell_first_yes
from bootstrap.cli.follow import deadline, follow
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.hold_commands import Chosen, Everything, Hash, OfCause, choice_of
from bootstrap.cli.rooms import Here, Office, confirmed, here, note, open_office, operator, tenant_of
from bootstrap.cli.run_commands import Timeout, Wait, WorkHere, tell_begun, tell_end
from bootstrap.cli.workers_here import office_with_workers
from domain.ids import RunId, TenantId
from domain.tenant import Tenant
from producers.approve import Approved, Awaiting, approve
from producers.sight import Choice

OfRun = Annotated[str | None, typer.Option("--run", help="The proposals of this plan, not held rows.")]
Confirm = Annotated[
    str | None, typer.Option(help="The tenant's id once more; needed where no hash says what was read.")
]


def add_to(app: typer.Typer) -> None:
    """Add `approve`."""
    add(
        app,
        "approve",
        approve_changes,
        says="Apply held changes, or a plan, exactly as read. Who changed since is looked at afresh.",
        examples=(
            "approve acme --hash k7m2-9xqp-4dmz",
            "approve acme --hash k7m2-9xqp-4dmz --wait",
            "approve acme --change ID --change ID --confirm=acme",
            "approve acme --run RUN --change ID --confirm=acme",
        ),
    )


def approve_changes(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    seen: Hash = None,
    change: Chosen = None,
    code: OfCause = None,
    run: OfRun = None,
    everything: Everything = False,
    confirm: Confirm = None,
    wait: Wait = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Say yes; a hash names one list of one tenant, so nothing else can be meant by it."""
    at = here(ctx, json=json)
    choice = replace(choice_of(change, code, seen), plan=RunId(run) if run else None)
    _named(tenant, choice, everything=everything)
    waiting = wait or work_here
    with (
        office_with_workers(at, tenant, work_here=work_here)
        if waiting
        else open_office(at.settings) as office
    ):
        found = tenant_of(office.store, tenant)
        if choice.seen is None or confirm is not None:
            confirmed(found, confirm, "Approving for")
        done = _say_yes(office, found.tenant_id, choice)
        if isinstance(done, Awaiting):
            tell_first_yes(at, found.tenant_id, done, "approve")
        ended = _tell(at, office, found, done, timeout=timeout, wait=waiting)
    raise typer.Exit(ended)


def _named(tenant: str, choice: Choice, *, everything: bool) -> None:
    """Refuse a yes to a whole list by somebody who does not say which list they have read."""
    if choice.seen or (choice.change_ids and not (everything or choice.code)):
        return
    listing = (
        f"staffetta preview {tenant} --run {choice.plan}" if choice.plan else f"staffetta holds {tenant}"
    )
    if everything or choice.code or choice.plan:
        raise CommandError(
            "A yes to a whole list must name the hash of the list that was read.",
            f"Read it: {listing}. It ends with the command that says yes to exactly that.",
            ExitCode.USAGE,
        )
    raise CommandError(
        "Which changes?", f"Name --hash HASH or --change ID; both stand in: {listing}", ExitCode.USAGE
    )


def _say_yes(office: Office, tenant_id: TenantId, choice: Choice) -> Approved | Awaiting:
    return approve(
        tenant_id,
        choice,
        by=operator(),
        store=office.store,
        publisher=office.publisher,
        ids=office.ids,
        ring_more=office.ring_more,
    )


def _tell(
    at: Here, office: Office, tenant: Tenant, done: Approved, *, timeout: float | None, wait: bool
) -> ExitCode:
    note("approve", tenant.tenant_id, run=done.run.run_id, rows=str(done.rows))
    at.voice.say(f"Run {done.run.run_id} applies {done.rows} approved changes.")
    if not wait:
        tell_begun(at, office, done.run, {"approved": done.rows})
        return ExitCode.OK
    run = follow(office.store, done.run, at.voice, deadline(timeout))
    return tell_end(at, office, tenant, [run])
