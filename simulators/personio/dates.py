"""Write calendar dates the way Personio does: as midnight in the zone of the person's office."""

from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

DateStyle = Literal["colon", "plain", "bare"]


@cache
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


@lru_cache(maxsize=50_000)
def midnight(day: date, zone: str, style: DateStyle) -> bytes:
    """Write a calendar date as JSON; the offset follows summer time, and before 1893 the sun."""
    if style == "bare":
        return f'"{day.isoformat()}"'.encode()
    start = datetime(day.year, day.month, day.day, tzinfo=_zone(zone))
    return f'"{day.isoformat()}T00:00:00{_offset(start, style)}"'.encode()


def moment(at: datetime, zone: str, style: DateStyle) -> bytes:
    """Write a moment as JSON, in the zone of the person's office."""
    local = at.astimezone(_zone(zone))
    return f'"{local.isoformat()[:19]}{_offset(local, style)}"'.encode()


def _offset(at: datetime, style: DateStyle) -> str:
    offset = at.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    minutes = int(abs(offset).total_seconds()) // 60
    colon = "" if style == "plain" else ":"
    return f"{sign}{minutes // 60:02}{colon}{minutes % 60:02}"
