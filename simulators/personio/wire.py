"""Send an answer down a socket: whole, cut short, drop by drop, or not at all."""

import asyncio
import socket
import struct
from typing import Literal, assert_never

from aiohttp import web

from simulators.personio.reply import Cut, Drip, HangUp, Reply, Whole

_LINGER = struct.pack("ii", 1, 0)
_PATIENCE = 600
"""Looks, 50 ms apart, for the other side to hang up after a half-close."""


async def send(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Send the answer in the way it is meant to travel."""
    if reply.wait > 0:
        await asyncio.sleep(reply.wait)
    delivery = reply.delivery
    match delivery:
        case Whole():
            headers = {"Content-Type": reply.content_type, **reply.headers}
            return web.Response(status=reply.status, body=reply.body, headers=headers)
        case Cut(share=share, by=by):
            started = await _announce(request, reply)
            await started.write(reply.body[: int(len(reply.body) * share)])
            await _end(request, by)
            return started
        case Drip(bytes_per_second=rate):
            return await _drip(request, reply, rate)
        case HangUp(by=by):
            await _end(request, by)
            return web.Response()
        case _ as never:
            assert_never(never)


async def _announce(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    headers = {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body)), **reply.headers}
    response = web.StreamResponse(status=reply.status, headers=headers)
    await response.prepare(request)
    return response


async def _drip(request: web.BaseRequest, reply: Reply, rate: int) -> web.StreamResponse:
    response = await _announce(request, reply)
    for start in range(0, len(reply.body), rate):
        await response.write(reply.body[start : start + rate])
        await asyncio.sleep(1)
    await response.write_eof()
    return response


async def _end(request: web.BaseRequest, by: Literal["close", "half-close", "reset"]) -> None:
    """End the connection; after a half-close this side goes on listening until the other one hangs up too."""
    transport = request.transport
    if transport is None:
        return
    match by:
        case "close":
            transport.close()
        case "half-close":
            transport.write_eof()
            await _other_side_closed(transport)
        case "reset":
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
            transport.abort()


async def _other_side_closed(transport: asyncio.Transport) -> None:
    for _ in range(_PATIENCE):
        if transport.is_closing():
            return
        await asyncio.sleep(0.05)
    transport.close()
