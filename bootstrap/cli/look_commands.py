"""Look: runs, one run, one person, incidents."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.database.store import SqlStore
from bootstrap.cli.changes_view import cause_data, german
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, MaybeTenant, TenantName, add
from bootstrap.cli.people_in import people_of
from bootstrap.cli.person_view import draw_people, person_data
from bootstrap.cli.rooms import here, open_store, tenant_of
from bootstrap.cli.run_view import draw_run, draw_runs, run_data, run_in_full
from bootstrap.cli.voice import Data, cell, counted, heading, line
from bootstrap.cli.words_in import tenant_and_id
from domain.cause import Addressee, Concerns, Language
from domain.causes import ADDRESSEES, cause_of
from domain.codes import Code
from domain.dispatches import DispatchState
from domain.ids import INSTALLATION, RunId, TenantId
from domain.plain import one_line
from domain.ports import Transaction
from domain.records import Incident
from domain.remedies import remedy
from domain.run import Run
from domain.setback_words import FIXED_BY_COMMAND, fix

SEARCHED_RUNS = 10_000
"""So many of the newest runs are searched for the beginning of an id."""

Everyone = Annotated[bool, typer.Option("--all", help="Of all tenants.")]
Limit = Annotated[
    int, typer.Option("-n", "--limit", min=1, max=1000, help="At most so many, the newest first.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands that only look."""
    add(
        app,
        "runs",
        runs,
        says="List runs, newest first.",
        examples=("runs acme", "runs --all --limit 50", "runs acme --json"),
    )
    add(
        app,
        "run",
        run,
        says="Show one run: figures, skipped people with reasons, what failed or is held. An id may be cut.",
        examples=("run 0192f0c1a2b3", "run acme 0192f0c1a2b3 --json"),
    )
    add(
        app,
        "person",
        person,
        says="Show what is known of one person, what changed from which value to which, and what comes next.",
        examples=("person acme 4711", "person acme ada@example.com"),
    )
    add(
        app,
        "incidents",
        incidents,
        says="List what needs somebody: each open cause once, with its cure.",
        examples=("incidents acme", "incidents"),
    )


def runs(
    ctx: typer.Context,
    tenant: MaybeTenant = None,
    *,
    everyone: Everyone = False,
    limit: Limit = 20,
    json: AsJson = False,
) -> None:
    """List runs."""
    at = here(ctx, json=json)
    if (tenant is None) != everyone:
        raise CommandError("Whose runs?", "Name a tenant, or --all: staffetta runs --all", ExitCode.USAGE)
    with open_store(at.settings) as store:
        chosen = None if tenant is None else tenant_of(store, tenant).tenant_id
        with store.read() as tx:
            found = tx.runs.newest(chosen, limit)
            rows = [run_data(each, tx.runs.figures(each.tenant_id, each.run_id)) for each in found]
    at.voice.tell({"runs": rows}, draw_runs)
    if not rows:
        at.voice.say("There was no run yet. Begin with: staffetta preview TENANT")


def run(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[TENANT] RUN", help="A run's id, or how it begins.")],
    *,
    json: AsJson = False,
) -> None:
    """Show one run."""
    at = here(ctx, json=json)
    tenant, text = tenant_and_id(words)
    with open_store(at.settings) as store:
        whose = None if tenant is None else tenant_of(store, tenant).tenant_id
        with store.read() as tx:
            data = run_in_full(tx, run_of(tx, text, whose))
    at.voice.tell(data, draw_run)


