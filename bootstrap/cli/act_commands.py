"""Act on a tenant: requeue what died, pause, resume, stop."""

from typing import Annotated

import typer

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.rooms import Here, Office, confirmed, here, note, open_office, tenant_of
from domain.codes import Code
from domain.ids import ChangeId
from domain.plain import one_line
from domain.tenant import Tenant, TenantState, may_write
from producers.replay import requeue

Reason = Annotated[str, typer.Option(help="Why; it stands in the log.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands that act."""
    add(
        app,
        "requeue",
        requeue_changes,
        says="Send dead changes on their way again: chosen ones, all of a cause, or all.",
        examples=("requeue acme --code target.refused", "requeue acme --change ID", "requeue acme --all"),
    )
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


def requeue_changes(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    code: Annotated[str | None, typer.Option(help="All that died of this cause.")] = None,
    change: Annotated[list[str] | None, typer.Option(help="This change; may be repeated.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All dead changes.")] = False,
    json: AsJson = False,
) -> None:
    """Release dead changes again."""
    at = here(ctx, json=json)
    if sum((code is not None, bool(change), everything)) != 1:
        raise CommandError("Which changes?", "Name one of --code, --change and --all.", ExitCode.USAGE)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        count = requeue(
            found.tenant_id,
            change_ids=[ChangeId(each) for each in change or ()],
            code=None if code is None else known_code(code),
            store=office.store,
            publisher=office.publisher,
            ring_more=office.ring_more,
        )
    note("requeue", found.tenant_id, count=str(count))
    at.voice.tell({"tenant": found.tenant_id, "requeued": count}, lambda _: ())
    at.voice.say(f"{count} change{'s' if count != 1 else ''} released again." + _when(found, office, count))


def _when(tenant: Tenant, office: Office, count: int) -> str:
    if count and not may_write(tenant.state):
        return f" They wait, because {tenant.tenant_id} is {tenant.state}."
    return " They are tried as soon as Staffetta is up." if count and not office.up else ""


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
        if found.state is not TenantState.PAUSED:
            _move(office, found, TenantState.PAUSED, None)
    note("pause", found.tenant_id, reason=reason)
    _tell(at, found, TenantState.PAUSED, f"Go on with: staffetta resume {tenant}")


def resume(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """Let a tenant go on."""
    at = here(ctx, json=json)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        after = _after_resume(found)
        if found.state is not after:
            _move(office, found, after, None)
    note("resume", found.tenant_id)
    _tell(at, found, after, f"See when it runs next: staffetta tenant show {tenant}")


def _after_resume(tenant: Tenant) -> TenantState:
    match tenant.state:
        case TenantState.PAUSED | TenantState.ACTIVE:
            return TenantState.ACTIVE
        case TenantState.STOPPED:
            waiting = tenant.before in {TenantState.SETUP, TenantState.READY}
            return tenant.before if waiting and tenant.before else TenantState.ACTIVE
        case TenantState.BLOCKED:
            raise CommandError(
                f"«{tenant.tenant_id}» is blocked; only a green check lets it go on.",
                f"Run: staffetta check {tenant.tenant_id}",
                ExitCode.PAUSED,
            )
        case TenantState.SETUP | TenantState.READY:
            raise CommandError(
                f"«{tenant.tenant_id}» is {tenant.state}; it was never active.",
                f"Go on with: staffetta check {tenant.tenant_id}, preview, activate",
            )


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
        if found.state is not TenantState.STOPPED:
            _move(office, found, TenantState.STOPPED, Code.TENANT_STOPPED)
    note("stop", found.tenant_id, reason=reason)
    _tell(
        at, found, TenantState.STOPPED, f"Nothing is written any more. Go on with: staffetta resume {tenant}"
    )


def _move(office: Office, tenant: Tenant, to: TenantState, why: Code | None) -> None:
    """Move a tenant, and its rows with it: parked while nothing may be written, released afterwards."""
    with office.store.write() as tx:
        if not tx.tenants.move(tenant.tenant_id, to, why):
            raise CommandError(
                f"«{tenant.tenant_id}» is {tenant.state} and cannot become {to}.",
                f"See how it is: staffetta tenant show {tenant.tenant_id}",
            )
        if may_write(to):
            tx.changes.unpark(tenant.tenant_id)
        else:
            tx.changes.park(tenant.tenant_id)
        events = office.ring_more(tx, tenant.tenant_id) if may_write(to) else []
    office.publisher.ring(events)


def _tell(at: Here, tenant: Tenant, after: TenantState, words: str) -> None:
    before = tenant.state.value
    data = {"tenant": tenant.tenant_id, "state_before": before, "state": after.value}
    at.voice.tell(data, lambda _: ())
    was = f"is {after} already" if tenant.state is after else f"is {after}; it was {before}"
    at.voice.say(f"{tenant.tenant_id} {was}. {words}")
