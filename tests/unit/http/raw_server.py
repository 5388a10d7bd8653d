"""A loopback server that answers with exactly the bytes a test wrote, and remembers what it was asked."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket, threading.Event], None]
"""Answer one request on this socket; the event is set when the test is over."""


@dataclass(slots=True)
class RawServer:
    listener: socket.socket
    scripts: list[Script]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    hung_up: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def accept(self, threads: list[threading.Thread]) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self.serve, args=(connection,), daemon=True)
            thread.start()
            threads.append(thread)

    def serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            try:
                while not self.over.is_set():
                    request = read_request(connection)
                    if not request:
                        return
                    self.requests.append(request)
                    position = min(len(self.requests), len(self.scripts)) - 1
                    self.scripts[position](connection, self.over)
            except OSError:
                return
            finally:
                connection.close()
                self.hung_up.release()


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(*scripts: Script) -> Iterator[RawServer]:
    server = RawServer(socket.create_server(("127.0.0.1", 0)), list(scripts))
    threads: list[threading.Thread] = []
    acceptor = threading.Thread(target=server.accept, args=(threads,), daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        server.over.set()
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        acceptor.join(5)
        for thread in threads:
            thread.join(5)


def reply(status: str = "200 OK", body: bytes = b"{}", *headers: str) -> Script:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return sending("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def sending(data: bytes) -> Script:
    return lambda connection, _over: connection.sendall(data)


def sending_then_closing(data: bytes) -> Script:
    def script(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return script


def dripping(start: bytes, drop: bytes, pause: float) -> Script:
    """Send one drop after the other until the client has had enough."""

    def script(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(pause):
            connection.sendall(drop)

    return script
