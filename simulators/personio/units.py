"""The offices, departments, calendars and schedules that a made-up company has."""

from dataclasses import dataclass

from simulators.personio.dice import Dice
from simulators.personio.names import DEPARTMENTS, MANAGEMENT
from simulators.personio.person import Kind, Unit

_OFFICES = (
    ("Berlin", "Europe/Berlin", "DE", "Berlin"),
    ("München", "Europe/Berlin", "DE", "Bayern"),
    ("London", "Europe/London", "GB", None),
    ("New York", "America/New_York", "US", "New York"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TEAMS_PER_DEPARTMENT = 3
FIRST_SCHEDULE = 9_007_199_254_740_993
"""The first whole number that a double cannot hold: real work schedules have such ids."""


@dataclass(frozen=True, slots=True)
class Units:
    """Every unit, sorted by what it is; offices and their holiday calendars stand at the same place."""

    offices: tuple[Unit, ...]
    calendars: tuple[Unit, ...]
    management: Unit
    departments: tuple[Unit, ...]
    teams: tuple[Unit, ...]
    subcompanies: tuple[Unit, ...]
    cost_centers: tuple[Unit, ...]
    time_off_types: tuple[Unit, ...]
    schedules: tuple[Unit, ...]

    @property
    def all(self) -> tuple[Unit, ...]:
        """List every unit of every kind."""
        return (
            *self.offices,
            *self.calendars,
            self.management,
            *self.departments,
            *self.teams,
            *self.subcompanies,
            *self.cost_centers,
            *self.time_off_types,
            *self.schedules,
        )

    def teams_of(self, department: int) -> tuple[Unit, ...]:
        """List the teams of the department at that place in the list."""
        start = department * TEAMS_PER_DEPARTMENT
        return self.teams[start : start + TEAMS_PER_DEPARTMENT]


class _Numbers:
    """Hand out unit ids that no two companies share."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed, "units")
        self._last = self._dice.between(700_000, 1_600_000)

    def unit(self, kind: Kind, name: str, zone: str = "", **details: str | float | None) -> Unit:
        self._last += self._dice.between(1, 90)
        return Unit(self._last, kind, name, details, zone)


def found_units(seed: int) -> Units:
    """Found the units of a company; their ids follow from the seed, their names do not."""
    new = _Numbers(seed)
    return Units(
        offices=tuple(new.unit("Office", name, zone) for name, zone, _, _ in _OFFICES),
        calendars=tuple(_calendar(new, *office) for office in _OFFICES),
        management=new.unit("Department", MANAGEMENT),
        departments=tuple(new.unit("Department", name) for name in DEPARTMENTS),
        teams=tuple(_teams(new)),
        subcompanies=(new.unit("Subcompany", "Nordlicht GmbH"), new.unit("Subcompany", "Northern Light Ltd")),
        cost_centers=tuple(new.unit("CostCenter", f"{1000 + 100 * n} Overhead") for n in range(8)),
        time_off_types=(
            new.unit("TimeOffType", "Paid vacation", category="paid_vacation", entitlement=30),
            new.unit("TimeOffType", "Sonderurlaub", category="other", entitlement=2.5),
        ),
        schedules=(
            _schedule(0, "Full-time, 40 hours", "08:00"),
            _schedule(2, "Part-time, 20 hours", "04:00"),
        ),
    )


def _calendar(new: _Numbers, name: str, _zone: str, country: str, state: str | None) -> Unit:
    return new.unit("HolidayCalendar", f"{state or name} ({country})", country=country, state=state)


def _teams(new: _Numbers) -> list[Unit]:
    numbers = range(1, TEAMS_PER_DEPARTMENT + 1)
    return [new.unit("Team", f"{department} {number}") for department in DEPARTMENTS for number in numbers]


def _schedule(offset: int, name: str, hours: str) -> Unit:
    week = {day: hours if place < 5 else "00:00" for place, day in enumerate(_DAYS)}
    return Unit(FIRST_SCHEDULE + offset, "WorkSchedule", name, {"valid_from": None, **week})
