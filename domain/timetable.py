"""One tenant's timetable: which slot is due, when the next runs begin, and how long silence is no alarm."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from domain.ids import TenantId
from domain.schedule import Hours, Schedule, holds_now, newest_slot, next_time, slots_after

MOST_MISSED = 10_000
"""Nobody counts further; a scheduler that was away for so long needs no exact figure."""

SHORTEST_GRACE, LONGEST_GRACE = timedelta(minutes=5), timedelta(hours=1)
"""A run of a daily schedule is not late before so much time went by; one of a shorter rhythm after a step."""

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """A schedule, and by how much this tenant begins later than its slots say."""

    schedule: Schedule
    lag: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Due:
    """A slot whose run is to begin now, and how many earlier ones it stands for as well."""

    slot: datetime
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """When the run of a slot begins: after the tenant's lag, and not in quiet hours."""

    slot: datetime
    begins_at: datetime


def timetable(schedule: Schedule, tenant_id: TenantId) -> Timetable:
    """Give a tenant its place in the jitter: always the same, whoever computes it."""
    spread = schedule.jitter // SECOND
    if spread <= 0:
        return Timetable(schedule)
    number = int.from_bytes(hashlib.sha256(tenant_id.encode()).digest()[:8])
    return Timetable(schedule, number % spread * SECOND)


def due(table: Timetable, last: datetime | None, since: datetime, now: datetime) -> Due | None:
    """Return the newest slot that has come and was not used yet; missed ones are caught up by its run.

    `last` is the slot of the newest run that the schedule made. `since` is when the tenant became active:
    before its first slot, earlier ones never were this tenant's, and none of a pause was missed. In quiet
    hours a slot waits for their end.
    """
    slot = newest_slot(table.schedule, now - table.lag)
    used = slot + table.lag <= since if last is None else slot <= last
    if used or is_quiet(table.schedule, now):
        return None
    begun = since - table.lag if last is None else max(last, since - table.lag)
    return Due(slot, _missed(table, begun, slot))


def upcoming(table: Timetable, after: datetime) -> Iterator[Start]:
    """Walk over the runs that begin after a moment; slots that quiet hours hold up begin together, as one."""
    first = newest_slot(table.schedule, after - table.lag)
    waiting: Start | None = None
    for slot in _with(first, slots_after(table.schedule, first)):
        start = Start(slot, _after_quiet(table, slot + table.lag))
        if start.begins_at <= after:
            continue
        if waiting is not None and start.begins_at > waiting.begins_at:
            yield waiting
        waiting = start


def next_start(table: Timetable, after: datetime) -> datetime:
    """Return when the next run begins by itself, for people who ask."""
    return next(upcoming(table, after)).begins_at


def is_quiet(schedule: Schedule, now: datetime) -> bool:
    """Tell whether no run may begin by itself now."""
    return _quiet_now(schedule, now) is not None


def closed_until(schedule: Schedule, now: datetime) -> datetime | None:
    """Return when what a run wants by itself may be written, or None if it may be written now."""
    hours = schedule.apply
    if hours is None or holds_now(hours, schedule.zone, now):
        return None
    return next_time(hours.begin, schedule.zone, now)


def grace(table: Timetable, after: datetime) -> timedelta:
    """Tell how long a run may take before its silence means anything: one step, an hour at most."""
    first, second = islice(upcoming(table, after), 2)
    return _within_reason(second.begins_at - first.begins_at)


def silent_from(table: Timetable, success: datetime) -> datetime:
    """Tell from when a tenant is silent: two runs should have begun since its success, and been done."""
    first, second = islice(upcoming(table, success), 2)
    return second.begins_at + _within_reason(second.begins_at - first.begins_at)


def _within_reason(step: timedelta) -> timedelta:
    return max(SHORTEST_GRACE, min(LONGEST_GRACE, step))


def _missed(table: Timetable, begun: datetime, slot: datetime) -> int:
    """Count the slots in between, but none that quiet hours took."""
    between = takewhile(lambda each: each < slot, slots_after(table.schedule, begun))
    return sum(not is_quiet(table.schedule, each + table.lag) for each in islice(between, MOST_MISSED))


def _with(first: datetime, others: Iterator[datetime]) -> Iterator[datetime]:
    yield first
    yield from others


def _quiet_now(schedule: Schedule, moment: datetime) -> Hours | None:
    return next((hours for hours in schedule.quiet if holds_now(hours, schedule.zone, moment)), None)


def _after_quiet(table: Timetable, moment: datetime) -> datetime:
    while (hours := _quiet_now(table.schedule, moment)) is not None:
        moment = next_time(hours.end, table.schedule.zone, moment)
    return moment
