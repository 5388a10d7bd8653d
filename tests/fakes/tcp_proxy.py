"""Stand between a client and a server, and let happen to their connections what networks let happen.

with TcpProxy(lambda: socket.create_connection(("127.0.0.1", 5432))) as proxy:
    ...                                  connect to proxy.port
    proxy.cut_after(b"QUIT")             the server acts on it, the answer never arrives
    proxy.freeze(); proxy.thaw()         nothing passes for a while, no connection ends
    proxy.cut(); proxy.refuse()          all connections end; new ones end at once
    proxy.drip(piece=1, pause=0.01)      answers come in small pieces
    proxy.half_close()                   the server has said its last word, the client does not know
    proxy.heal()                         all is well again
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
CHUNK = 65_536
END_SECONDS = 10

Dial = Callable[[], socket.socket]


class TcpProxy:
    """Pass bytes between clients and one server, unless told to do harm. Leaving the block stops it."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._clients: set[socket.socket] = set()
        self._doomed: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._flows = threading.Event()
        self._flows.set()
        self._refuses = self._ended = False
        self._fatal: bytes | None = None
        self._piece, self._pause = CHUNK, 0.0
        self.cuts = 0
        """How often a connection was cut by `cut_after`."""
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._flows.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(END_SECONDS)

    def cut(self) -> None:
        """End all connections, both ways, at once."""
        with self._lock:
            for each in self._open:
                _shut(each, socket.SHUT_RDWR)

    def refuse(self) -> None:
        """End all connections, and new ones as soon as they are made."""
        self._refuses = True
        self.cut()

    def cut_after(self, words: bytes) -> None:
        """End the next connection whose client says these words, once the server has acted and answered."""
        self._fatal = words

    def freeze(self) -> None:
        """Let nothing pass, and end nothing."""
        self._flows.clear()

    def thaw(self) -> None:
        """Let pass what was held back."""
        self._flows.set()

    def drip(self, piece: int, pause: float) -> None:
        """Let answers pass in pieces of so many bytes, with pauses of so many seconds."""
        self._piece, self._pause = piece, pause

    def half_close(self) -> None:
        """Let the server's side of all connections end, while clients may go on talking."""
        with self._lock:
            for each in self._clients & self._open:
                _shut(each, socket.SHUT_WR)

    def heal(self) -> None:
        """Do no more harm; what was cut stays cut."""
        self._refuses, self._fatal = False, None
        self._piece, self._pause = CHUNK, 0.0
        self.thaw()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="tcp-proxy", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refuses:
                client.close()
                continue
            try:
                server = self._dial()
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
                self._clients.add(client)
            self._start(self._pass_on, client, server, True)
            self._start(self._pass_on, server, client, False)

    def _pass_on(self, giver: socket.socket, taker: socket.socket, is_client: bool) -> None:
        with contextlib.suppress(OSError):
            while (piece := giver.recv(CHUNK if is_client else self._piece)) and self._flow():
                if is_client and self._is_fatal(piece):
                    self._doomed.add(taker)
                elif giver in self._doomed:
                    _shut(taker, socket.SHUT_RDWR)
                    break
                taker.sendall(piece)
                time.sleep(0 if is_client else self._pause)
        _shut(taker, socket.SHUT_WR)
        _shut(giver, socket.SHUT_RD)
        with self._lock:
            self._open.discard(giver)
            self._clients.discard(giver)
            self._doomed.discard(giver)
        giver.close()

    def _flow(self) -> bool:
        self._flows.wait()
        return not self._ended

    def _is_fatal(self, piece: bytes) -> bool:
        with self._lock:
            if self._fatal is None or self._fatal not in piece:
                return False
            self._fatal = None
            self.cuts += 1
            return True


def _shut(one: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(how)
