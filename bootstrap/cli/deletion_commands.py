"""`deletions`: which closed accounts will be removed for good, when, and how to keep one."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, cause_data
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.people_in import person_of
from bootstrap.cli.rooms import Here, Office, here, note, open_office, operator, tenant_of
from bootstrap.cli.voice import Data, cell, counted, heading, line, table
from domain.deletions import Deletion
from domain.ids import PersonId
from domain.tenant import Tenant
from producers.deletions import Cancelled, cancel
from workers.farewell import announce


def add_to(app: typer.Typer) -> None:
    """Add `deletions`."""
    add(
        app,
        "deletions",
        deletions,
        says="List closed accounts that will be removed for good, or keep some of them.",
        examples=("deletions acme", "deletions acme --cancel 4711", "deletions acme --cancel-all"),
    )


def deletions(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    cancelled: Annotated[
        list[str] | None,
        typer.Option("--cancel", metavar="PERSON", help="Keep this person's account; may be repeated."),
    ] = None,
    everybody: Annotated[bool, typer.Option("--cancel-all", help="Keep all of them.")] = False,
    json: AsJson = False,
) -> None:
    """List or cancel deletions."""
    at = here(ctx, json=json)
    if cancelled and everybody:
        raise CommandError("Whom?", "Name either --cancel PERSON or --cancel-all.", ExitCode.USAGE)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        people = [person_of(office.store, found.tenant_id, each) for each in cancelled or ()]
        with office.store.read() as tx:
            if everybody:
                people = [each.person_id for each in tx.deletions.standing(found.tenant_id)]
        done = _cancel(at, office, found, people) if people else Cancelled((), ())
        not_listed = [each for each in people if each not in {*done.kept, *done.too_late}]
        with office.store.read() as tx:
            names = Names(tx, found.tenant_id)
            rows = [_row(each, names) for each in tx.deletions.standing(found.tenant_id)]
    told: Data = {"tenant": found.tenant_id, "deletions": rows}
    outcome = {"kept": done.kept, "too_late": done.too_late, "not_listed": not_listed}
    at.voice.tell(told | (outcome if people else {}), _draw)
    for person_id in not_listed:
        at.voice.say(f"No account of {person_id} waits to be removed, so there is nothing to cancel.")
    if not rows:
        at.voice.say("No account will be removed." if not done.too_late else "No other will be removed.")
    if done.too_late:
        raise typer.Exit(ExitCode.PARTIAL)
    raise typer.Exit(ExitCode.NOT_FOUND if not_listed else ExitCode.OK)


def _cancel(at: Here, office: Office, found: Tenant, people: Sequence[PersonId]) -> Cancelled:
    """Take people off the list, and say for whom that comes too late, perhaps."""
    done = cancel(
        found.tenant_id,
        people,
        by=operator(),
        store=office.store,
        publisher=office.publisher,
        ids=office.ids,
        announce=announce,
    )
    note(
        "deletions cancelled",
        found.tenant_id,
        accounts=str(len(done.kept)),
        too_late=str(len(done.too_late)),
    )
    if done.kept:
        at.voice.say(f"{counted(len(done.kept), 'account')} will be kept; closed as they are.")
    for person_id in done.too_late:
        at.voice.say(
            f"Too late, perhaps, for {person_id}: the application is being asked at this moment to remove the"
            " account. If that fails, it is not asked again."
            f" See what came of it: staffetta why {found.tenant_id} {person_id}"
        )
    return done


def _row(deletion: Deletion, names: Names) -> Data:
    return {
        "person": deletion.person_id,
        "name": names.of_person(deletion.person_id),
        "account": deletion.account_id,
        "cause": cause_data(deletion.cause),
        "closed_at": deletion.closed_at,
        "due_at": deletion.due_at,
    }


def _draw(data: Data) -> Iterable[RenderableType]:
    if not data["deletions"]:
        return
    count = len(data["deletions"])
    yield heading(f"{count} closed account{'s' if count != 1 else ''} will be removed for good")
    drawn = table("on", "who", "because")
    for row in data["deletions"]:
        who = f"{cell(row['name'])} ({row['person']})"
        drawn.add_row(f"{row['due_at']:%Y-%m-%d}", who, (row["cause"] or {}).get("sentence", ""))
    yield drawn
    yield line(f"→ keep one with: staffetta deletions {data['tenant']} --cancel PERSON")
