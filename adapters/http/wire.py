"""Sockets that keep one deadline for the whole request and connect only to an address that was checked."""

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import httpcore
import httpx

from adapters.http.addresses import AddressPolicy, Resolver
from adapters.http.errors import TooLate
from adapters.http.last_look import last_look
from adapters.http.request import is_literal

_KEEP_ALIVE_S = 4.0  # many servers close an idle connection after five seconds; be the first
_LOADING = threading.Lock()


class Stopwatch:
    """Hold what one request has left of its time, whether it may leave, and whether any byte of it did."""

    __slots__ = ("_ends", "_may_leave", "sent")

    def __init__(self) -> None:
        self._ends = 0.0
        self._may_leave = last_look(writes=False)
        self.sent = False

    def start(self, seconds: float, may_leave: Callable[[], bool]) -> None:
        """Begin a new request on this thread's connection."""
        self._ends = time.monotonic() + seconds
        self._may_leave = may_leave
        self.sent = False

    def leave(self) -> None:
        """Note that the request leaves now, or raise TooLate. Nothing is done between this and the socket."""
        if not self._may_leave():
            raise TooLate("whoever began it may not write any more; nothing was sent")
        self.sent = True

    def left(self) -> float:
        """Return the seconds left; zero or less means that the deadline has passed."""
        return self._ends - time.monotonic()


class TimedStream(httpcore.NetworkStream):
    """Give every socket operation only what the request has left, so that a drip cannot stretch it.

    What is written waits for the first read, so that head and body leave together: sending is what a small
    request costs most, for us and for the server that is woken by each piece.
    """

    def __init__(self, inner: httpcore.NetworkStream, watch: Stopwatch) -> None:
        self._inner = inner
        self._watch = watch
        self._unsent: list[bytes] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  httpcore's signature
        """Send what waits, then read what there is, within the deadline."""
        self._send()
        left = self._watch.left()
        if left <= 0:
            raise httpcore.ReadTimeout
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  httpcore's signature
        """Keep a piece of the request until all of it is there."""
        if buffer:
            self._unsent.append(buffer)

    def _send(self) -> None:
        """Send the whole request, within the deadline; from here on the other side may have seen it.

        A server may refuse and close before it has read everything: its answer is then still worth reading.
        """
        if not self._unsent:
            return
        left = self._watch.left()
        if left <= 0:
            raise httpcore.WriteTimeout
        whole, self._unsent = b"".join(self._unsent), []
        self._watch.leave()
        with contextlib.suppress(httpcore.WriteError):
            self._inner.write(whole, left)

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  httpcore's signature
    ) -> httpcore.NetworkStream:
        """Shake hands in the name of the host, although we connected to an address."""
        left = self._watch.left()
        if left <= 0:
            raise httpcore.ConnectTimeout
        return TimedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._watch)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  httpcore's signature
        """Answer what httpcore asks about the socket."""
        return self._inner.get_extra_info(info)


class PinnedBackend(httpcore.NetworkBackend):
    """Resolve a name once per connection, check every address, connect to exactly those."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver, watch: Stopwatch) -> None:
        self._policy = policy
        self._resolver = resolver
        self._watch = watch
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the checked addresses in turn; the last failure is told."""
        addresses = _resolve_within(self._resolver, host, port, self._watch.left())
        self._policy.check_addresses(host, addresses)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            left = self._watch.left()
            if left <= 0:
                raise httpcore.ConnectTimeout
            try:
                stream = self._sockets.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream, self._watch)
        raise failure


class OneConnection(httpcore.ConnectionPool):
    """Keep one connection, and open another when it is gone; a pool's bookkeeping costs more than sending."""

    _open: httpcore.ConnectionInterface | None = None

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send over the open connection, unless it was closed, was idle for too long or brought too much."""
        line = self._open
        if line is None or not line.is_available() or line.has_expired() or _said_more(line):
            self.close()
            line = self._open = self.create_connection(request.url.origin)
        return line.handle_request(request)

    def close(self) -> None:
        """Close the connection, if there is one."""
        line, self._open = self._open, None
        if line is not None:
            line.close()


def _said_more(line: httpcore.ConnectionInterface) -> bool:
    """Tell whether anything came behind the last answer: a 204 with a body, or a second answer.

    It would be taken for the answer to the next request, which would then not even be sent. httpcore shows
    nobody what it has read too much; a test fails loudly should it ever keep that elsewhere.
    """
    inner = line._connection if isinstance(line, httpcore.HTTPConnection) else None  # noqa: SLF001
    return isinstance(inner, httpcore.HTTP11Connection) and bool(inner._h11_state.trailing_data[0])  # noqa: SLF001


class PinnedTransport(httpx.HTTPTransport):
    """Let httpx speak HTTP over our own sockets: one connection, one thread, no proxy, no retry.

    httpx has no public way to hand in a network backend, hence the pool is replaced; a test fails loudly
    should httpx ever stop using it.
    """

    def __init__(self, policy: AddressPolicy, resolver: Resolver, watch: Stopwatch, *, tls: bool) -> None:
        # The parent's __init__ only makes a pool, and a TLS context for it even where HTTP is plain.
        self._pool = OneConnection(
            ssl_context=shared_tls(policy.authorities) if tls else None,
            keepalive_expiry=_KEEP_ALIVE_S,
            network_backend=PinnedBackend(policy, resolver, watch),
        )


def shared_tls(authorities: Path | None = None) -> ssl.SSLContext:
    """Load the certificates once per process, as it costs tens of milliseconds, whoever asks first."""
    with _LOADING:  # `cache` alone lets every thread load that comes before the first is done
        return _load_tls(authorities)


@cache
def _load_tls(authorities: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if authorities is not None:
        context.load_verify_locations(authorities)
    return context


def _resolve_within(resolver: Resolver, host: str, port: int, seconds: float) -> Sequence[str]:
    """Resolve on a thread of its own, because the system's resolver knows no deadline."""
    if is_literal(host):
        return (host,)
    found: list[Sequence[str]] = []
    worker = threading.Thread(target=_resolve_into, args=(found, resolver, host, port), daemon=True)
    worker.start()
    worker.join(max(seconds, 0))
    if worker.is_alive():
        raise httpcore.ConnectTimeout("the name was not resolved in time")
    if not found or not found[0]:
        raise httpcore.ConnectError("the name leads nowhere")
    return found[0]


def _resolve_into(found: list[Sequence[str]], resolver: Resolver, host: str, port: int) -> None:
    try:
        found.append(resolver(host, port))
    except (OSError, UnicodeError):  # what getaddrinfo raises on an unknown or malformed name
        found.clear()
