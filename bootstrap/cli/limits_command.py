"""`limits`: how much of Personio's limits is used, and which applications are given a rest."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime

import typer
from rich.console import RenderableType

from adapters.redis.connect import connect
from adapters.redis.windows import used
from bootstrap.accounts import limits_of
from bootstrap.cli.group import AsJson, add
from bootstrap.cli.rooms import here, living_redis, open_store
from bootstrap.cli.voice import Data, cell, heading, line, table
from domain.condition import WIDEST, Condition
from domain.errors import TenantBlockedError
from domain.ids import TenantId
from domain.ports import Transaction

NOT_UP = "Staffetta is not up here, so nothing leaves for Personio. Start it with: staffetta up"
AWAY = "Redis does not answer: each process keeps to half of its share of Personio's limits."
UNUSED = "Nothing left for Personio within the last minute."
RESTS = "One that is unwell rests until its next try: one call looks then, and all others wait for that."
ALL_WELL = "Every application takes as many calls at once as we make."


def add_to(app: typer.Typer) -> None:
    """Add `limits`."""
    add(
        app,
        "limits",
        limits,
        says="Show how much of Personio's limits is used, and which applications rest, since when and why.",
        examples=("limits", "limits --json"),
    )


def limits(ctx: typer.Context, *, json: AsJson = False) -> None:
    """Look at the windows in Redis and at the conditions in the store; nothing is changed."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store, store.read() as tx:
        now, tenants = tx.now(), [tenant.tenant_id for tenant in tx.tenants.everyone()]
        targets = [_target(tenant_id, tx.conditions.get(tenant_id), now) for tenant_id in tenants]
        most, unreadable = _allowed(tx, tenants, at.settings.source_address)
    url = living_redis(at.settings)
    source = _used(url, most) if url else []
    named = at.settings.redis_url is not None
    data: Data = {"redis": url is not None, "redis_named": named, "source": source, "targets": targets}
    data["unreadable"] = unreadable
    at.voice.tell(data, _draw)


def state_of(condition: Condition, now: datetime) -> str:
    """Name how a target is, in one word."""
    if condition.open_since is not None:
        return "unwell"
    if condition.rests(now):
        return "rests"
    return "well" if condition.width == WIDEST else "slowed"


def _target(tenant_id: TenantId, condition: Condition, now: datetime) -> Data:
    state = state_of(condition, now)
    rests_until = condition.rests_until if condition.rests(now) else None
    why = condition.why.value if condition.why and state != "well" else None
    told = {"open_since": condition.open_since, "rests_until": rests_until, "why": why}
    only_writes = state == "unwell" and condition.of_writes
    return {"tenant": tenant_id, "is": state, "only_writes": only_writes, "at_once": condition.width, **told}


def _allowed(
    tx: Transaction, tenants: Sequence[TenantId], address: str
) -> tuple[dict[str, tuple[str, int]], list[TenantId]]:
    """Name whoever has a limit, and how many requests of a minute that is; and whoever cannot be read."""
    most: dict[str, tuple[str, int]] = {}
    unreadable: list[TenantId] = []
    for tenant_id in tenants:
        try:
            connection = tx.connections.get(tenant_id)
            found = limits_of(connection, address) if connection is not None else None
        except (TenantBlockedError, ValueError):  # it does not open, or its address is none
            unreadable.append(tenant_id)
            continue
        if found is None:
            continue
        for rule in (*found.own, found.shared, found.logins):
            kind, _, rest = rule.name.partition(":")
            who = f"{kind} of {tenant_id}" if rule in found.own else f"{kind} {rest}"
            most[rule.name] = (who, rule.allowance.requests)
    return most, unreadable


def _used(url: str, most: dict[str, tuple[str, int]]) -> list[Data]:
    with closing(connect(url)) as client:
        found = used(client)
    return [
        {"who": most[each.name][0], "minute": each.minute, "of": most[each.name][1]}
        for each in found
        if each.name in most
    ]


def _draw(data: Data) -> Iterable[RenderableType]:
    yield heading("Requests to Personio within the last minute")
    if data["source"]:
        drawn = table("who", "requests", "of", numbers=("requests", "of"))
        for each in data["source"]:
            drawn.add_row(each["who"], cell(each["minute"]), cell(each["of"]))
        yield drawn
    else:
        nobody = AWAY if data["redis_named"] else NOT_UP
        yield line(UNUSED if data["redis"] else nobody)
    if data["unreadable"]:
        yield line(f"Not readable: {', '.join(data['unreadable'])}. See: staffetta doctor")
    yield heading("Applications")
    if all(each["is"] == "well" for each in data["targets"]):
        yield line(ALL_WELL)
        return
    drawn = table("tenant", "is", "at once", "since", "next try", "why", numbers=("at once",))
    for each in data["targets"]:
        moments = (cell(each["open_since"]), cell(each["rests_until"]))
        is_ = f"{each['is']}, only writes fail" if each["only_writes"] else each["is"]
        drawn.add_row(each["tenant"], is_, cell(each["at_once"]), *moments, cell(each["why"]))
    yield drawn
    if any(each["open_since"] for each in data["targets"]):
        yield line(RESTS)
