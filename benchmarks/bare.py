"""The bare loops that we compare ourselves with: the same clients and requests, and nothing around them."""

import hmac
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from adapters.clock import SystemClock
from adapters.http import AddressPolicy, Outbound, split_url
from adapters.sources.personio import PersonioSource
from adapters.targets.scim import ScimTarget
from benchmarks.rehearsal import Request, Script
from bootstrap.accounts import SOURCE_DEADLINE, NoBudget
from domain.compare import canonical, observe
from domain.config import Configuration
from domain.employee import Page
from domain.ids import PersonId
from domain.ports_world import Token
from simulators.personio.control import Control

POLICY = AddressPolicy(allow_private=True)
KEY = bytes(32)
"""Of fingerprints that nobody keeps."""


class RefusedError(Exception):
    """Say that the bare loop was refused: it did not do the same as we did."""


class KeptToken:
    """Keep the token in memory, as long as the loop lives."""

    def __init__(self) -> None:
        self._token: Token | None = None

    def worked(self) -> bool:
        """Say nothing of earlier times."""
        return False

    def read(self) -> Token | None:
        """Return it."""
        return self._token

    def write(self, token: Token | None) -> None:
        """Keep another one."""
        self._token = token


class _Made(msgspec.Struct):
    id: str


def pass_over(_: Page) -> None:
    """Look at nobody on a page."""


def comparing(config: Configuration) -> Callable[[Page], None]:
    """Judge everybody on a page as we do, and compare fingerprints of what they should have, in memory."""
    known: dict[PersonId, bytes] = {}
    today = SystemClock().now().date()

    def compare(page: Page) -> None:
        for employee in page.employees:
            values = observe(employee, config, {}, today).drafted.draft.values
            digest = hmac.digest(KEY, canonical(values), "sha256")
            if known.get(employee.person_id) != digest:
                known[employee.person_id] = digest

    return compare


def read_pages(personio: Control, config: Configuration, look: Callable[[Page], None] = pass_over) -> float:
    """Read attributes and every page with our own client, decode them, `look`; return the seconds."""
    outbound = Outbound(personio.url, policy=POLICY, deadline=SOURCE_DEADLINE)
    source = PersonioSource(
        outbound=outbound,
        client_id=personio.client_id,
        client_secret=personio.client_secret,
        tokens=KeptToken(),
        clock=SystemClock(),
        budget=NoBudget(),
        wanted=config.source_keys,
    )
    source.attributes()  # logs in as well, which our second sync does not need to do again either
    began = time.perf_counter()
    source.attributes()
    cursor: str | None = None
    while (page := source.page(cursor)).employees and page.next_cursor is not None:
        look(page)
        cursor = page.next_cursor
    seconds = time.perf_counter() - began
    outbound.close()
    return seconds


@dataclass(slots=True)
class Sender:
    """A pool of threads that only send. It remembers the ids of the accounts that it made."""

    outbound: Outbound
    pool: ThreadPoolExecutor
    ids: dict[str, str] = field(default_factory=dict)

    def list_accounts(self, token: str, base_path: str, config: Configuration) -> tuple[float, int]:
        """Read the whole list of the target, page after page; return the seconds and the requests."""
        target = ScimTarget(self.outbound, token, config.paths, SystemClock(), base_path)
        began, cursor, pages = time.perf_counter(), None, 0
        while pages == 0 or cursor is not None:
            cursor, pages = target.list_page(cursor).next_cursor, pages + 1
        return time.perf_counter() - began, pages

    def play(self, scripts: Sequence[Script]) -> tuple[float, int]:
        """Send all; rows that name another account come last. Return the seconds and the requests."""
        seconds = self._round([each for each in scripts if not each.needs_others])
        seconds += self._round([each for each in scripts if each.needs_others])
        return seconds, sum(len(each.requests) for each in scripts)

    def _round(self, scripts: Sequence[Script]) -> float:
        """Names become ids before the watch starts, and ids are read after it stopped."""
        known = [[request.naming(self.ids) for request in script.requests] for script in scripts]
        began = time.perf_counter()
        last = list(self.pool.map(self._send_all, known))
        seconds = time.perf_counter() - began
        self.ids |= dict(_made(scripts, last))
        return seconds

    def _send_all(self, requests: Sequence[Request]) -> bytes:
        body = b""
        for request in requests:
            reply = self.outbound.send(
                request.method,
                request.path,
                params=request.params,
                headers=request.headers,
                body=request.body,
                content_type=request.content_type,
            )
            if reply.status >= 300:
                raise RefusedError(f"{request.method} was answered with HTTP {reply.status}")
            body = reply.body
        return body


@contextmanager
def sender(url: str, in_flight: int, headers: dict[str, str]) -> Iterator[Sender]:
    """Open the loop for writing, warmed up by one request so that loading certificates is not measured."""
    origin, path = split_url(url)
    outbound = Outbound(origin, policy=POLICY)
    outbound.send("GET", f"{path}/ServiceProviderConfig", headers=headers)
    with ThreadPoolExecutor(in_flight) as pool:
        yield Sender(outbound, pool)
    outbound.close()


def _made(scripts: Iterable[Script], bodies: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    for script, body in zip(scripts, bodies, strict=True):
        if script.makes is not None:
            yield script.makes, msgspec.json.decode(body, type=_Made).id
