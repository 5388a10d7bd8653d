"""`schedule`: say when a tenant's next runs begin by themselves, when they may write, and what was missed."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import typer
from rich.console import RenderableType

from bootstrap.cli.configuration_view import spoken_hours, spoken_schedule
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.rooms import here, note, open_store, tenant_of
from bootstrap.cli.run_view import run_data
from bootstrap.cli.voice import Data, heading, line, pairs, table
from domain.ports import Transaction
from domain.run import SCHEDULE, Run
from domain.tenant import Tenant, runs_by_itself
from domain.timetable import closed_until, is_quiet, timetable, upcoming
from producers.on_demand import NotPossibleError
from producers.silence import is_silent, overdue_from

NEXT = 5


def add_to(app: typer.Typer) -> None:
    """Add `schedule`."""
    add(
        app,
        "schedule",
        schedule,
        says="Say when a tenant's next five runs begin by themselves, in its zone and in UTC, when they may"
        " write, and how many slots the last one caught up on.",
        examples=("schedule acme", "schedule acme --json"),
    )


def schedule(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """Show the timetable; nothing is changed."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.read() as tx:
            data = schedule_data(tx, found)
    note("schedule", found.tenant_id)
    at.voice.tell(data, draw_schedule)


def schedule_data(tx: Transaction, tenant: Tenant) -> Data:
    """Write the timetable of a tenant down."""
    config = tx.tenants.configuration(tenant.tenant_id)
    if config is None:
        raise NotPossibleError(
            f"«{tenant.tenant_id}» has no configuration; give it one with: staffetta config set"
        )
    now, plan = tx.now(), config.schedule
    places = timetable(plan, tenant.tenant_id)
    goes = runs_by_itself(tenant.state)
    starts = islice(upcoming(places, now), NEXT)
    return {
        "tenant": tenant.tenant_id,
        "state": tenant.state.value,
        "runs_by_itself": goes,
        "schedule": spoken_schedule(plan),
        "zone": plan.zone,
        "quiet": [spoken_hours(hours) for hours in plan.quiet],
        "quiet_now": is_quiet(plan, now),
        "apply": spoken_hours(plan.apply) if plan.apply else None,
        "writes_from": closed_until(plan, now),
        "begins_later_by_seconds": int(places.lag.total_seconds()),
        "next": [
            {
                "slot": start.slot,
                "begins_at": start.begins_at,
                "local": _local(start.begins_at, plan.zone),
            }
            for start in starts
        ],
        "last": _last(tx, tenant),
        "last_success_at": tx.runs.last_success(tenant.tenant_id),
        "silent": is_silent(tx, tenant),
        "silent_from": overdue_from(tx, tenant, places) if goes else None,
    }


def _last(tx: Transaction, tenant: Tenant) -> Data | None:
    slot = tx.tenants.last_slot(tenant.tenant_id)
    run: Run | None = tx.runs.by_slot(tenant.tenant_id, slot.isoformat()) if slot else None
    if run is None or run.by != SCHEDULE:
        return None
    told = run_data(run, tx.runs.figures(tenant.tenant_id, run.run_id))
    return {name: told[name] for name in ("run", "slot", "began_at", "outcome", "phase", "missed")}


def _local(moment: datetime, zone: str) -> str:
    """Write a moment as the clocks of the zone show it, so that nobody reads it as UTC."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M:%S %Z")


def draw_schedule(data: Data) -> Iterable[RenderableType]:
    """Draw the timetable."""
    yield pairs(_facts(data))
    if not data["runs_by_itself"]:
        yield line(f"Nothing begins by itself now: the tenant is {data['state']}.", "yellow")
    if data["silent"]:
        yield line("No run has ended well for two intervals. Find out why with: staffetta doctor", "red")
    yield heading("The next runs" if data["runs_by_itself"] else "The next runs, were it active")
    zones = dict.fromkeys((data["zone"], "UTC"))
    drawn = table(*(f"begins ({zone})" for zone in zones))
    for each in data["next"]:
        told = (each["local"], f"{each['begins_at']:%a %Y-%m-%d %H:%M:%S}")
        drawn.add_row(*told[-len(zones) :])
    yield drawn


def _facts(data: Data) -> Iterable[tuple[str, object]]:
    yield "tenant", f"{data['tenant']}, {data['state']}"
    yield "schedule", data["schedule"]
    if data["begins_later_by_seconds"]:
        yield "its place", f"{data['begins_later_by_seconds']} s after each slot"
    if data["quiet"]:
        yield "quiet", ", ".join(data["quiet"]) + (" (now)" if data["quiet_now"] else "")
    if data["apply"]:
        opens = data["writes_from"]
        yield (
            "writes",
            f"{data['apply']}; " + ("now" if opens is None else f"from {opens:%m-%d %H:%M} UTC"),
        )
    last = data["last"]
    yield "last slot", "none" if last is None else _said(last)
    yield "last success", data["last_success_at"]
    if data["silent_from"]:
        yield "alarm", f"if nothing ends well before {data['silent_from']:%Y-%m-%d %H:%M} UTC"


def _said(last: Data) -> str:
    missed = f"; caught up on {last['missed']} that were missed" if last["missed"] else ""
    return f"{last['slot']} by run {last['run']}: {last['outcome'] or last['phase']}{missed}"
