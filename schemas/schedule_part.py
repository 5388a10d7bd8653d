"""The section [schedule] of a tenant file: when runs begin by themselves, and when they may write."""

import re
from datetime import time
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

SHORTEST_MINUTES = 5
LONGEST_MINUTES = 7 * 24 * 60
MOST_JITTER_MINUTES = 12 * 60
MOST_QUIET = 10

SPAN = re.compile(r"(?P<number>[1-9]\d{0,3})(?P<unit>[mhd])", re.ASCII)
MINUTES = {"m": 1, "h": 60, "d": 24 * 60}
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def minutes_of(span: str) -> int:
    """Read «15m», «2h» or «1d» as minutes. Raises ValueError."""
    minutes = _minutes(span)
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise ValueError("not a span between 5m and 7d")
    return minutes


def jitter_minutes_of(span: str) -> int:
    """Read how far tenants are spread: «0» for not at all, else a span up to 12h. Raises ValueError."""
    minutes = _minutes(span)
    if span != "0" and not 0 < minutes <= MOST_JITTER_MINUTES:
        raise ValueError("not 0 and not a span up to 12h")
    return minutes


def clock_of(text: str) -> time:
    """Read «04:00» as a time of day. Raises ValueError."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError("not a time of day")
    return time(int(found[1]), int(found[2]))


def hours_of(text: str) -> tuple[time, time]:
    """Read «22:00-06:00» as hours of the day. Raises ValueError; hours that hold a whole day are none."""
    begin, _, end = text.partition("-")
    hours = clock_of(begin), clock_of(end)
    if hours[0] == hours[1]:
        raise ValueError("begins when it ends")
    return hours


def _minutes(span: str) -> int:
    found = SPAN.fullmatch(span)
    return int(found["number"]) * MINUTES[found["unit"]] if found else 0


def _span(text: str) -> str:
    minutes_of(text)
    return text


def _jitter(text: str) -> str:
    jitter_minutes_of(text)
    return text


def _clock(text: str) -> str:
    clock_of(text)
    return text


def _hours(text: str) -> str:
    hours_of(text)
    return text


def _zone(text: str) -> str:
    """Take names as the time zone database spells them, and none that means another zone on each machine."""
    if text not in _zones():
        raise ValueError("not the name of a time zone")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


Span = Annotated[str, AfterValidator(_span)]
Clock = Annotated[str, AfterValidator(_clock)]
HoursText = Annotated[str, AfterValidator(_hours)]


class SchedulePart(BaseModel):
    """When runs begin by themselves: one of the first three, and what may be said of it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    every: Span | None = None
    daily: Clock | None = None
    cron: Annotated[str, Field(min_length=9, max_length=200)] | None = None
    zone: Annotated[str, AfterValidator(_zone), Field(max_length=64)] = "UTC"
    quiet: Annotated[list[HoursText], Field(max_length=MOST_QUIET)] = []
    apply: HoursText | None = None
    jitter: Annotated[str, AfterValidator(_jitter)] = "0"


SCHEDULE_CURES: dict[str, str] = {
    "schedule": 'write a section [schedule] with every = "15m", daily = "04:00" or cron = "0 4 * * 1-5"',
    "schedule.every": 'write a span from 5m to 7d in minutes, hours or days, such as "15m", "2h", "1d"',
    "schedule.daily": 'write hours and minutes, such as "04:00"; they are in UTC unless zone says otherwise',
    "schedule.cron": "write minute, hour, day of the month, month, day of the week, such as"
    ' "0 4 * * 1-5"; at most every 5 minutes, at least once a month',
    "schedule.zone": 'write a name of the time zone database, such as "Europe/Berlin"; UTC is the usual one',
    "schedule.quiet": 'write hours in which no run begins by itself: quiet = ["22:00-06:00"]',
    "schedule.apply": 'write the hours in which a run may write by itself, such as "20:00-06:00"',
    "schedule.jitter": 'write how far tenants are spread, such as "10m", shorter than the time between two'
    ' runs, up to "12h", or "0"',
}
"""What to write instead, by field."""
