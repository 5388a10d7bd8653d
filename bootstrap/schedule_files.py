"""Turn the section [schedule] of a tenant file into a schedule, and find what no single field can tell."""

from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from typing import Any

from pydantic import ValidationError

from bootstrap.tenant_mistakes import Mistake, Whereabouts
from domain.cron import CronError, read_cron
from domain.schedule import Daily, Every, Hours, Rhythm, Schedule, shortest_step
from schemas.schedule_part import (
    SCHEDULE_CURES,
    SchedulePart,
    clock_of,
    hours_of,
    jitter_minutes_of,
    minutes_of,
)

RHYTHMS = {"every", "daily", "cron"}


def about_schedule(told: object, at: Whereabouts) -> Iterable[Mistake]:
    """Find contradictions in what a file and its profile say; wrong fields are told elsewhere."""
    if not isinstance(told, Mapping):
        return
    named = set(told) & RHYTHMS
    if len(named) != 1:
        yield at.mistake(
            ("schedule",), "needs exactly one of every, daily and cron", SCHEDULE_CURES["schedule"]
        )
    if isinstance(told.get("cron"), str):
        yield from _about_cron(told["cron"], at)
    schedule = _read(told)
    if schedule is None or len(named) != 1:
        return
    if schedule.jitter >= shortest_step(schedule):
        what = "is as long as the time between two runs, or longer"
        yield at.mistake(("schedule", "jitter"), what, SCHEDULE_CURES["schedule.jitter"])
    if _never(schedule.quiet):
        cure = "leave some minutes of the day in which a run may begin"
        yield at.mistake(("schedule", "quiet"), "fills the whole day", cure)


def schedule_of(part: SchedulePart) -> Schedule:
    """Translate a section in which nothing is wrong."""
    return Schedule(
        _rhythm(part),
        zone=part.zone,
        quiet=tuple(Hours(*hours_of(each)) for each in part.quiet),
        apply=None if part.apply is None else Hours(*hours_of(part.apply)),
        jitter=timedelta(minutes=jitter_minutes_of(part.jitter)),
    )


def _rhythm(part: SchedulePart) -> Rhythm:
    if part.every is not None:
        return Every(timedelta(minutes=minutes_of(part.every)))
    if part.cron is not None:
        return read_cron(part.cron)
    return Daily(clock_of(part.daily or "04:00"))


def _about_cron(text: str, at: Whereabouts) -> Iterable[Mistake]:
    try:
        read_cron(text)
    except CronError as error:
        yield at.mistake(("schedule", "cron"), str(error), SCHEDULE_CURES["schedule.cron"])


def _read(told: Mapping[str, Any]) -> Schedule | None:
    try:
        return schedule_of(SchedulePart.model_validate(dict(told)))
    except (ValidationError, CronError):
        return None


def _never(quiet: tuple[Hours, ...]) -> bool:
    day = (time(minute // 60, minute % 60) for minute in range(24 * 60))
    return bool(quiet) and all(any(hours.hold(at) for hours in quiet) for at in day)
