"""`notify`: try the channels, see which messages are on their way, and send again what did not arrive."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.clock import SystemClock, SystemIds
from bootstrap.channels import build_ways
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.group import AsJson, TenantName, add, new_app
from bootstrap.cli.rooms import here, note, open_office, open_store, tenant_of
from bootstrap.cli.voice import Data, cell, heading, line, table
from domain.codes import Code
from domain.dispatches import Dispatch, DispatchState
from domain.errors import StaffettaError
from domain.events import NoticesDue
from domain.notices import Audience
from domain.notices_digest import trial_of
from domain.ports_channels import Channel, Delivered, Ways
from domain.tenant import Tenant

SHOWN = 200
OneTenant = Annotated[
    str | None, typer.Argument(metavar="TENANT", help="Of one tenant, those that arrived as well.")
]
Limit = Annotated[int, typer.Option("-n", "--limit", min=1, max=10_000, help="Show at most so many.")]


def add_to(app: typer.Typer) -> None:
    """Add `notify` with its commands."""
    notifying = new_app("Try the channels to humans, and look after messages on their way.")
    add(
        notifying,
        "test",
        try_channels,
        says="Send a test over every channel, to owners and operator. Exit code 1 if one did not take it.",
        examples=("notify test acme", "notify test acme --json"),
    )
    add(
        notifying,
        "list",
        list_messages,
        says="List messages, undelivered first. Exit code 1 if one is undelivered.",
        examples=("notify list", "notify list acme", "notify list acme --limit 20 --json"),
    )
    add(
        notifying,
        "retry",
        retry,
        says="Send again what was given up as undelivered, for another three days.",
        examples=("notify retry acme",),
    )
    app.add_typer(notifying, name="notify")


def try_channels(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """Send a test over each channel, here and now, and say what happened."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
    rows = list(_tried(found, build_ways(at.settings)))
    note("channels tried", found.tenant_id, failed=str(sum(not row["arrived"] for row in rows)))
    at.voice.tell({"tenant": found.tenant_id, "tried": rows}, _draw_tried)
    raise typer.Exit(ExitCode.OK if all(row["arrived"] for row in rows) else ExitCode.FAILED)


def _tried(tenant: Tenant, ways: Ways) -> Iterator[Data]:
    channels = list(ways.told)
    channels += [] if ways.last_resort in channels else [ways.last_resort]
    for channel in channels:
        whom = (Audience.OWNERS, Audience.OPERATOR) if channel.addressed else (Audience.EVERYBODY,)
        for audience in whom:
            yield _one(tenant, channel, audience, ways)


def _one(tenant: Tenant, channel: Channel, audience: Audience, ways: Ways) -> Data:
    clock = SystemClock()
    notice = trial_of(
        tenant,
        notice_id=f"{tenant.tenant_id}-test-{SystemIds().new()}",
        to=audience,
        operator=ways.operator,
        now=clock.now(),
    )
    row: Data = {"channel": channel.name, "to": audience.value, "addresses": len(notice.addressees)}
    row |= {"id": notice.notice_id, "arrived": True, "refused": 0, "detail": "", "cause": None}
    try:
        done = channel.deliver(notice)
    except StaffettaError as error:
        told = cause_data(error.code, error.detail)
        return row | {"arrived": False, "detail": error.detail, "cause": told}
    row |= {"arrived": not done.refused, "refused": done.refused, "detail": done.detail}
    return row | _left_out(done, row)


def _left_out(done: Delivered, row: Data) -> Data:
    """Tell an operator how many of the owners have it, and what helps."""
    if not done.refused:
        return {}
    return {"cause": cause_data(Code.NOTICE_OWNERS, f"{done.refused} of {row['addresses']}: {done.detail}")}


def list_messages(
    ctx: typer.Context,
    tenant: OneTenant = None,
    *,
    limit: Limit = SHOWN,
    json: AsJson = False,
) -> None:
    """List messages of one tenant, or all that are open."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        about = None if tenant is None else tenant_of(store, tenant).tenant_id
        with store.read() as tx:
            found = tx.dispatches.open_ones() if about is None else tx.dispatches.of(about, limit)
    rows = [_row(each) for each in found[:limit]]
    at.voice.tell({"tenant": about, "messages": rows, "more": max(len(found) - limit, 0)}, _draw_list)
    lost = any(each.state is DispatchState.UNDELIVERED for each in found)
    raise typer.Exit(ExitCode.FAILED if lost else ExitCode.OK)


def retry(ctx: typer.Context, tenant: TenantName, *, json: AsJson = False) -> None:
    """Let undelivered messages be tried afresh."""
    at = here(ctx, json=json)
    with open_office(at.settings) as office:
        found = tenant_of(office.store, tenant)
        with office.store.write() as tx:
            count = tx.dispatches.again(found.tenant_id)
        office.publisher.ring([NoticesDue(found.tenant_id)])
    note("messages sent again", found.tenant_id, count=str(count))
    at.voice.tell(
        {"tenant": found.tenant_id, "due": count},
        lambda data: [line(f"{data['due']} messages are due again; see: staffetta notify list {tenant}")],
    )


def _row(each: Dispatch) -> Data:
    return {
        "tenant": each.tenant_id,
        "message": each.notice_id,
        "channel": each.channel,
        "to": each.audience.value,
        "stage": each.stage.value,
        "state": each.state.value,
        "tries": each.tries,
        "made_at": each.made_at,
        "due_at": each.due_at if each.state is DispatchState.DUE else None,
        "settled_at": each.settled_at,
        "cause": cause_data(each.code, each.detail),
    }


def _draw_tried(data: Data) -> Iterable[RenderableType]:
    drawn = table("channel", "to", "arrived", "what")
    for row in data["tried"]:
        what = row["detail"] if row["cause"] is None else row["cause"]["sentence"]
        drawn.add_row(row["channel"], _whom(row), cell(row["arrived"]), cell(what))
    yield drawn
    for cure in dict.fromkeys(row["cause"]["cure"] for row in data["tried"] if row["cause"]):
        yield line(f"→ {cure}")


def _whom(row: Data) -> str:
    if row["to"] != Audience.OWNERS.value:
        return str(row["to"])
    return f"owners ({row['addresses']})" if row["addresses"] else "owners (none: the operator)"


def _draw_list(data: Data) -> Iterable[RenderableType]:
    if not data["messages"]:
        yield line("No message is on its way." if data["tenant"] is None else "No message yet.")
        return
    yield heading("Messages to humans")
    drawn = table("tenant", "message", "channel", "to", "is", "tries", "since", "why", numbers=("tries",))
    for row in data["messages"]:
        why = "" if row["cause"] is None else row["cause"]["sentence"]
        told = [row[name] for name in ("tenant", "message", "channel", "to", "state", "tries", "made_at")]
        drawn.add_row(*(cell(each) for each in told), cell(why))
    yield drawn
    lost = {row["tenant"] for row in data["messages"] if row["state"] == DispatchState.UNDELIVERED.value}
    for tenant in sorted(lost):
        yield line(
            f"→ try the channels: staffetta notify test {tenant}; then: staffetta notify retry {tenant}"
        )
