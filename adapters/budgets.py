"""Wait for a place within the limits, and count places within one process."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from domain.budget import Ask, Limits, Rule, room
from domain.codes import Code
from domain.errors import HeldBackError
from domain.ports_world import Budget, Windows

REMEMBERED = 2000
"""The largest allowance that anybody has; what left before that cannot matter any more."""


class PacedBudget(Budget):
    """Ask the windows again and again, and sleep between, as long as patience lasts.

    `hungry` tells among how many tenants the address is shared at the moment.
    """

    def __init__(
        self,
        windows: Windows,
        limits: Limits,
        now: Callable[[], float],
        sleep: Callable[[float], None],
        hungry: Callable[[], int] = lambda: 1,
    ) -> None:
        self._windows = windows
        self._limits = limits
        self._now = now
        self._sleep = sleep
        self._hungry = hungry

    def wait(self, ask: Ask, patience: timedelta) -> None:
        """Return when a place is taken. A wait that is too long is told at once instead of slept away."""
        ends = self._now() + patience.total_seconds()
        limits = replace(self._limits, hungry=self._hungry())
        while (pause := self._windows.take(limits, ask)) > 0:
            if self._now() + pause > ends:
                told = timedelta(seconds=pause)
                raise HeldBackError(Code.SOURCE_BUSY, "our own limit is used up", retry_after=told)
            self._sleep(pause)


class LocalWindows(Windows):
    """Count exactly, in one process: a bucket that starts full lets twice its size through at first."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._left: defaultdict[str, deque[float]] = defaultdict(partial(deque[float], maxlen=REMEMBERED))
        self._lock = threading.Lock()

    def take(self, limits: Limits, ask: Ask, share: float = 1.0) -> float:
        """Keep to a share of the limits, where others keep to theirs."""
        with self._lock:
            now = self._now()
            pause = max(self._free_at(rule, ask, share) for rule in limits.rules(ask)) - now
            if pause <= 0:
                self._book(limits, ask, now)
            return max(0.0, pause)

    def note(self, limits: Limits, ask: Ask) -> None:
        """Remember what somebody else counted, in case that we have to count ourselves."""
        with self._lock:
            self._book(limits, ask, self._now())

    def _book(self, limits: Limits, ask: Ask, now: float) -> None:
        for name in {rule.name for rule in limits.rules(ask)}:
            self._left[name].append(now)

    def _free_at(self, rule: Rule, ask: Ask, share: float) -> float:
        left, most = self._left[rule.name], room(rule.allowance, ask, share)
        return left[-most] + rule.allowance.seconds if len(left) >= most else float("-inf")
