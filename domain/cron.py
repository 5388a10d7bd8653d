"""The five fields of a cron line: minute, hour, day of the month, month, day of the week."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}

SHORTEST_MINUTES = 5
MOST_DAYS_APART = 31
FIRST_DAY, DAYS_TRIED = date(2026, 1, 1), 4 * 365 + 1 + MOST_DAYS_APART
"""Four years hold every kind of month."""

_PIECE = re.compile(r"(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>[1-9]\d*))?")


class CronError(ValueError):
    """Say which field cannot be read, or why the whole can be no schedule."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Run at the minutes that the five fields name, by the clocks of the tenant's zone.

    As ever in cron: where both kinds of days are narrowed, a day that fits one of them will do.
    """

    text: str
    minutes: tuple[int, ...] = field(compare=False)
    hours: tuple[int, ...] = field(compare=False)
    days: frozenset[int] = field(compare=False)
    months: frozenset[int] = field(compare=False)
    weekdays: frozenset[int] = field(compare=False)
    either_day: bool = field(compare=False)
    each_hour: bool = field(compare=False)

    def falls_on(self, day: date) -> bool:
        """Tell whether it names this day at all."""
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        fits = in_month or in_week if self.either_day else in_month and in_week
        return fits and day.month in self.months

    @property
    def times(self) -> Iterator[time]:
        """Walk over its times of day, in order."""
        return (time(hour, minute) for hour in self.hours for minute in self.minutes)

    @property
    def step(self) -> timedelta:
        """Tell the shortest time between two of its times, were every day named."""
        minutes = [at.hour * 60 + at.minute for at in self.times]
        later = [*minutes[1:], minutes[0] + 24 * 60]
        return timedelta(minutes=min(after - before for before, after in zip(minutes, later, strict=True)))


@lru_cache(maxsize=256)
def read_cron(text: str) -> Cron:
    """Read «0 4 * * 1-5». Raises CronError."""
    words = text.lower().split()
    if len(words) != len(FIELDS):
        raise CronError(f"has {len(words)} fields where cron has five")
    minutes, hours, days, months, weekdays = (
        _field(word, *each) for word, each in zip(words, FIELDS, strict=True)
    )
    cron = Cron(
        " ".join(words),
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        frozenset(days),
        frozenset(months),
        frozenset(day % 7 for day in weekdays),
        either_day=not words[2].startswith("*") and not words[4].startswith("*"),
        each_hour=len(hours) == 24,
    )
    _refuse_extremes(cron)
    return cron


NO_NAMES: Mapping[str, int] = {}
FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("minute", 0, 59, NO_NAMES),
    ("hour", 0, 23, NO_NAMES),
    ("day of the month", 1, 31, NO_NAMES),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 7, WEEKDAYS),
)


def _field(word: str, name: str, least: int, most: int, names: Mapping[str, int]) -> set[int]:
    values: set[int] = set()
    for piece in word.split(","):
        found = _PIECE.fullmatch(piece)
        if found is None:
            raise CronError(f"has a field {name} that is no value, range, list or step")
        values.update(_range(found, name, least, most, names))
    return values


def _range(found: "re.Match[str]", name: str, least: int, most: int, names: Mapping[str, int]) -> range:
    first, last, step = found["first"], found["last"], found["step"]
    if first == "*":
        if last is not None:
            raise CronError(f"has a field {name} that is no value, range, list or step")
        return range(least, most + 1, int(step or 1))
    begin = _value(first, name, names)
    end = _value(last, name, names) if last is not None else begin
    if step is not None and last is None:
        raise CronError(f"has a field {name} with a step over a single value")
    if not least <= begin <= end <= most:
        raise CronError(f"has a field {name} outside of {least} to {most}, or a range that runs backwards")
    return range(begin, end + 1, int(step or 1))


def _value(word: str, name: str, names: Mapping[str, int]) -> int:
    if word in names:
        return names[word]
    if not re.fullmatch(r"\d{1,2}", word, re.ASCII):
        raise CronError(f"has a field {name} that is no value, range, list or step")
    return int(word)


def _refuse_extremes(cron: Cron) -> None:
    """Refuse what comes too often to be read, or so seldom that nobody would notice its absence."""
    if cron.step < timedelta(minutes=SHORTEST_MINUTES):
        raise CronError(f"comes more often than every {SHORTEST_MINUTES} minutes")
    last = FIRST_DAY
    for number in range(DAYS_TRIED):
        day = FIRST_DAY + timedelta(days=number)
        last = day if cron.falls_on(day) else last
        if (day - last).days >= MOST_DAYS_APART:
            raise CronError(f"stays away for more than {MOST_DAYS_APART} days")
