"""Carry out a fault: answer something else instead, or spoil the true answer on its way."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from gzip import compress
from typing import assert_never

import msgspec

from simulators.personio.actions import (
    Action,
    Afterwards,
    Delay,
    Distort,
    DripFeed,
    EmptyList,
    ExpireToken,
    GzipBomb,
    HangUpNow,
    Html,
    Instead,
    Omit,
    Redirect,
    Refuse,
    RepeatPage,
    ShiftPage,
    ShortPage,
    Status,
    TooMany,
    Truncate,
    TypeDrift,
    WrongTotal,
)
from simulators.personio.api import answer
from simulators.personio.clock import Clock
from simulators.personio.refusals import http_date, turned_away
from simulators.personio.reply import Ask, Cut, Drip, HangUp, Reply, error
from simulators.personio.world import World


def respond(world: World, ask: Ask) -> Reply:
    """Answer a request, after asking whether a fault is scripted for it."""
    action = world.faults.take(ask)
    if action is not None:
        world.counters.faults[_kind(action)] += 1
    match action:
        case None:
            return answer(world, ask)
        case RepeatPage() | ShiftPage() | WrongTotal() | EmptyList() | ShortPage() | Distort():
            return answer(world, ask, action)
        case ExpireToken():
            return _expire(world, ask, action)
        case Delay() | Truncate() | DripFeed() | TypeDrift() | Omit():
            return _afterwards(answer(world, ask), action)
        case Status() | TooMany() | Html() | Refuse() | Redirect() | GzipBomb() | HangUpNow():
            return _instead(action, world.clock)
        case _ as never:
            assert_never(never)


def _kind(action: Action) -> str:
    return str(type(action).__struct_config__.tag)


def _expire(world: World, ask: Ask, action: ExpireToken) -> Reply:
    """Withdraw the token that this request came with; without one, all of them."""
    text = (ask.authorization or "").removeprefix("Bearer ")
    credential = world.desk.bearer(text, world.clock.now())
    world.desk.withdraw(credential.client_id if credential else None)
    return error(action.status, action.status, "Provided authorization is not valid")


def _instead(action: Instead, clock: Clock) -> Reply:
    match action:
        case Status():
            return _status(action)
        case TooMany():
            return _too_many(action, clock)
        case Html():
            return Reply(action.status, action.text.encode(), content_type="text/html")
        case Refuse():
            return error(action.status, action.code, action.message)
        case Redirect():
            return Reply(action.status, b"", {"Location": action.location})
        case GzipBomb():
            return Reply(200, _bomb(action.megabytes), {"Content-Encoding": "gzip"})
        case HangUpNow():
            return Reply(0, b"", delivery=HangUp(action.by))
        case _ as never:
            assert_never(never)


def _too_many(action: TooMany, clock: Clock) -> Reply:
    after = action.retry_after
    if after == "http-date":
        return turned_away(http_date(clock.now(), action.seconds))
    return turned_away(None if after is None else str(after))


def _status(action: Status) -> Reply:
    if action.text is not None:
        kind = action.content_type or "text/plain"
        return Reply(action.status, action.text.encode(), action.headers, kind)
    body = b"" if action.json is None else msgspec.json.encode(action.json)
    return Reply(action.status, body, action.headers, action.content_type or "application/json")


def _afterwards(reply: Reply, action: Afterwards) -> Reply:
    match action:
        case Delay():
            return replace(reply, wait=reply.wait + action.seconds)
        case Truncate():
            return replace(reply, delivery=Cut(action.share, action.by))
        case DripFeed():
            return replace(reply, delivery=Drip(action.bytes_per_second))
        case TypeDrift():
            return replace(reply, body=_drifted(reply.body, action))
        case Omit():
            return replace(reply, body=_silent(reply.body, action))
        case _ as never:
            assert_never(never)


@cache
def _bomb(megabytes: int) -> bytes:
    """Pack a long, empty, valid list: small on the wire, large in memory."""
    head, tail = b'{"success":true,"data":[', b"]}"
    return compress(head + b" " * (megabytes * 1024 * 1024) + tail)


def _drifted(body: bytes, action: TypeDrift) -> bytes:
    told = msgspec.json.decode(body)
    if isinstance(told, dict) and action.offset_as_text:
        told.update({name: str(told[name]) for name in ("offset", "limit") if name in told})
    if action.ids_as_text:
        _visit(told, _id_as_text)
    return msgspec.json.encode(told)


def _silent(body: bytes, action: Omit) -> bytes:
    told = msgspec.json.decode(body)
    rows = told.get("data") if isinstance(told, dict) else None
    for row in rows if isinstance(rows, list) else [rows]:
        record = row.get("attributes", {}) if isinstance(row, dict) else {}
        if record.get("id", {}).get("value") in action.spared:
            continue
        for key in action.attributes:
            said = record.pop(key, None)
            if said is not None and action.empty:
                record[key] = {**said, "value": None}
    return msgspec.json.encode(told)


def _visit(node: object, change: Callable[[dict[str, object]], None]) -> None:
    if isinstance(node, dict):
        change(node)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _visit(child, change)


def _id_as_text(node: dict[str, object]) -> None:
    number = node.get("id")
    if isinstance(number, int):
        node["id"] = str(number)
    if isinstance(number, dict) and isinstance(number.get("value"), int):
        number["value"] = str(number["value"])
