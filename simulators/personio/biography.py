"""Make up one person: name, e-mail, contract, pay and the custom attributes."""

from datetime import UTC, date, datetime, timedelta

from simulators.personio.attributes import LANGUAGES, SHIRTS, SKILLS, Catalogue
from simulators.personio.dice import Dice
from simulators.personio.names import (
    PLAIN_FIRST,
    PLAIN_LAST,
    POSITIONS,
    SPECIAL_FIRST,
    SPECIAL_LAST,
    Name,
    plain,
)
from simulators.personio.person import Value
from simulators.personio.roles import Roles
from simulators.personio.tree import Tree
from simulators.personio.units import Units

HISTORIC = date(1835, 2, 1)
"""Before time zones were invented: such a date carries the local mean time of its city."""


class Biographer:
    """Write lives with one dice; remembers only which e-mail addresses it has given out."""

    def __init__(self, dice: Dice, units: Units, catalogue: Catalogue, today: date) -> None:
        self._dice = dice
        self._units = units
        self._custom = catalogue.custom
        self._today = today
        self._addresses: dict[str, int] = {}

    def write(self, place: int, tree: Tree, roles: Roles) -> dict[str, Value]:
        """Make up the values of the person at a place; the supervisor is filled in once ids exist."""
        values: dict[str, Value] = {}
        values.update(self._name(place, roles))
        values.update(self._seat(place, tree, roles))
        values.update(self._contract(place, roles))
        values.update(self._pay(place, roles))
        values.update(self._custom_values(place, roles))
        return values

    def record_dates(self, values: dict[str, Value]) -> tuple[datetime, datetime, str]:
        """Tell when the record was entered, when it last changed, and which attribute that was about."""
        hired = values["hire_date"]
        assert isinstance(hired, date)
        entered = min(hired - timedelta(days=self._dice.between(5, 60)), self._today - timedelta(days=2))
        created = datetime(entered.year, entered.month, entered.day, 7, tzinfo=UTC)
        created += timedelta(seconds=self._dice.below(36_000))
        age = (self._today - entered).days
        modified = created + timedelta(days=self._dice.below(max(age, 1)), seconds=self._dice.below(3_600))
        return created, modified, self._dice.pick(("position", "weekly_working_hours", "team", "fix_salary"))

    def _name(self, place: int, roles: Roles) -> dict[str, Value]:
        first, last = self._names(special=place in roles.special_name)
        email = self._address(first[1], last[1])
        return {
            "first_name": first[0],
            "last_name": last[0],
            "preferred_name": self._dice.pick(PLAIN_FIRST) if self._dice.chance(0.1) else "",
            "email": "" if place == roles.no_email else email,
            "gender": self._dice.pick(("male", "female", "male", "female", "diverse", "")),
        }

    def _names(self, *, special: bool) -> tuple[Name, Name]:
        plain_first, plain_last = self._dice.pick(PLAIN_FIRST), self._dice.pick(PLAIN_LAST)
        first, last = (plain_first, plain(plain_first)), (plain_last, plain(plain_last))
        which = self._dice.below(3)
        if special and which != 0:
            first = self._dice.pick(SPECIAL_FIRST)
        if special and which != 1:
            last = self._dice.pick(SPECIAL_LAST)
        return first, last

    def _address(self, first: str, last: str) -> str:
        local = f"{first}.{last}"
        count = self._addresses[local] = self._addresses.get(local, 0) + 1
        return f"{local}@example.com" if count == 1 else f"{local}{count}@example.com"

    def _seat(self, place: int, tree: Tree, roles: Roles) -> dict[str, Value]:
        units, dice = self._units, self._dice
        branch, twig = tree.branch(place, 2), tree.branch(place, 3)
        here = 0 if branch is None else branch % len(units.departments)
        office = dice.below(len(units.offices))
        teams = units.teams_of(here)
        return {
            "position": self._position(place, tree),
            "office": None if place in roles.remote else units.offices[office].id,
            "department": units.management.id if branch is None else units.departments[here].id,
            "team": None if twig is None else teams[twig % len(teams)].id,
            "subcompany": units.subcompanies[1 if office >= 2 else 0].id,
            "holiday_calendar": units.calendars[0 if place in roles.remote else office].id,
            "cost_centers": tuple(
                unit.id for unit in dice.draw(units.cost_centers, dice.pick((0, 1, 1, 1, 2)))
            ),
        }

    def _position(self, place: int, tree: Tree) -> str:
        if place == 0:
            return "Geschäftsführer:in"
        if tree.leads(place):
            return "Head of Team"
        return "" if self._dice.chance(0.03) else self._dice.pick(POSITIONS)

    def _contract(self, place: int, roles: Roles) -> dict[str, Value]:
        status = roles.status(place)
        external = place in roles.external
        hired = self._hired(status)
        ends = (
            self._today + timedelta(days=self._dice.between(60, 700))
            if external and status != "inactive"
            else None
        )
        return {
            "status": status,
            "employment_type": "external" if external else "internal",
            "hire_date": hired,
            "contract_end_date": ends,
            "probation_period_end": hired + timedelta(days=182),
            **self._exit(status, hired),
        }

    def _hired(self, status: str) -> date:
        if status == "onboarding":
            return self._today + timedelta(days=self._dice.between(7, 80))
        return self._today - timedelta(days=self._dice.between(400, 4_000))

    def _exit(self, status: str, hired: date) -> dict[str, Value]:
        if status != "inactive":
            return {
                "termination_date": None,
                "last_working_day": None,
                "termination_type": "",
                "termination_reason": "",
            }
        gone = max(hired + timedelta(days=30), self._today - timedelta(days=self._dice.between(10, 390)))
        return {
            "termination_date": gone,
            "last_working_day": gone - timedelta(days=self._dice.pick((0, 0, 10))),
            "termination_type": self._dice.pick(("employee", "employer")),
            "termination_reason": self._dice.pick(("", "Neue Herausforderung")),
        }

    def _pay(self, place: int, roles: Roles) -> dict[str, Value]:
        hours = self._dice.pick(("40", "40", "40", "38.5", "20"))
        external = place in roles.external
        return {
            "weekly_working_hours": hours,
            "work_schedule": self._units.schedules[1 if hours == "20" else 0].id,
            "absence_entitlement": () if external else tuple(unit.id for unit in self._units.time_off_types),
            "fix_salary": 0 if external else self._dice.pick((3_200, 4_150.5, 5_000, 6_725.25, 8_000)),
            "fix_salary_interval": "" if external else "monthly",
            "hourly_salary": self._dice.between(60, 140) if external else 0,
            "profile_picture": None,
        }

    def _custom_values(self, place: int, roles: Roles) -> dict[str, Value]:
        dice = self._dice
        born = date(1958, 1, 1) + timedelta(days=dice.below(16_500))
        by_name: dict[str, Value] = {
            "iban": _iban(dice.below(10**10)) if dice.chance(0.9) else "",
            "date_of_birth": HISTORIC if place == roles.historic else born if dice.chance(0.9) else None,
            "staff_number": f"{place + 1:05}",
            "languages": tuple(dice.draw(LANGUAGES, dice.below(4))),
            "skills": tuple(dice.draw(SKILLS, dice.below(3))),
            "shirt_size": dice.pick((*SHIRTS, "")),
            "linkedin": f"https://social.example.com/in/{place + 1}" if dice.chance(0.4) else "",
            "notes": "Erste Zeile\nzweite Zeile" if dice.chance(0.1) else "",
            "locker": dice.between(1, 900) if dice.chance(0.5) else 0,
            "allowance": dice.pick((0, 0, 25, 37.5)),
            "first_aid_course": self._today - timedelta(days=dice.below(700)) if dice.chance(0.2) else None,
        }
        return {self._custom[name]: value for name, value in by_name.items()}


def _iban(account: int) -> str:
    """Make up a German IBAN whose check digits are right and whose bank does not exist."""
    basic = f"99999999{account:010}"
    check = 98 - int(f"{basic}131400") % 97
    return f"DE{check:02}{basic}"
