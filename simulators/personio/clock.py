"""The one time of the simulated world: the wall clock, put forward as far as somebody asked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def wall() -> datetime:
    """Read the machine's clock: the only place where the simulator meets real time."""
    return datetime.now(UTC)  # noqa: TID251  this is where the clock comes from


class Clock:
    """Tell the time of the simulated world; tokens, limits and change dates all follow it."""

    def __init__(self, source: Callable[[], datetime] = wall) -> None:
        self._source = source
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Give the moment in UTC."""
        return self._source() + self._ahead

    def advance(self, seconds: float) -> None:
        """Put the clock forward, so that a token's 24 hours need not be waited for."""
        self._ahead += timedelta(seconds=seconds)
