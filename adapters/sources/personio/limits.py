"""Keep within what Personio allows one credential: 15 requests a second, 300 a minute."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.ports_world import Budget


@dataclass(frozen=True, slots=True)
class Allowance:
    """Say how many requests may leave within any stretch of so many seconds."""

    requests: int
    seconds: float


PERSONIO = (Allowance(15, 1.1), Allowance(300, 61.0))
"""Personio: v1 `GET /company/employees`, per credential. The limit per IP address is not known here.

The windows are a little wider than Personio's: what leaves evenly may arrive in bunches.
"""


class RequestBudget(Budget):
    """Remember when requests left and let the next one go as soon as no window is full.

    Counts exactly instead of refilling a bucket: a full bucket lets twice the allowance through in its first
    minute. Lives in one process and starts without memory of earlier ones; what then goes too far is
    answered with 429, which is obeyed.
    """

    def __init__(
        self,
        now: Callable[[], float],
        sleep: Callable[[float], None],
        allowances: Sequence[Allowance] = PERSONIO,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._allowances = allowances
        self._left: deque[float] = deque(maxlen=max(allowance.requests for allowance in allowances))
        self._lock = threading.Lock()

    def wait(self, cost: int = 1) -> None:
        """Sleep until the request may leave. The place is taken first, so that threads keep their order."""
        for _ in range(cost):
            with self._lock:
                now = self._now()
                leaves = max([now, *(self._free_at(allowance) for allowance in self._allowances)])
                self._left.append(leaves)
            if leaves > now:
                self._sleep(leaves - now)

    def _free_at(self, allowance: Allowance) -> float:
        if len(self._left) < allowance.requests:
            return float("-inf")
        return self._left[-allowance.requests] + allowance.seconds