def run_of(tx: Transaction, text: str, whose: TenantId | None = None) -> Run:
    """Find a run of one tenant, or of any, by its id or by how its id begins."""
    for name in [whose] if whose else [each.tenant_id for each in tx.tenants.everyone()]:
        exact = tx.runs.get(name, RunId(text))
        if exact is not None:
            return exact
    near = [each for each in tx.runs.newest(whose, SEARCHED_RUNS) if text and each.run_id.startswith(text)]
    if len(near) == 1:
        return near[0]
    what = f"{len(near)} runs begin with" if near else "There is no run"
    raise CommandError(
        f"{what} «{one_line(text, 60)}».",
        f"Write more of the id, as listed by: staffetta runs {whose or '--all'}",
        ExitCode.USAGE if near else ExitCode.NOT_FOUND,
    )


def person(
    ctx: typer.Context,
    tenant: TenantName,
    who: Annotated[str, typer.Argument(metavar="WHO", help="Personio id, user name or e-mail.")],
    *,
    json: AsJson = False,
) -> None:
    """Show one person."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        ids = people_of(store, found.tenant_id, who)
        with store.read() as tx:
            people = [person_data(tx, found, person_id) for person_id in ids]
    at.voice.tell({"people": people}, draw_people)


def incidents(ctx: typer.Context, tenant: MaybeTenant = None, *, json: AsJson = False) -> None:
    """List open incidents."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        chosen = _chosen(store, tenant)
        with store.read() as tx:
            untold = Counter((each.about, each.state) for each in tx.dispatches.open_ones())
            rows = [_incident(each, untold) for name in chosen for each in tx.incidents.standing(name)]
    at.voice.tell({"incidents": rows}, _draw_incidents)
    if not rows:
        at.voice.say("Nothing needs anybody.")


def _chosen(store: SqlStore, tenant: str | None) -> list[TenantId]:
    if tenant is not None:
        return [tenant_of(store, tenant).tenant_id]
    with store.read() as tx:
        return [*(each.tenant_id for each in tx.tenants.everyone()), INSTALLATION]


def _incident(incident: Incident, untold: Mapping[tuple[str, DispatchState], int]) -> Data:
    code, tenant_id = incident.code, incident.tenant_id
    return {
        "incident": incident.incident_id,
        "tenant": incident.tenant_id or None,
        "cause": cause_data(incident.code, incident.detail),
        "de": german(incident.code, incident.detail),
        "addressee": cause_of(incident.code).addressee.value,
        "count": incident.count,
        "opened_at": incident.opened_at,
        "last_seen_at": incident.last_seen_at,
        "reopened": incident.reopened,
        "told_at": incident.told_open_at,
        "on_their_way": untold.get((incident.incident_id, DispatchState.DUE), 0),
        "undelivered": untold.get((incident.incident_id, DispatchState.UNDELIVERED), 0),
        "run": incident.run_id,
        "command": fix(code, tenant_id) if code in FIXED_BY_COMMAND else remedy(code, tenant_id),
    }


def _draw_incidents(data: Data) -> Iterable[RenderableType]:
    for row in data["incidents"]:
        code = Code(row["cause"]["code"])
        people = (
            f", {counted(row['count'], 'person', 'people')}"
            if cause_of(code).concerns is Concerns.PEOPLE
            else ""
        )
        whom = ADDRESSEES[Language.EN][Addressee(row["addressee"])]
        whom = whom if row["addressee"] == Addressee.HR.value else f"the {whom}"
        yield heading(f"{row['tenant'] or 'this installation'}: {code}{people}, for {whom}")
        yield line(row["cause"]["sentence"])
        yield line(f"since {cell(row['opened_at'])}, last seen {cell(row['last_seen_at'])}, {_how_told(row)}")
        yield line(f"→ {row['cause']['cure']}")
        yield line(f"→ {row['command']}")


def _how_told(row: Data) -> str:
    """Say whether humans have heard of it: a message that is only asked for has reached nobody."""
    if not row["told_at"]:
        return "not told yet"
    open_ones = row["on_their_way"] + row["undelivered"]
    waits = f"{counted(open_ones, 'message')} not there yet; see: staffetta notify list"
    return f"told, but {waits} {row['tenant'] or ''}".rstrip() if open_ones else "told"
