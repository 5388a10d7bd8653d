"""How long another side asks us to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=24)
"""More than a day is a mistake or an attack; the row comes back on its own schedule then."""


def parse_retry_after(text: str | None, now: datetime, longest: timedelta = LONGEST) -> timedelta | None:
    """Read seconds or an HTTP date, between nothing and `longest`; None where there is nothing readable."""
    if text is None:
        return None
    wish = _seconds(text.strip(), longest) if _is_number(text.strip()) else _until(text.strip(), now)
    return None if wish is None else min(max(wish, timedelta(0)), longest)


def parse_moment(text: str | None, now: datetime, longest: timedelta = LONGEST) -> timedelta | None:
    """Read a moment in seconds since 1970, as how long it is until then; None where it is none."""
    moment = (text or "").strip()
    if not (moment.isascii() and moment.isdigit() and len(moment) <= len("9999999999")):
        return None
    return min(max(timedelta(seconds=int(moment) - now.timestamp()), timedelta(0)), longest)


def _is_number(text: str) -> bool:
    return text.isascii() and text.lstrip("+-").isdigit()


def _seconds(text: str, longest: timedelta) -> timedelta | None:
    """Cut by length before converting: int() of a very long text costs time and may raise."""
    digits = text.lstrip("+-")
    if text.startswith("-"):
        return timedelta(0)
    return longest if len(digits) > len("9999999999") else timedelta(seconds=int(digits))


def _until(text: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):  # what the standard parser raises on nonsense
        return None
