"""Share the limits between all processes: what left is counted in Redis, or by each one alone without it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import redis

from adapters.redis.windows_script import SCRIPT
from domain.budget import Ask, Limits
from domain.ports_world import Windows

PREFIX = "{staffetta}:limits:"
SINCE = f"{PREFIX}since"
PROCESSES = f"{PREFIX}processes"
SILENT_S = 5.0
"""So long Redis is left alone after it did not answer, so that not every request waits for it."""

UNKNOWN = 4
"""For so many processes we take ourselves before Redis told how many ask."""

HALF = 0.5


class Aside(Protocol):
    """Count in this process what Redis does not count, and remember what it did."""

    def take(self, limits: Limits, ask: Ask, share: float) -> float:
        """Take a place within a share of the limits, or tell how long to wait."""
        ...

    def note(self, limits: Limits, ask: Ask) -> None:
        """Remember what Redis counted."""
        ...


@dataclass(frozen=True, slots=True)
class Used:
    """How many requests of one name left within a minute."""

    name: str
    minute: int


class RedisWindows(Windows):
    """Ask one script, which reads the clock of Redis. `client` must give up fast; see `connect_briefly`.

    Where Redis is away, each process keeps to half of its share, by what it sent itself. `now` is the clock
    for that, `moment` (milliseconds) stands in for the clock of Redis in tests.
    """

    def __init__(
        self,
        client: redis.Redis,
        process: str,
        aside: Aside,
        now: Callable[[], float] = time.monotonic,
        moment: Callable[[], int] | None = None,
    ) -> None:
        self._client = client
        self._script = client.register_script(SCRIPT)
        self._process = process
        self._aside = aside
        self._now = now
        self._moment = moment
        self._processes = UNKNOWN
        self._away_until = float("-inf")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def take(self, limits: Limits, ask: Ask) -> float:
        """Take a place in all windows at once, or in none."""
        if self._now() < self._away_until:
            return self._alone(limits, ask)
        try:
            wait, self._processes = self._ask(limits, ask)
        except redis.RedisError:
            self._away_until = self._now() + SILENT_S
            return self._alone(limits, ask)
        if wait == 0:
            self._aside.note(limits, ask)
        return wait / 1000

    def _alone(self, limits: Limits, ask: Ask) -> float:
        return self._aside.take(limits, ask, HALF / max(1, self._processes))

    def _ask(self, limits: Limits, ask: Ask) -> tuple[int, int]:
        rules = limits.rules(ask)
        keys = [SINCE, PROCESSES, *(f"{PREFIX}{rule.name}:log" for rule in rules)]
        spans = [
            number
            for rule in rules
            for number in (rule.allowance.requests, int(rule.allowance.seconds * 1000))
        ]
        moment = self._moment() if self._moment else ""
        listing = int(ask is Ask.LIST)
        answer: list[int] = self._script(keys, [self._process, listing, moment, *spans])
        return answer[0], answer[1]


def used(client: redis.Redis) -> list[Used]:
    """List whose requests left within the last minute, and how many. Raises RedisError."""
    seconds, _ = client.time()
    since = (int(seconds) - 60) * 1000
    found: list[Used] = []
    for key in sorted(client.scan_iter(match=f"{PREFIX}*:log", count=500)):
        moments = client.lrange(key, 0, -1)
        count = sum(int(moment) > since for moment in moments)
        found.append(Used(key.decode().removeprefix(PREFIX).removesuffix(":log"), count))
    return found
