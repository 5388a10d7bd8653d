"""Put the application on the network, where it can also cut, hold and delay its answers."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import assert_never

from aiohttp import web

from simulators.scim.admin import Admin
from simulators.scim.application import Application
from simulators.scim.counters import NO_ANSWER, Counters
from simulators.scim.groups import halved
from simulators.scim.quirks import NOBODY, Cut, Delay, Effect, Halve, Names, Quirks, Respond, Silence
from simulators.scim.routes import Collection, Item, Route, read_route
from simulators.scim.state import State
from simulators.scim.store import Store
from simulators.scim.wire import MEDIA_TYPE, Call, Reply, ScimError, decode, error_reply

PREFIX = "/scim/v2"
HOST = "127.0.0.1"
GRACE_SECONDS = 0.5
_CHALLENGE = 'Bearer realm="scim"'


class Server:
    """Join the application, its quirks and its counters to one listening socket."""

    def __init__(self, store: Store, quirks: Quirks, counters: Counters, state: State, token: str) -> None:
        self._store = store
        self._quirks = quirks
        self._counters = counters
        self._admin = Admin(counters, state, quirks)
        self._authorization = f"Bearer {token}".encode()
        self._application: Application | None = None
        self._closing = asyncio.Event()

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[int]:
        """Serve on this port (0: any free one) until the block ends; give the port."""
        runner = web.ServerRunner(
            web.Server(self._handle, access_log=None),
            handle_signals=False,
            shutdown_timeout=GRACE_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port, backlog=1024).start()
            bound = int(runner.addresses[0][1])
            base_url = f"http://{HOST}:{bound}{PREFIX}"
            self._application = Application(self._store, self._quirks, self._counters, base_url)
            yield bound
        finally:
            self._closing.set()
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        call = await _read_call(request)
        if call.path.startswith("/__"):
            return _response(self._admin.answer(call))
        route = read_route(call.path) if request.path.startswith(PREFIX + "/") else read_route("")
        answer = await self._fate(request, call, route)
        name = f"{route.name}?filter" if "filter" in call.query else route.name
        self._counters.request(call.method, name, NO_ANSWER if answer is None else answer.status)
        if answer is not None:
            return _response(answer)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _fate(self, request: web.BaseRequest, call: Call, route: Route) -> Reply | None:
        """Decide what becomes of a request; None means that it gets no answer."""
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._authorization):
            return error_reply(ScimError(401, "send a valid bearer token"), {"WWW-Authenticate": _CHALLENGE})
        effect = None if self._quirks.is_quiet else self._quirks.take(call, self._names(call, route))
        key = _write_key(call, route)
        if key is None:
            answer = await self._carry_out(call, route, effect)
        else:
            self._counters.begin_write(key)
            try:
                answer = await self._carry_out(call, route, effect)
            finally:
                self._counters.end_write(key)
        if isinstance(effect, Silence):
            await self._hold(request)
        return answer

    async def _carry_out(self, call: Call, route: Route, effect: Effect | None) -> Reply | None:
        await self._be_slow(call)
        match effect:
            case None:
                return self._apply(call, route)
            case Respond():
                if effect.committed:
                    self._apply(call, route)
                return _told(effect)
            case Halve():
                self._apply(halved(call), route)
                return error_reply(ScimError(effect.status, "the application broke half-way"))
            case Delay():
                await asyncio.sleep(effect.seconds)
                return self._apply(call, route)
            case Cut() | Silence():
                if effect.committed:
                    self._apply(call, route)
                return None
            case _:
                assert_never(effect)

    def _apply(self, call: Call, route: Route) -> Reply:
        assert self._application is not None
        return self._application.answer(call, route)

    async def _be_slow(self, call: Call) -> None:
        switches = self._quirks.switches
        milliseconds = switches.latency_ms + (switches.write_latency_ms if call.is_write else 0)
        if milliseconds:
            await asyncio.sleep(milliseconds / 1000)

    async def _hold(self, request: web.BaseRequest) -> None:
        while not self._closing.is_set() and request.transport is not None:
            if request.transport.is_closing():
                return
            await asyncio.sleep(0.02)

    def _names(self, call: Call, route: Route) -> Names:
        stored = self._store.get(route.kind, route.id) if isinstance(route, Item) else None
        told = [call.body] if isinstance(call.body, dict) else []
        known = told + ([stored.data] if stored else [])
        if not known:
            return NOBODY
        return Names(
            frozenset(str(one["externalId"]) for one in known if "externalId" in one),
            frozenset(str(one["userName"]).lower() for one in known if "userName" in one),
        )


async def _read_call(request: web.BaseRequest) -> Call:
    raw = await request.read() if request.can_read_body else b""
    path, headers = request.path.removeprefix(PREFIX), request.headers
    return Call(
        method=request.method,
        path=path,
        query=request.query,
        body=decode(raw),
        content_type=request.content_type,
        if_match=headers.get("If-Match"),
        if_none_match=headers.get("If-None-Match"),
    )


def _write_key(call: Call, route: Route) -> str | None:
    if not call.is_write:
        return None
    if isinstance(route, Item):
        return route.id
    if not isinstance(route, Collection) or not isinstance(call.body, dict):
        return None
    name = call.body.get("externalId") or call.body.get("userName") or call.body.get("displayName")
    return f"POST {name}"


def _told(effect: Respond) -> Reply:
    if effect.body is not None:
        return Reply(effect.status, effect.body.encode(), effect.headers, effect.media_type or MEDIA_TYPE)
    return error_reply(ScimError(effect.status, effect.detail, effect.scim_type), effect.headers)


def _response(answer: Reply) -> web.Response:
    body = answer.body or None
    if body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    return web.Response(
        status=answer.status, body=body, headers=answer.headers, content_type=answer.media_type
    )
