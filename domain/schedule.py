"""When runs begin by themselves: slots are moments in UTC, and any scheduler computes the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo

from domain.cron import Cron

ORIGIN = datetime(2020, 1, 1, tzinfo=UTC)
"""Interval slots are counted from here, so that every scheduler finds the same grid."""

ONE_DAY = timedelta(days=1)
DAYS_SEARCHED = 40
"""No rhythm stays away for longer; `domain.cron` sees to it."""


@dataclass(frozen=True, slots=True)
class Every:
    """Run again this long after the last slot."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class Daily:
    """Run once a day at this time, by the clocks of the tenant's zone."""

    at: time


Rhythm: TypeAlias = Every | Daily | Cron


@dataclass(frozen=True, slots=True)
class Hours:
    """Name some hours of each day; they may run past midnight."""

    begin: time
    end: time

    def hold(self, at: time) -> bool:
        """Tell whether a time of day is one of them; the end is not."""
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


@dataclass(frozen=True, slots=True)
class Schedule:
    """Say when a tenant's runs begin by themselves, and when they may write.

    No run begins by itself in `quiet` hours. What such a run wants waits for the `apply` hours; None means
    any time. `jitter` spreads the tenants: each begins so much later, at most, and always by the same.
    """

    rhythm: Rhythm
    zone: str = "UTC"
    quiet: tuple[Hours, ...] = ()
    apply: Hours | None = None
    jitter: timedelta = timedelta(0)


def newest_slot(schedule: Schedule, now: datetime) -> datetime:
    """Return the last slot at or before now."""
    if isinstance(schedule.rhythm, Every):
        return now - (now - ORIGIN) % schedule.rhythm.interval
    today = now.astimezone(ZoneInfo(schedule.zone)).date()
    for back in range(-1, DAYS_SEARCHED):
        slots = slots_of_day(schedule.rhythm, schedule.zone, today - back * ONE_DAY)
        past = [slot for slot in slots if slot <= now]
        if past:
            return past[-1]
    raise AssertionError("a rhythm stays away for longer than any may")


def slots_after(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Walk over the slots after a moment, for as long as somebody asks."""
    if isinstance(schedule.rhythm, Every):
        slot = newest_slot(schedule, after)
        while True:
            slot += schedule.rhythm.interval
            yield slot
    day, last = after.astimezone(ZoneInfo(schedule.zone)).date() - ONE_DAY, after
    while True:
        for slot in slots_of_day(schedule.rhythm, schedule.zone, day):
            if slot > last:
                yield slot
                last = slot
        day += ONE_DAY


@lru_cache(maxsize=4096)
def slots_of_day(rhythm: Daily | Cron, zone: str, day: date) -> tuple[datetime, ...]:
    """List the slots of one day in a zone, oldest first.

    A time that does not exist on that day comes as much later as the clocks are put forward; one that exists
    twice counts once, the first time. Only a cron line for every hour has a slot in each hour that passes.
    """
    match rhythm:
        case Daily(at):
            return (_moments(zone, day, at)[0],)
        case Cron():
            times = rhythm.times if rhythm.falls_on(day) else ()
            found = (_moments(zone, day, at)[: 2 if rhythm.each_hour else 1] for at in times)
            return tuple(sorted({moment for moments in found for moment in moments}))
        case _:
            assert_never(rhythm)


def shortest_step(schedule: Schedule) -> timedelta:
    """Tell how near to each other two slots may be."""
    match schedule.rhythm:
        case Every(interval):
            return interval
        case Daily():
            return ONE_DAY
        case Cron():
            return schedule.rhythm.step
        case _:
            assert_never(schedule.rhythm)


def last_step(schedule: Schedule, at: datetime) -> timedelta:
    """Tell how long it was from one slot to the next, to the newest of a moment: a weekend, or a month."""
    newest = newest_slot(schedule, at)
    return newest - newest_slot(schedule, newest - timedelta(seconds=1))


def holds_now(hours: Hours, zone: str, now: datetime) -> bool:
    """Tell whether it is one of these hours in that zone."""
    return hours.hold(now.astimezone(ZoneInfo(zone)).time())


def next_time(at: time, zone: str, now: datetime) -> datetime:
    """Return the first moment after now at which the clocks of a zone show this time."""
    today = now.astimezone(ZoneInfo(zone)).date()
    days = (today + number * ONE_DAY for number in range(3))
    return next(moment for day in days for moment in _moments(zone, day, at) if moment > now)


def _moments(zone: str, day: date, at: time) -> tuple[datetime, ...]:
    """List when the clocks show this time on that day: once, or twice when they are put back.

    Where they are put forward past it, it comes as much later; or, if that is another day, as much earlier.
    """
    there = ZoneInfo(zone)
    shown = datetime.combine(day, at, there)
    first, second = shown.astimezone(UTC), shown.replace(fold=1).astimezone(UTC)
    if second > first:
        return (first, second)
    later, earlier = (moment.astimezone(there).date() for moment in (first, second))
    return (second,) if later != day == earlier else (first,)
