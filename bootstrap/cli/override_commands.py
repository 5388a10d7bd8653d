"""Fix what happens to one person, whatever the records say; list that, and end it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer
from rich.console import RenderableType

from bootstrap.cli.changes_view import Names
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.override_view import draw_overrides, override_data
from bootstrap.cli.people_in import people_of
from bootstrap.cli.rooms import Here, here, note, open_office, open_store, operator, tenant_of
from bootstrap.cli.voice import Data, nothing
from domain.ids import PersonId
from domain.overrides import OverrideKind
from domain.plain import one_line
from domain.ports import Store
from domain.tenant import Tenant
from producers.override import Fixed, Wanted, end_override, set_override

CHOICES = (
    "Name a person and one of --pin-active, --pin-inactive, --ignore, --freeze, --hold-until, --end; "
    "or only --list."
)


def add_to(app: typer.Typer) -> None:
    """Add `override`."""
    add(
        app,
        "override",
        override,
        says="Fix what happens to one person, whatever Personio says. A day means its beginning, in UTC; on "
        "that day the person is looked at afresh.",
        examples=(
            'override acme 4711 --pin-active --reason "works notice period" --until 2027-03-31',
            'override acme ada@example.com --pin-inactive --reason "security, ticket 12"',
            'override acme 4711 --freeze position --reason "title agreed with legal"',
            'override acme 4711 --hold-until 2027-01-07 --reason "back after the holidays"',
            "override acme --list",
            "override acme 4711 --end pin-active",
        ),
    )


Who = Annotated[str | None, typer.Argument(metavar="PERSON", help="Personio id, or the exact user name.")]
PinActive = Annotated[bool, typer.Option("--pin-active", help="The account stays open, and is reopened.")]
PinInactive = Annotated[bool, typer.Option("--pin-inactive", help="The account is closed, and stays closed.")]
Ignore = Annotated[bool, typer.Option("--ignore", help="The person is left alone altogether.")]
Freeze = Annotated[
    str | None,
    typer.Option(metavar="WHAT", help="This attribute or path is not changed; «manager» is one, too."),
]
HoldUntil = Annotated[
    str | None, typer.Option(metavar="DATE", help="Changes wait for this day, such as 2027-01-31.")
]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="The day on which the override is over.")]
Reason = Annotated[str, typer.Option(help="Why; kept with your name. Needed.")]
End = Annotated[OverrideKind | None, typer.Option(help="End the override of this kind.")]
Listed = Annotated[bool, typer.Option("--list", help="List what is in force.")]


def override(
    ctx: typer.Context,
    tenant: TenantName,
    who: Who = None,
    *,
    pin_active: PinActive = False,
    pin_inactive: PinInactive = False,
    ignore: Ignore = False,
    freeze: Freeze = None,
    hold_until: HoldUntil = None,
    reason: Reason = "",
    until: Until = None,
    end: End = None,
    listed: Listed = False,
    json: AsJson = False,
) -> None:
    """Set, list or end overrides."""
    at = here(ctx, json=json)
    said = (pin_active, pin_inactive, ignore, freeze is not None, hold_until is not None)
    kinds = [kind for kind, chosen in zip(OverrideKind, said, strict=True) if chosen]
    if len(kinds) + listed + (end is not None) != 1 or listed != (who is None):
        raise CommandError("What is to be done to whom?", CHOICES, ExitCode.USAGE)
    if kinds and not reason.strip():
        raise CommandError("An override needs a reason.", 'Give one with: --reason "…"', ExitCode.USAGE)
    if who is None:
        _list(at, tenant)
    elif end is not None:
        _end(at, tenant, who, end)
    else:
        day = _day(hold_until if hold_until is not None else until)
        _set(at, tenant, who, kinds[0], (freeze or "").strip(), reason, day)


def _set(
    at: Here, tenant: str, who: str, kind: OverrideKind, path: str, reason: str, until: datetime | None
) -> None:
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        person_id = _one(office.store, found, who)
        wanted = Wanted(person_id, kind, reason, operator(), path, until)
        done = set_override(
            found.tenant_id, wanted, store=office.store, publisher=office.publisher, ids=office.ids
        )
        with office.store.read() as tx:
            names = Names(tx, found.tenant_id)
            rows = [override_data(each, names) for each in done.overrides]
        first = done.overrides[0].override_id
        note("override", found.tenant_id, kind=kind.value, person=person_id, override=first)
        _tell_set(at, found, rows, done)


def _tell_set(at: Here, found: Tenant, rows: list[Data], done: Fixed) -> None:
    """Say what was stored, who acts upon it, and what it comes too late for."""
    out = [{"change": each.change_id, "action": each.action} for each in done.too_late]
    run = done.run.run_id if done.run else None
    at.voice.tell({"tenant": found.tenant_id, "overrides": rows, "run": run, "too_late": out}, _draw)
    for each in done.too_late:
        at.voice.say(f"Too late for one change of this person, which is being sent now: {each.action}.")
    looks = (
        f"Run {run} looks at this person now." if run else "It counts as soon as this tenant is read again."
    )
    at.voice.say(looks + (" They are looked at again after that change." if out else ""))


def _end(at: Here, tenant: str, who: str, kind: OverrideKind) -> None:
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        person_id = _one(office.store, found, who)
        run = end_override(
            found.tenant_id,
            person_id,
            kind,
            by=operator(),
            store=office.store,
            publisher=office.publisher,
            ids=office.ids,
        )
        note("override-end", found.tenant_id, kind=kind.value, person=person_id)
        told = {"tenant": found.tenant_id, "ended": kind.value, "run": run.run_id if run else None}
        at.voice.tell(told, nothing)
        at.voice.say("Ended; the person is looked at afresh." if run else "Ended.")


def _list(at: Here, tenant: str) -> None:
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            names = Names(tx, found.tenant_id)
            rows = [override_data(each, names) for each in tx.overrides.standing(found.tenant_id)]
    at.voice.tell({"tenant": found.tenant_id, "overrides": rows}, _draw)
    if not rows:
        at.voice.say("No override is in force.")


def _draw(data: Data) -> Iterable[RenderableType]:
    if data["overrides"]:
        yield from draw_overrides(data["overrides"])


def _one(store: Store, found: Tenant, who: str) -> PersonId:
    """Find exactly one person who is known already."""
    people = people_of(store, found.tenant_id, who)
    if len(people) > 1:
        raise CommandError(
            f"{len(people)} people have this user name.",
            f"Name one by id: {', '.join(people)}",
            ExitCode.USAGE,
        )
    return people[0]


def _day(text: str | None) -> datetime | None:
    """Read a day; it means its beginning, in UTC."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise CommandError(
            f"«{one_line(text, 20)}» is no day.", "Write it as year-month-day: 2027-01-31", ExitCode.USAGE
        ) from None
    return datetime.combine(day, time(), UTC)
