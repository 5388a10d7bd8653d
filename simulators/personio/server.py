"""Serve the simulated Personio over HTTP; every request is one call of a plain function."""

from aiohttp import web

from simulators.personio.admin import Admin
from simulators.personio.counters import endpoint
from simulators.personio.reply import Ask, Reply, Whole
from simulators.personio.spoil import respond
from simulators.personio.wire import send
from simulators.personio.world import World

_SHUTDOWN_SECONDS = 0.5


class Server:
    """Listen on loopback for as long as it is started."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.admin = Admin(world)
        self._runner: web.ServerRunner | None = None
        self._listening_on = 0

    @property
    def url(self) -> str:
        """Give the base address that stands for https://api.personio.de."""
        return f"http://127.0.0.1:{self._listening_on}"

    async def start(self, port: int = 0) -> None:
        """Begin to listen; port 0 takes a free one."""
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, backlog=1024)
        await site.start()
        self._listening_on = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and end what is under way after half a second."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        ask = await _asked(request)
        if ask.path.startswith("/__"):
            return await send(request, self.admin.answer(ask))
        reply = respond(self.world, ask)
        self.world.counters.answered(endpoint(ask.method, ask.path), _outcome(reply))
        return await send(request, reply)


def _outcome(reply: Reply) -> str:
    return str(reply.status) if isinstance(reply.delivery, Whole) else type(reply.delivery).__name__.lower()


async def _asked(request: web.BaseRequest) -> Ask:
    return Ask(
        method=request.method,
        path=request.path,
        query=tuple(request.query.items()),
        authorization=request.headers.get("Authorization"),
        content_type=request.headers.get("Content-Type", ""),
        body=await request.read() if request.can_read_body else b"",
        address=request.remote or "",
    )
