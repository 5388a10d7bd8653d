"""Act on a tenant: pause, resume, stop."""

from typing import Annotated

import typer

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.rooms import Here, confirmed, here, note, open_office, operator, tenant_of
from bootstrap.cli.voice import Data, nothing
from bootstrap.logging import log_event
from domain.codes import Code
from domain.plain import one_line
from domain.setback_words import fix
from domain.tenant import Tenant, TenantState
from producers import resume as pauses
from schemas.log_line import Action

Reason = Annotated[str, typer.Option(help="Why; it stands in the log.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands that act."""
    add(
        app,
        "pause",
        pause,
        says="Let no run of a tenant begin by itself; runs by hand still work.",
        examples=('pause acme --reason "payroll week"',),
    )
    add(
        app,
        "resume",
        resume,
        says="Let a paused or stopped tenant go on where it was.",
        examples=("resume acme",),
    )
    add(
        app,
        "stop",
        stop,
        says="Write nothing more for a tenant after the calls in flight. Open changes wait.",
        examples=("stop acme --confirm=acme",),
    )


def known_code(text: str) -> Code:
    """Take a cause by its code."""
    try:
        return Code(text)
    except ValueError:
        raise CommandError(
            f"There is no cause «{one_line(text, 60)}».",
            "Codes stand in: staffetta letters, staffetta incidents, docs/runbooks/causes.md",
            ExitCode.USAGE,
        ) from None


def pause(ctx: typer.Context, tenant: TenantName, *, reason: Reason = "", json: AsJson = False) -> None:
    """Let no run begin by itself."""
    at = here(ctx, json=json)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        after = pauses.pause(found.tenant_id, by=operator(), store=office.store, ids=office.ids)
    note("pause", found.tenant_id, reason=reason)
    blocked = f" Before that: {fix(found.why, found.tenant_id)}" if after is TenantState.BLOCKED else ""
    _tell(at, found, after, f"Go on with: staffetta resume {tenant}.{blocked}")


def resume(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """Let a tenant go on."""
    at = here(ctx, json=json)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        if found.state is TenantState.BLOCKED:
            raise CommandError(
                f"«{found.tenant_id}» is blocked; only a green check lets it go on.",
                f"Run: staffetta check {found.tenant_id}",
                ExitCode.PAUSED,
            )
        after = pauses.resume(
            found.tenant_id,
            by=operator(),
            store=office.store,
            publisher=office.publisher,
            ids=office.ids,
            ring_more=office.ring_more,
        )
    note("resume", found.tenant_id)
    if after is not found.state:
        log_event(Action.TENANT_RESUMED, tenant_id=found.tenant_id, user_id=operator())
    goes_on = after is TenantState.ACTIVE and found.state is not after
    first = "A complete run reads everything first. " if goes_on else ""
    _tell(at, found, after, f"{first}See how it goes: staffetta tenant show {tenant}")


def stop(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    confirm: Annotated[str | None, typer.Option(help="The tenant's id once more.")] = None,
    reason: Reason = "",
    json: AsJson = False,
) -> None:
    """Write nothing more."""
    at = here(ctx, json=json)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        confirmed(found, confirm, "Stopping")
        out = pauses.stop(found.tenant_id, by=operator(), store=office.store)
    note("stop", found.tenant_id, reason=reason)
    if found.state is not TenantState.STOPPED:
        log_event(Action.TENANT_STOPPED, tenant_id=found.tenant_id, user_id=operator())
    if out:
        many = "changes are" if out != 1 else "change is"
        now = f"{out} {many} in hand: what is being sent arrives, all else waits."
    else:
        now = "Nothing is written any more."
    words = f"{now} Go on with: staffetta resume {tenant}"
    _tell(at, found, TenantState.STOPPED, words, {"in_hand": out})


def _tell(at: Here, tenant: Tenant, after: TenantState, words: str, more: Data | None = None) -> None:
    before = tenant.state.value
    data = {"tenant": tenant.tenant_id, "state_before": before, "state": after.value} | (more or {})
    at.voice.tell(data, nothing)
    was = f"is {after} already" if tenant.state is after else f"is {after}; it was {before}"
    at.voice.say(f"{tenant.tenant_id} {was}. {words}")
