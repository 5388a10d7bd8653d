"""Ask for plans and runs, and apply them: preview, activate, sync, resync."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, NoReturn

import typer

from adapters.clock import SystemIds
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.csv_view import AsCsv, write_changes
from bootstrap.cli.exits import ExitCode, exit_of_run
from bootstrap.cli.failures import CommandError
from bootstrap.cli.first_yes import tell_first_yes
from bootstrap.cli.follow import Wish, ask, ask_and_follow, deadline, follow
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.people_in import person_of
from bootstrap.cli.plan_view import draw_plan, plan_data
from bootstrap.cli.rooms import (
    Here,
    Office,
    confirmed,
    here,
    note,
    open_office,
    open_store,
    operator,
    tenant_of,
)
from bootstrap.cli.run_view import draw_run, run_data, run_in_full
from bootstrap.cli.sent_view import sent_data, sent_words
from bootstrap.cli.voice import Data, nothing
from bootstrap.cli.workers_here import office_with_workers
from bootstrap.logging import log_event
from domain.ids import PersonId, RunId
from domain.run import Outcome, Run
from domain.tenant import Tenant, TenantState, may_write
from producers.activate import activate
from producers.approve import Awaiting
from producers.sight import plan_of
from schemas.log_line import Action

Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end and answer with what happened.")]
WorkHere = Annotated[
    bool, typer.Option("--here", help="Run the workers in this command if Staffetta is not up.")
]
Timeout = Annotated[
    float | None, typer.Option(min=0.1, metavar="SECONDS", help="Stop waiting after this; the run goes on.")
]
Person = Annotated[
    list[str] | None,
    typer.Option("--person", help="Only this person: Personio id or user name; may be repeated."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands about runs that are to come."""
    add(
        app,
        "preview",
        preview,
        says="Make a plan and show it, person by person. Nothing is written to the application.",
        examples=(
            "preview acme",
            "preview acme --person ada@example.com",
            "preview acme --run RUN --all",
            "preview acme --csv > plan.csv",
            "preview acme --json --here",
        ),
    )
    add(
        app,
        "activate",
        activate_tenant,
        says="Apply the newest plan of a tenant and let its schedule begin.",
        examples=("activate acme --confirm=acme", "activate acme --confirm=acme --wait"),
    )
    add(
        app,
        "sync",
        sync,
        says="Ask for a run of a tenant now. A run that has not begun to read is joined.",
        examples=("sync acme", "sync acme --wait", "sync acme --here"),
    )
    add(
        app,
        "resync",
        resync,
        says="Look at a tenant, or at some people, again. Only what differs is written.",
        examples=("resync acme --wait", "resync acme --person 4711 --person ada@example.com --wait"),
    )


def preview(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    person: Annotated[str | None, typer.Option(help="Only this person: Personio id or user name.")] = None,
    of_run: Annotated[str | None, typer.Option("--run", help="Show this plan again; make none.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Show every person, not the first 50.")] = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    as_csv: AsCsv = False,
    json: AsJson = False,
) -> None:
    """Make a plan, wait for it, and show it."""
    at = here(ctx, json=json)
    show = _show_csv if as_csv else partial(_show_plan, at, everybody=everybody)
    if of_run is not None:
        _again(at, tenant, RunId(of_run), show)
    with office_with_workers(at, tenant, work_here=work_here) as office:
        found = _readable(tenant_of(office.store, tenant))
        person_id = None if person is None else person_of(office.store, found.tenant_id, person)
        wish = Wish(found.tenant_id, operator(), plan_only=True, person_id=person_id)
        run = ask_and_follow(office, wish, at.voice, deadline(timeout))
        state = tenant_of(office.store, tenant).state
        with office.store.write() as tx:
            data = plan_data(tx, run, state, office.ids)
    note("preview", found.tenant_id, run=run.run_id)
    show(data)
    raise typer.Exit(ExitCode.HELD if data["holds"] else exit_of_run(run))


def _show_plan(at: Here, data: Data, *, everybody: bool) -> None:
    at.voice.tell(data, lambda told: draw_plan(told, everybody=everybody))


def _show_csv(data: Data) -> None:
    write_changes(data["changes"])


def _again(at: Here, tenant: str, run_id: RunId, show: Callable[[Data], None]) -> NoReturn:
    """Show a plan that was made before, as it was made."""
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.write() as tx:
            plan = plan_of(tx, found.tenant_id, run_id)
            data = plan_data(tx, plan, found.state, SystemIds())
    show(data)
    raise typer.Exit(ExitCode.HELD if data["holds"] else ExitCode.OK)


