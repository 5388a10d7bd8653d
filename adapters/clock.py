"""The time of this machine, and ids that sort by the moment of their making."""

import secrets
import time
from datetime import UTC, datetime


class SystemClock:
    """Tell the machine's time in UTC."""

    def now(self) -> datetime:
        """Return the current moment."""
        return datetime.now(UTC)  # noqa: TID251  the one place where the machine's clock is read


class SystemIds:
    """Make ids of 12 hexadecimal digits of time (ms) and 16 of chance, and throw dice."""

    def new(self) -> str:
        """Return a fresh id."""
        return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(8)}"

    def dice(self) -> float:
        """Return a number in [0, 1)."""
        return secrets.randbelow(1 << 32) / (1 << 32)
