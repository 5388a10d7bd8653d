"""What a look found: how each thing is, and what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from adapters.clock import SystemClock
from bootstrap.cli.failures import trouble_of

MOST_SKEW = timedelta(seconds=5)
CLOCK_CURE = "Let NTP set the clocks of all machines: leases are compared by them."


class Health(StrEnum):
    """Name how something is."""

    WELL = "well"
    NOTICE = "notice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    health: Health
    what: str
    cure: str = ""


def safely(about: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Turn a failure to look into a finding, so that the rest is looked at all the same."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        found.append(Finding(about, Health.PROBLEM, trouble.what, trouble.cure))
    return found


def clock(about: str, now: datetime) -> Iterable[Finding]:
    """Compare a clock with this machine's."""
    skew = abs(now - SystemClock().now())
    health = Health.WELL if skew <= MOST_SKEW else Health.PROBLEM
    cure = "" if health is Health.WELL else CLOCK_CURE
    yield Finding(about, health, f"{skew.total_seconds():.1f} s apart from this machine's", cure)