def activate_tenant(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    confirm: Annotated[str | None, typer.Option(help="The tenant's id once more.")] = None,
    wait: Wait = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Apply the newest plan exactly as it was shown."""
    at = here(ctx, json=json)
    with (
        open_office(at.settings)
        if not (wait or work_here)
        else office_with_workers(at, tenant, work_here=work_here) as office
    ):
        found = tenant_of(office.store, tenant)
        confirmed(found, confirm, "Activating")
        done = activate(
            found.tenant_id,
            by=operator(),
            store=office.store,
            publisher=office.publisher,
            ids=office.ids,
            ring_more=office.ring_more,
        )
        if isinstance(done, Awaiting):
            tell_first_yes(at, found.tenant_id, done, "activate")
        note("activate", found.tenant_id, run=done.run.run_id, rows=str(done.rows))
        log_event(Action.TENANT_ACTIVATED, tenant_id=found.tenant_id, run_id=done.run.run_id, count=done.rows)
        at.voice.say(*sent_words(f"{found.tenant_id} is active", done))
        if wait or work_here:
            run = follow(office.store, done.run, at.voice, deadline(timeout))
            raise typer.Exit(tell_end(at, office, found, [run]))
        tell_begun(at, office, done.run, sent_data(done))
        if not office.up:
            at.voice.say("Staffetta is not up; the changes are applied as soon as it is: staffetta up")


def sync(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    wait: Wait = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Ask for a complete run."""
    _ask(here(ctx, json=json), tenant, (), wait=wait or work_here, work_here=work_here, timeout=timeout)


def resync(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    person: Person = None,
    wait: Wait = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Ask for a complete run, or for one of each named person."""
    people = tuple(person or ())
    _ask(here(ctx, json=json), tenant, people, wait=wait or work_here, work_here=work_here, timeout=timeout)


def _ask(
    at: Here, tenant: str, people: tuple[str, ...], *, wait: bool, work_here: bool, timeout: float | None
) -> None:
    with office_with_workers(at, tenant, work_here=work_here) as office:
        found = _runnable(tenant_of(office.store, tenant))
        wishes = _wishes(office, found, people)
        if not may_write(found.state):
            at.voice.say(f"{found.tenant_id} is {found.state}: this run only makes a plan.")
        code = ExitCode.OK
        if wait:
            ends = deadline(timeout)
            runs = [ask_and_follow(office, wish, at.voice, ends) for wish in wishes]
            code = tell_end(at, office, found, runs)
        else:
            for wish in wishes:
                _ask_only(at, office, wish)
    raise typer.Exit(code)


def _wishes(office: Office, tenant: Tenant, people: tuple[str, ...]) -> list[Wish]:
    if not people:
        return [Wish(tenant.tenant_id, operator())]
    ids: dict[PersonId, None] = {}
    for text in people:
        ids[person_of(office.store, tenant.tenant_id, text)] = None
    return [Wish(tenant.tenant_id, operator(), person_id=person_id) for person_id in ids]


def tell_begun(at: Here, office: Office, run: Run, more: Data) -> None:
    """Answer with a run that nobody waits for; people read the words beside it."""
    with office.store.read() as tx:
        data = run_data(run, tx.runs.figures(run.tenant_id, run.run_id))
    at.voice.tell(data | more, nothing)


def _ask_only(at: Here, office: Office, wish: Wish) -> None:
    asked = ask(office, wish)
    note("sync", wish.tenant_id, run=asked.run.run_id)
    tell_begun(at, office, asked.run, {"joined": asked.joined, "late": asked.late})
    if asked.late:
        at.voice.say(
            f"Run {asked.run.run_id} is reading already; what changed a moment ago may be behind it.",
            f"To see it for sure, wait: staffetta sync {wish.tenant_id} --wait",
        )
        return
    joined = "joined; it had not begun yet" if asked.joined else "asked for"
    at.voice.say(f"Run {asked.run.run_id} {joined}. Look with: staffetta run {asked.run.run_id}")


def tell_end(at: Here, office: Office, tenant: Tenant, runs: list[Run]) -> ExitCode:
    """Answer with how runs ended, and judge the worst of them."""
    for run in runs:
        note("sync", tenant.tenant_id, run=run.run_id, outcome=str(run.outcome))
        with office.store.read() as tx:
            data = run_in_full(tx, run)
        at.voice.tell(data, draw_run)
    if any(run.outcome is Outcome.PLANNED for run in runs) and tenant.state is TenantState.READY:
        at.voice.say(f"See the plan with: staffetta preview {tenant.tenant_id} --run {runs[-1].run_id}")
    return max((exit_of_run(run) for run in runs), key=_weight, default=ExitCode.OK)


def _weight(code: ExitCode) -> int:
    """Order exit codes by how much they need somebody, for several runs at once."""
    order = (ExitCode.OK, ExitCode.HELD, ExitCode.PAUSED, ExitCode.PARTIAL, ExitCode.FAILED, ExitCode.ACCESS)
    return order.index(code) if code in order else len(order)


def _readable(tenant: Tenant) -> Tenant:
    """Refuse a tenant that an operator stopped."""
    if tenant.state is TenantState.STOPPED:
        raise CommandError(
            f"«{tenant.tenant_id}» is stopped; nothing runs.",
            f"Start it again with: staffetta resume {tenant.tenant_id}",
            ExitCode.PAUSED,
        )
    return tenant


def _runnable(tenant: Tenant) -> Tenant:
    """Refuse a tenant that may not write until a check passes."""
    if tenant.state is TenantState.BLOCKED:
        why = cause_data(tenant.why)
        raise CommandError(
            f"«{tenant.tenant_id}» is blocked" + (f": {why['sentence']}" if why else "."),
            f"Cure it, then run: staffetta check {tenant.tenant_id}",
            ExitCode.PAUSED,
        )
    return _readable(tenant)
