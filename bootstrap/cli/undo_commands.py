"""Take back what a run did, and look after what was decided: undo, decisions."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, cause_data, causes, draw_causes
from bootstrap.cli.decided_view import decision_data, draw_decisions
from bootstrap.cli.exits import ExitCode, exit_of_run
from bootstrap.cli.failures import CommandError
from bootstrap.cli.follow import deadline, follow
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.look_commands import run_of
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
from bootstrap.cli.run_commands import Timeout, Wait, WorkHere, tell_begun, tell_end
from bootstrap.cli.voice import Data, heading, line, nothing
from bootstrap.cli.workers_here import office_with_workers
from domain.audit import About, Deed, Note
from domain.ids import ChangeId
from domain.ports import Store
from domain.run import Run
from domain.tenant import Tenant
from domain.undo import Left
from producers.undo import Undoing, undo

OnlyPerson = Annotated[list[str] | None, typer.Option("--person", help="Only this person; may be repeated.")]
OnlyChange = Annotated[list[str] | None, typer.Option("--change", help="Only this change; may be repeated.")]
Confirm = Annotated[
    str | None, typer.Option(help="The tenant's id once more; without it, nothing is written.")
]


def add_to(app: typer.Typer) -> None:
    """Add `undo` and `decisions`."""
    add(
        app,
        "undo",
        undo_run,
        says="Put back everybody whom a run changed. Without --confirm it shows what it would do. Who was "
        "changed since stays and is listed; the next runs do not do the same again.",
        examples=(
            "undo acme 0192f0c1a2b3",
            "undo acme 0192f0c1a2b3 --confirm=acme --wait",
            "undo acme 0192f0c1a2b3 --person ada@example.com --confirm=acme",
        ),
    )
    add(
        app,
        "decisions",
        decisions,
        says="List what is not done again because somebody rejected or undid it, or the application refused "
        "it; or end a decision.",
        examples=("decisions acme", "decisions acme --end 4711", "decisions acme --json"),
    )


def undo_run(
    ctx: typer.Context,
    tenant: TenantName,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or how it begins.")],
    *,
    person: OnlyPerson = None,
    change: OnlyChange = None,
    confirm: Confirm = None,
    everybody: Annotated[bool, typer.Option("--all", help="Show every person, not the first 50.")] = False,
    wait: Wait = False,
    work_here: WorkHere = False,
    timeout: Timeout = None,
    json: AsJson = False,
) -> None:
    """Preview or carry out the undo of a run."""
    at, plan_only = here(ctx, json=json), confirm is None
    waiting = plan_only or wait or work_here
    opened = office_with_workers(at, tenant, work_here=work_here) if waiting else open_office(at.settings)
    with opened as office:
        found = tenant_of(office.store, tenant)
        if not plan_only:
            confirmed(found, confirm, "Undoing a run of")
        source = _source(office.store, found, run)
        done = undo(
            found.tenant_id,
            source.run_id,
            people=[person_of(office.store, found.tenant_id, each) for each in person or ()],
            change_ids=[ChangeId(each) for each in change or ()],
            by=operator(),
            plan_only=plan_only,
            store=office.store,
            publisher=office.publisher,
            ids=office.ids,
        )
        note("undo", found.tenant_id, run=source.run_id, rows=str(done.rows), plan=str(plan_only))
        again = undo_again(found.tenant_id, source.run_id, person or (), change or ())
        shown = Shown(again=again, wait=waiting, ends=timeout, everybody=everybody)
        code = _answer(at, office, found, source, done, shown)
    raise typer.Exit(code)


def undo_again(name: str, run: str, people: Sequence[str], changes: Sequence[str]) -> str:
    """Write the command that carries out exactly the undo that was shown, and nobody else's."""
    chosen = [part for each in people for part in ("--person", each)]
    chosen += [part for each in changes for part in ("--change", each)]
    return shlex.join(["staffetta", "undo", name, run, *chosen, f"--confirm={name}"])


def _source(store: Store, found: Tenant, run: str) -> Run:
    with store.read() as tx:
        source = run_of(tx, run.strip())
    if source.tenant_id != found.tenant_id:
        raise CommandError(
            f"Run {source.run_id} is not one of «{found.tenant_id}».",
            f"List its runs with: staffetta runs {found.tenant_id}",
            ExitCode.NOT_FOUND,
        )
    return source


