"""One request to one origin, bounded in time and size, with nothing secret in its errors."""

import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import httpx

from adapters.http.addresses import AddressPolicy, Resolver, system_resolver
from adapters.http.body import read_body
from adapters.http.errors import NoReply, NotSent, OutboundError
from adapters.http.last_look import last_look
from adapters.http.request import header_lines, parse_origin, target_of, template_of
from adapters.http.wire import PinnedTransport, Stopwatch

MIB = 1024 * 1024
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold a whole answer, whatever its status; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Line:
    """Keep one thread's connection: httpx shared between threads collapses (queue-limits.md, 3b)."""

    __slots__ = ("__weakref__", "transport", "watch")

    def __init__(self, policy: AddressPolicy, resolver: Resolver, *, tls: bool) -> None:
        self.watch = Stopwatch()
        self.transport = PinnedTransport(policy, resolver, self.watch, tls=tls)
        weakref.finalize(self, self.transport.close)


class Outbound:
    """Send requests to one origin. Redirects are answers, cookies are forgotten, proxies are not asked.

    The transport of httpx is used without its client: the client would log full URLs, keep cookies between
    tenants, follow redirects when told to, and cost as much again per request.
    """

    def __init__(
        self,
        origin: str,
        *,
        policy: AddressPolicy,
        deadline: timedelta = timedelta(seconds=30),
        raw_cap: int = 32 * MIB,
        inflated_cap: int = 128 * MIB,
        resolver: Resolver = system_resolver,
        user_agent: str = "staffetta",
    ) -> None:
        self._origin = parse_origin(origin)
        policy.check_origin(self._origin.scheme, self._origin.host, self._origin.port)
        self._base = httpx.URL(self._origin.url)
        self._policy = policy.speaking(self._origin.scheme)
        self._deadline = deadline
        self._caps = (raw_cap, inflated_cap)
        self._resolver = resolver
        host = self._base.netloc.decode("ascii")
        standing = {"host": host, "user-agent": user_agent, "accept-encoding": "identity"}
        self._standing = dict(zip(standing, header_lines(standing), strict=True))
        self._lines: weakref.WeakSet[_Line] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._local = threading.local()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = _NO_HEADERS,
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        """Return the whole answer, or raise NotSent, TooLate, NoReply, TooLarge or ForbiddenAddress.

        A path, header or method that HTTP does not allow raises ValueError: that is our mistake.
        """
        request = self._request(method, path, params, headers, body, content_type)
        line = self._line()
        seconds = (self._deadline if deadline is None else deadline).total_seconds()
        line.watch.start(seconds, last_look(writes=method != "GET"))
        try:
            return self._exchange(line, request)
        except (OutboundError, httpx.TransportError) as error:
            failure = _masked(error, line.watch)
        # Raised out here so that no chained exception carries a header or a body into a traceback.
        raise type(failure)(f"{method} {self._origin.host}{template_of(path)}: {failure}")

    def close(self) -> None:
        """Close the connections of all threads; a later request opens a new one."""
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            line.transport.close()

    def _request(
        self,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        body: bytes | None,
        content_type: str | None,
    ) -> httpx.Request:
        if not (method.isascii() and method.isalpha()):
            raise ValueError("a method is a word such as GET")
        own = {name.lower(): value for name, value in headers.items()}
        if content_type is not None:
            own["content-type"] = content_type
        standing = [line for name, line in self._standing.items() if name not in own]
        # httpcore's «target» replaces path and query, and spares parsing a URL for every request.
        target = {"target": target_of(path, params).encode("ascii")}
        lines = standing + header_lines(own)
        return httpx.Request(method, self._base, headers=lines, content=body, extensions=target)

    def _line(self) -> _Line:
        line: _Line | None = getattr(self._local, "line", None)
        if line is None:
            line = self._local.line = _Line(self._policy, self._resolver, tls=self._origin.scheme == "https")
            with self._lock:
                self._lines.add(line)
        return line

    def _exchange(self, line: _Line, request: httpx.Request) -> Reply:
        answer = line.transport.handle_request(request)
        try:
            names = {name.lower(): value for name, value in answer.headers.items()}
            chunks = answer.iter_raw()
            body = read_body(chunks, names.get("content-encoding", ""), *self._caps)
        finally:
            answer.close()
        return Reply(answer.status_code, names, body)


def _masked(error: OutboundError | httpx.TransportError, watch: Stopwatch) -> OutboundError:
    """Keep our own words and replace those of httpx, which may quote headers."""
    if isinstance(error, OutboundError):
        return error
    kind = NoReply if watch.sent else NotSent
    if isinstance(error, httpx.TimeoutException):
        return kind("no whole answer in time" if watch.sent else "no connection in time")
    return kind("the connection broke or its answer was no HTTP" if watch.sent else "no connection")
