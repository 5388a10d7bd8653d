"""A tenant's schedule as a part of its configuration's JSON, and back; what is as usual is not written."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any, assert_never

from domain.cron import Cron, read_cron
from domain.schedule import Daily, Every, Hours, Rhythm, Schedule

MICROSECOND = timedelta(microseconds=1)


def write_schedule(schedule: Schedule) -> dict[str, object]:
    """Write a schedule down."""
    told: dict[str, object] = _write_rhythm(schedule.rhythm)
    if schedule.zone != "UTC":
        told["zone"] = schedule.zone
    if schedule.quiet:
        told["quiet"] = [_write_hours(hours) for hours in schedule.quiet]
    if schedule.apply is not None:
        told["apply"] = _write_hours(schedule.apply)
    if schedule.jitter:
        told["jitter_us"] = schedule.jitter // MICROSECOND
    return told


def read_schedule(told: Mapping[str, Any]) -> Schedule:
    """Read what `write_schedule` wrote."""
    return Schedule(
        _read_rhythm(told),
        zone=told.get("zone", "UTC"),
        quiet=tuple(_read_hours(hours) for hours in told.get("quiet", ())),
        apply=_read_hours(told["apply"]) if "apply" in told else None,
        jitter=told.get("jitter_us", 0) * MICROSECOND,
    )


def _write_rhythm(rhythm: Rhythm) -> dict[str, object]:
    match rhythm:
        case Every(interval):
            return {"every_us": interval // MICROSECOND}
        case Daily(at):
            return {"daily": at.isoformat()}
        case Cron(text):
            return {"cron": text}
        case _:
            assert_never(rhythm)


def _read_rhythm(told: Mapping[str, Any]) -> Rhythm:
    if "cron" in told:
        return read_cron(told["cron"])
    if "daily" in told:
        return Daily(time.fromisoformat(told["daily"]))
    return Every(told["every_us"] * MICROSECOND)


def _write_hours(hours: Hours) -> list[str]:
    return [hours.begin.isoformat(), hours.end.isoformat()]


def _read_hours(told: Sequence[str]) -> Hours:
    begin, end = told
    return Hours(time.fromisoformat(begin), time.fromisoformat(end))
