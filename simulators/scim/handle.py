"""Run the application inside a test: on a thread of its own, with its state at hand."""

import asyncio
import secrets
import threading
from concurrent.futures import Future
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from simulators.scim.counters import Counters
from simulators.scim.quirks import Quirks
from simulators.scim.server import HOST, PREFIX, Server
from simulators.scim.state import State, populate
from simulators.scim.store import Clock, Kept, Store
from simulators.scim.switches import Switches

PATIENCE_SECONDS = 10


def system_clock() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251  the outermost edge: every other function is given a clock


class Parts:
    """Build what a simulator is made of, before it listens."""

    def __init__(self, token: str | None, users: int, switches: Switches, clock: Clock) -> None:
        self.token = token or secrets.token_urlsafe(24)
        self.counters = Counters()
        self.quirks = Quirks(clock, switches)
        self.store = Store(clock)
        self.state = State(self.store, self.quirks)
        populate(self.state, users)

    def server(self) -> Server:
        """Make the server; call it where its event loop runs."""
        return Server(self.store, self.quirks, self.counters, self.state, self.token)


def address(port: int) -> str:
    """Write the base URL that a SCIM client is given."""
    return f"http://{HOST}:{port}{PREFIX}"


class ScimSimulator:
    """Be a running simulator; leaving the block stops it."""

    def __init__(self, parts: Parts) -> None:
        self.token = parts.token
        self.state = parts.state
        self.quirks = parts.quirks
        self.counters = parts.counters
        self.url = ""
        self._parts = parts
        self._bound: Future[int] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="scim-simulator", daemon=True)

    @classmethod
    def start(
        cls,
        *,
        token: str | None = None,
        port: int = 0,
        users: int = 0,
        switches: Switches | None = None,
        clock: Clock = system_clock,
    ) -> Self:
        """Start serving on the loopback address and wait until it listens."""
        simulator = cls(Parts(token, users, switches or Switches(), clock))
        simulator._listen(port)
        return simulator

    @property
    def origin(self) -> str:
        """Name the address without the SCIM path, where `/__counters` and `/__truth` are as well."""
        return self.url.removesuffix(PREFIX)

    def stop(self) -> None:
        """Stop serving; a second call does nothing."""
        if self._loop is not None and self._end is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE_SECONDS)

    def keep(self) -> Kept:
        """Remember all accounts and groups as they are now."""
        return self._parts.store.keep()

    def bring_back(self, kept: Kept) -> None:
        """Have those accounts and groups again, and count from zero."""
        self._parts.store.bring_back(kept)
        self.counters.reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self, port: int) -> None:
        self._port = port
        self._thread.start()
        self.url = address(self._bound.result(PATIENCE_SECONDS))

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            # A taken port is the caller's to know; afterwards nobody is waiting.
            if self._bound.done():
                raise
            self._bound.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with self._parts.server().listening(self._port) as bound:
            self._bound.set_result(bound)
            await self._end.wait()
