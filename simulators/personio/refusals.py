"""Say 429, with or without a hint when to come back."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from math import ceil

from simulators.personio.clock import Clock
from simulators.personio.reply import Reply, error
from simulators.personio.switches import Switches

_BODY = "Too many requests"


def too_many(wait: float, switches: Switches, clock: Clock) -> Reply:
    """Turn a request away because of a limit; like the real one without a hint, unless switched."""
    match switches.retry_after:
        case "absent":
            return turned_away(None)
        case "seconds":
            return turned_away(str(ceil(wait)))
        case "http-date":
            return turned_away(http_date(clock.now(), wait))


def turned_away(retry_after: str | None) -> Reply:
    """Make the answer itself."""
    reply = error(429, 429, _BODY)
    return reply if retry_after is None else replace(reply, headers={"Retry-After": retry_after})


def http_date(now: datetime, seconds: float) -> str:
    """Write the moment some seconds from now as HTTP does, rounded up to whole seconds."""
    return format_datetime(now.replace(microsecond=0) + timedelta(seconds=ceil(seconds) + 1), usegmt=True)
