"""Name every boundary that a process comes to, and let one of them be its end, or a commit's.

A boundary is where another world begins: a commit, a request, a message. Nobody keeps a list of them: the
ports of a desk are wrapped, and a dry pass writes down what it comes to. The product knows nothing of it.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import assert_never

from adapters.database.errors import StoreAwayError, StoreConflictError
from adapters.http import Outbound, Reply
from adapters.http.request import template_of
from bootstrap.accounts import TenantAccounts
from domain.check import Side
from domain.events import Event
from domain.ids import TenantId
from domain.ports import Publisher, Store, Transaction

DIED = 137
"""What a shell tells of a process that was ended by kill -9."""

PAGE_SIZE = "4"
"""Small pages, so that a small company has several of them."""


@dataclass(frozen=True, slots=True)
class Point:
    """The nth time that a boundary of this name was reached: `reconcile: before commit`, 3."""

    name: str
    nth: int

    def __str__(self) -> str:
        return f"{self.name} #{self.nth}"

    @property
    def precedes_a_change(self) -> bool:
        """Say that the world is another one after this boundary.

        Whoever dies after one change leaves the same world as who dies before the next.
        """
        return ": before " in self.name and " GET " not in self.name


class Fate(Enum):
    """Say what happens at a boundary."""

    DIES = "dies"
    """The process ends, as kill -9 would end it."""
    GIVES_WAY = "gives way"
    """Before a commit: PostgreSQL lets another transaction pass, and nothing is written (C11)."""
    UNHEARD = "unheard"
    """After a commit: the connection breaks, and nobody hears that it was written (C5)."""

    def may_meet(self, point: Point) -> bool:
        """Say whether this can happen there."""
        match self:
            case Fate.DIES:
                return True
            case Fate.GIVES_WAY:
                return point.name.endswith(": before commit")
            case Fate.UNHEARD:
                return point.name.endswith(": after commit")
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Blow:
    """What happens where."""

    fate: Fate
    point: Point


class Points:
    """Write down each boundary as it is reached; strike at the one that was chosen."""

    def __init__(self, blow: Blow | None = None) -> None:
        self._blow = blow
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.passed: list[Point] = []
        self.struck = False
        self.transactions = 0
        """How many are open in the one thread that there is."""
        self.work = "start"
        """Whoever works now: the handler of a message, the sweeper, or what an operator asked for."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Know that a transaction is open. A second one beside it would wait for ever in a pool of one."""
        assert not self.transactions, f"{self.work} opens a transaction within another one (C6)"
        self.transactions += 1
        try:
            yield
        finally:
            self.transactions -= 1

    def reach(self, boundary: str) -> None:
        """Come to a boundary; this may be the end."""
        with self._lock:
            name = f"{self.work}: {boundary}"
            self._counts[name] += 1
            point = Point(name, self._counts[name])
            self.passed.append(point)
        if self._blow is not None and point == self._blow.point:
            self.struck = True
            _strike(self._blow.fate)


def _strike(fate: Fate) -> None:
    match fate:
        case Fate.DIES:
            os._exit(DIED)
        case Fate.GIVES_WAY:
            raise StoreConflictError("a deadlock that a test has made")
        case Fate.UNHEARD:
            raise StoreAwayError("a connection that a test has cut")
        case _:
            assert_never(fate)


class MortalStore:
    """Be a store whose process may die just before or just after a commit."""

    def __init__(self, inner: Store, points: Points) -> None:
        self._inner = inner
        self._points = points

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Write, with a boundary on either side of the commit."""
        with self._inner.write() as tx, self._points.transaction():
            yield tx
            self._points.reach("before commit")
        self._points.reach("after commit")

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Read; nothing is lost by dying here."""
        with self._inner.read() as tx, self._points.transaction():
            yield tx


class MortalPublisher:
    """Be a publisher whose process may die before, between and after messages."""

    def __init__(self, inner: Publisher, points: Points) -> None:
        self._inner = inner
        self._points = points

    def ring(self, events: Sequence[Event]) -> None:
        """Put one after the other on its queue."""
        for event in events:
            self._points.reach(f"before enqueue {type(event).__name__}")
            self._inner.ring([event])
            self._points.reach(f"after enqueue {type(event).__name__}")


class MortalOutbound(Outbound):
    """Send requests over another outbound; the process may die before one leaves or after its answer."""

    def __init__(self, inner: Outbound, side: str, points: Points) -> None:
        self._inner = inner
        self._side = side
        self._points = points

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = {},
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        """Ask, with a boundary on either side."""
        request = f"{self._side} {method} {template_of(path)}"
        assert not self._points.transactions, f"{request} leaves while a transaction is open (C6)"
        small = [(name, PAGE_SIZE if name == "limit" else value) for name, value in params]
        self._points.reach(f"before {request}")
        reply = self._inner.send(
            method,
            path,
            params=small,
            headers=headers,
            body=body,
            content_type=content_type,
            deadline=deadline,
        )
        self._points.reach(f"after {request}")
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class MortalAccounts(TenantAccounts):
    """Hand out adapters that speak to the world over outbounds with boundaries."""

    points: Points

    def _outbound(self, tenant_id: TenantId, side: Side, url: str, deadline: timedelta) -> Outbound:
        return MortalOutbound(super()._outbound(tenant_id, side, url, deadline), side, self.points)
