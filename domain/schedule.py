"""Which slot of a tenant's schedule is due. Slots are moments in UTC; any scheduler computes the same."""

from datetime import UTC, datetime, time, timedelta
from typing import assert_never

from domain.config import Daily, Every, Schedule

ORIGIN = datetime(2020, 1, 1, tzinfo=UTC)
"""Interval slots are counted from here, so that every scheduler finds the same grid."""


def slot_due(schedule: Schedule, last: datetime | None, since: datetime, now: datetime) -> datetime | None:
    """Return the newest slot that has come and was not used yet; missed ones are caught up by one run.

    `since` is when the tenant became active: before its first slot, earlier ones never were this tenant's.
    """
    slot = newest_slot(schedule, now)
    begun = since if last is None else last
    return slot if slot > begun else None


def newest_slot(schedule: Schedule, now: datetime) -> datetime:
    """Return the last slot at or before now."""
    match schedule:
        case Every(interval):
            return now - (now - ORIGIN) % interval
        case Daily(at):
            return _daily(at, now)
        case _:
            assert_never(schedule)


def next_slot(schedule: Schedule, now: datetime) -> datetime:
    """Return the first slot after now, for people who ask when the next run will be."""
    step = schedule.interval if isinstance(schedule, Every) else timedelta(days=1)
    return newest_slot(schedule, now) + step


def _daily(at: time, now: datetime) -> datetime:
    today = datetime.combine(now.date(), at, UTC)
    return today if today <= now else today - timedelta(days=1)
