"""A loopback Personio that logs everybody in and then answers from a script."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.http import AddressPolicy, Outbound
from adapters.sources.personio import PersonioSource
from domain.budget import Ask
from domain.ports_world import Budget, Clock, Token, Tokens

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WANTED = frozenset({"id", "status", "employment_type", "first_name", "last_name", "email", "supervisor"})


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def told(data: object, **more: object) -> Answer:
    """Answer as Personio does when all is well."""
    return Answer(json.dumps({"success": True, "data": data, **more}).encode())


def refused(status: int, code: int, message: str) -> Answer:
    """Answer with Personio's v1 error envelope."""
    return Answer(
        json.dumps({"success": False, "error": {"code": code, "message": message}}).encode(), status
    )


def login(token: str = "papi-1", **more: object) -> Answer:
    return told({"token": token, **more})


WRONG_CREDENTIALS = refused(403, 0, "Wrong credentials")
BAD_TOKEN = refused(403, 403, "Provided authorization is not valid")
NO_TOKEN = refused(401, 401, "Authorization is not provided")
BLACKLISTED = refused(401, 401, "The token has been blacklisted")
MISSING_RIGHT = refused(403, 0, "personio.core.api.exceptions.api.forbidden.http.exception")
GERMAN_404 = refused(404, 404, "Es ist ein Problem aufgetreten ")


@dataclass(slots=True)
class Script:
    """The last answer of each list is repeated for ever."""

    answers: list[Answer]
    logins: list[Answer] = field(default_factory=lambda: [login()])
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Answer:
        with self.lock:
            self.asked.append(asked)
            queue = self.logins if asked.path == "/v1/auth" else self.answers
            return queue.pop(0) if len(queue) > 1 else queue[0]

    @property
    def logged_in(self) -> int:
        return sum(asked.path == "/v1/auth" for asked in self.asked)

    @property
    def reads(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.path != "/v1/auth"]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    script: Script


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def handle_any(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(self.command, parts.path, query, headers, self.rfile.read(length))
        answer = self.server.script.answer(asked)
        self.send_response(answer.status)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815  names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's signature
        pass


@dataclass(slots=True)
class SharedTokens(Tokens):
    token: Token | None = None
    reads_before: bool = True
    written: list[Token | None] = field(default_factory=list)

    def worked(self) -> bool:
        return self.reads_before

    def read(self) -> Token | None:
        return self.token

    def write(self, token: Token | None) -> None:
        self.token = token
        self.written.append(token)


@dataclass(slots=True)
class SetClock(Clock):
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time

    def pass_(self, time: timedelta) -> None:
        self.time += time


@dataclass(slots=True)
class CountingBudget(Budget):
    spent: int = 0
    asked: list[tuple[Ask, timedelta]] = field(default_factory=list)

    def wait(self, ask: Ask, patience: timedelta) -> None:
        self.spent += 1
        self.asked.append((ask, patience))


@dataclass(slots=True)
class Desk:
    """Everything one test needs to look at."""

    source: PersonioSource
    script: Script
    tokens: SharedTokens
    clock: SetClock
    budget: Budget
    outbound: Outbound
    origin: str


@contextmanager
def personio(
    *answers: Answer,
    logins: tuple[Answer, ...] = (login(),),
    wanted: frozenset[str] = WANTED,
    stored: Token | None = None,
    budget: Budget | None = None,
    clock: SetClock | None = None,
    page_size: int = 100,
) -> Iterator[Desk]:
    server = Server(("127.0.0.1", 0), Handler)
    server.script = Script(list(answers), list(logins))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    origin = f"http://127.0.0.1:{server.server_port}"
    outbound = Outbound(origin, policy=AddressPolicy(allow_private=True))
    tokens, time, pace = SharedTokens(stored), clock or SetClock(), budget or CountingBudget()
    try:
        with closing(outbound):
            source = make_source(outbound, tokens, time, pace, wanted, page_size)
            yield Desk(source, server.script, tokens, time, pace, outbound, origin)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def make_source(
    outbound: Outbound,
    tokens: Tokens,
    clock: Clock,
    budget: Budget,
    wanted: frozenset[str],
    page_size: int,
) -> PersonioSource:
    return PersonioSource(
        outbound=outbound,
        client_id="papi-client",
        client_secret="canary-secret",
        tokens=tokens,
        clock=clock,
        budget=budget,
        wanted=wanted,
        page_size=page_size,
    )


def attribute(
    value: object, kind: str | None = "standard", label: str = "Any label", **more: object
) -> dict[str, Any]:
    """Write an attribute object; without a kind it is one of before November 2021."""
    if kind is None:
        return {"label": label, "value": value}
    return {"label": label, "value": value, "type": kind, "universal_id": None, **more}


def record(person_id: object = 7, **attributes: object) -> dict[str, Any]:
    """Write an employee; plain values become attribute objects, dictionaries stay as they are."""
    shown = {key: value if isinstance(value, dict) else attribute(value) for key, value in attributes.items()}
    return {"type": "Employee", "attributes": {"id": attribute(person_id, "integer"), **shown}}


def page(*records: object, total: object = None, **more: object) -> Answer:
    """Write a page of employees as `GET /v1/company/employees` does."""
    claimed = len(records) if total is None else total
    metadata = {"total_elements": claimed, "current_page": 0, "total_pages": 1}
    return told(list(records), **{"metadata": metadata, "offset": 0, "limit": 100, **more})
