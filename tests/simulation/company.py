"""The model company: who works there now, and everything that was ever true of each of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from domain.account import Scalar
from domain.employee import Employee, Reference, Value
from domain.ids import PersonId

INTERNAL, EXTERNAL = "internal", "external"
ACTIVE, ON_LEAVE, INACTIVE = "active", "leave", "inactive"
UNITS = ("North", "South")
SECRET_MARK = "zq"
"""Stands in every name and address of the model, so that one that leaks can be found."""


@dataclass(frozen=True)
class Human:
    """One employee, as the company knows them. `gone`: the record was erased."""

    person_id: PersonId
    first: str
    last: str
    email: str | None
    position: str
    unit: str
    kind: str = INTERNAL
    status: str = ACTIVE
    boss: PersonId | None = None
    gone: bool = False
    last_day: date | None = None
    number: str = ""

    @property
    def told(self) -> dict[str, Value]:
        """Tell all attributes, as a credential with every right reads them."""
        unit = Reference(self.unit, self.unit)
        return {
            "status": self.status,
            "employment_type": self.kind,
            "email": self.email,
            "first_name": self.first,
            "last_name": self.last,
            "position": self.position,
            "department": unit,
            "subcompany": unit,
            "supervisor": Reference(self.boss, "") if self.boss else None,
            "termination_date": self.last_day,
            "number": self.number,
        }

    def values(self) -> dict[str, Scalar]:
        """Tell the account that this person should have, but for the manager."""
        return {
            "userName": self.email,
            "name.givenName": self.first,
            "name.familyName": self.last,
            "title": self.position,
            "department": self.unit,
            "employeeNumber": self.number,
        }


@dataclass
class Company:
    """The people of one tenant. Every change of anybody is kept: only what was once true may be written."""

    first_id: int
    domain: str
    humans: dict[PersonId, Human] = field(default_factory=dict)
    past: dict[PersonId, list[Human]] = field(default_factory=dict)
    heard: list[Callable[[Human], None]] = field(default_factory=list)
    made: int = 0

    def set(self, human: Human) -> Human:
        """Let something be true of somebody from now on."""
        if self.humans.get(human.person_id) != human:
            self.humans[human.person_id] = human
            self.past.setdefault(human.person_id, []).append(human)
            for listener in self.heard:
                listener(human)
        return human

    def change(self, person_id: PersonId, **what: object) -> Human:
        """Change some of what is true of somebody."""
        return self.set(replace(self.humans[person_id], **what))  # type: ignore[arg-type]

    def hire(
        self, unit: str, *, email: str | None = None, boss: PersonId | None = None, number: str = ""
    ) -> Human:
        """Let somebody new begin."""
        someone = self._somebody(None, unit, email, boss)
        return self.set(replace(someone, number=number or someone.number))

    def reuse(self, person_id: PersonId, unit: str) -> Human:
        """Let somebody new begin under an id that was another person's."""
        return self.set(self._somebody(person_id, unit, None, None))

    def _somebody(
        self, person_id: PersonId | None, unit: str, email: str | None, boss: PersonId | None
    ) -> Human:
        self.made += 1
        number = self.first_id + self.made
        return Human(
            person_id=person_id or PersonId(str(number)),
            first=f"{SECRET_MARK}First{number}",
            last=f"{SECRET_MARK}Last{number}",
            email=email or self.fresh_email(),
            position=f"Job {number}",
            unit=unit,
            boss=boss,
            number=f"{SECRET_MARK}N{number}",
        )

    def fresh_number(self) -> str:
        """Make a personnel number that nobody ever had."""
        self.made += 1
        return f"{SECRET_MARK}N{self.first_id + self.made}"

    def fresh_email(self) -> str:
        """Make an address that nobody ever had."""
        self.made += 1
        return f"{SECRET_MARK}.{self.first_id + self.made}@{self.domain}"

    @property
    def here(self) -> list[Human]:
        """List everybody whose record is there, in the order of their ids."""
        return [self.humans[each] for each in sorted(self.humans) if not self.humans[each].gone]

    @property
    def working(self) -> list[Human]:
        """List everybody who is employed."""
        return [human for human in self.here if human.status != INACTIVE]

    @property
    def gone(self) -> list[Human]:
        """List those who left and whose record is still there."""
        return [human for human in self.here if human.status == INACTIVE]


def as_employee(human: Human, hidden: frozenset[str]) -> Employee:
    """Tell a record to a credential that may not read some attributes."""
    told: Mapping[str, Value] = human.told
    return Employee(human.person_id, {key: value for key, value in told.items() if key not in hidden})