@dataclass(frozen=True, slots=True)
class Shown:
    """How the answer is wanted, and the command that carries out exactly what it shows."""

    again: str
    wait: bool
    ends: float | None
    everybody: bool


def _answer(at: Here, office: Office, found: Tenant, source: Run, done: Undoing, shown: Shown) -> ExitCode:
    """Answer with the plan, with how the run ended, or with the run that began."""
    left = _left(office.store, found, done.left)
    if done.run is None:
        at.voice.tell({"tenant": found.tenant_id, "undoes": source.run_id, "not_undone": left}, _draw_left)
        at.voice.say("Nobody of this run can be put back.")
        return ExitCode.PARTIAL
    more: Data = {"undoes": source.run_id, "not_undone": left}
    if not shown.wait:
        tell_begun(at, office, done.run, more)
        _say_left(at, left)
        return ExitCode.OK
    ended = follow(office.store, done.run, at.voice, deadline(shown.ends))
    if not ended.plan_only:
        _say_left(at, left)
        return tell_end(at, office, found, [ended])
    with office.store.write() as tx:
        data = plan_data(tx, ended, found.state, office.ids) | more
    data["meaning"] = f"Nothing was written. Do exactly this with: {shown.again}"
    at.voice.tell(data, lambda told: _draw_undo(told, everybody=shown.everybody))
    return ExitCode.HELD if data["holds"] else exit_of_run(ended)


def _left(store: Store, found: Tenant, left: tuple[Left, ...]) -> list[Data]:
    with store.read() as tx:
        names = Names(tx, found.tenant_id)
        return [
            {
                "person": each.person_id,
                "name": names.of_person(each.person_id),
                "why": cause_data(each.why, each.detail),
            }
            for each in left
        ]


def _draw_undo(data: Data, *, everybody: bool) -> Iterable[RenderableType]:
    yield from _draw_left(data)
    yield from draw_plan(data, everybody=everybody)


def _draw_left(data: Data) -> Iterable[RenderableType]:
    rows = data["not_undone"]
    if not rows:
        return
    counted: dict[str, int] = {}
    yield heading(f"Would not be put back ({len(rows)})")
    for row in rows:
        counted[row["why"]["code"]] = counted.get(row["why"]["code"], 0) + 1
        yield line(f"{row['name']} ({row['person']}): {row['why']['code']}")
    yield from draw_causes("Because", causes(counted))


def _say_left(at: Here, left: list[Data]) -> None:
    for row in left:
        at.voice.say(f"Not put back: {row['name']} ({row['person']}). {row['why']['sentence']}")


def decisions(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    end: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="End this decision: a change's id, or all of a person."),
    ] = None,
    json: AsJson = False,
) -> None:
    """List what was decided, or end it."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        if end is not None:
            count = _end(store, found, end.strip())
            note("decisions-end", found.tenant_id, ended=str(count))
            at.voice.tell({"tenant": found.tenant_id, "ended": count}, nothing)
            at.voice.say(f"{count} decision{'s' if count != 1 else ''} ended; the next run looks afresh.")
            return
        with store.read() as tx:
            names = Names(tx, found.tenant_id)
            rows = [decision_data(each, names) for each in tx.decisions.standing(found.tenant_id)]
    at.voice.tell({"tenant": found.tenant_id, "decisions": rows}, lambda data: _draw(data["decisions"]))
    if not rows:
        at.voice.say("Nothing is decided: every run does what the records ask for.")


def _draw(rows: list[Data]) -> Iterable[RenderableType]:
    if rows:
        yield from draw_decisions(rows)


def _end(store: Store, found: Tenant, who: str) -> int:
    """End the decision over a change, or all over a person."""
    with store.write() as tx:
        ended = tx.decisions.end(found.tenant_id, change_id=ChangeId(who)) if who else 0
        if ended:
            note_of = Note(Deed.DECISION_ENDED, operator(), About.CHANGE, who, ended)
            tx.audit.write(found.tenant_id, note_of)
    if not ended:
        person_id = person_of(store, found.tenant_id, who)
        with store.write() as tx:
            ended = tx.decisions.end(found.tenant_id, person_id=person_id)
            if ended:
                note_of = Note(Deed.DECISION_ENDED, operator(), About.PERSON, person_id, ended)
                tx.audit.write(found.tenant_id, note_of)
    if not ended:
        raise CommandError(
            "There is no standing decision over this change or person.",
            f"List them with: staffetta decisions {found.tenant_id}",
            ExitCode.NOT_FOUND,
        )
    return ended
