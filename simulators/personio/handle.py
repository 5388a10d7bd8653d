"""A simulator inside this process, on a thread of its own: what tests start and stop."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from simulators.personio.clock import Clock
from simulators.personio.control import Control
from simulators.personio.generator import TODAY
from simulators.personio.launch import Wish, launch
from simulators.personio.reply import Ask, Reply
from simulators.personio.server import Server
from simulators.personio.switches import Switches

_PATIENCE = 10.0


class PersonioSimulator(Control):
    """A running Personio; use it in a `with` block, or call `stop` when done."""

    def __init__(self, server: Server, port: int = 0) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="personio-simulator", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(server.start(port), self._loop).result(_PATIENCE)
        except BaseException:
            self.stop()
            raise
        self.url = server.url
        credential = server.world.desk.credential(None)
        self.client_id, self.client_secret = credential.client_id, credential.client_secret

    @classmethod
    def start(
        cls,
        *,
        employees: int = 20,
        seed: int = 7,
        port: int = 0,
        today: date = TODAY,
        readable: Sequence[str] | None = None,
        switches: Switches | None = None,
        data_file: Path | None = None,
        clock: Clock | None = None,
    ) -> "PersonioSimulator":
        """Make a company up, or load one, and serve it on a free port of loopback."""
        wish = Wish(employees, seed, today, readable, switches or Switches(), data_file)
        return cls(Server(launch(wish, clock)), port)

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Ask on the server's own thread, so that nobody changes the company while a page is made."""
        answered: Future[Reply] = Future()
        ask = Ask(method, path, body=body)
        self._loop.call_soon_threadsafe(self._settle, answered, ask)
        reply = answered.result(_PATIENCE)
        return reply.status, reply.body

    def _settle(self, answered: Future[Reply], ask: Ask) -> None:
        try:
            answered.set_result(self._server.admin.answer(ask))
        except Exception as failed:  # noqa: BLE001  it is raised again on the thread that asked
            answered.set_exception(failed)

    def stop(self) -> None:
        """Stop serving and end the thread; a second call does nothing."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
