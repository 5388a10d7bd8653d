"""Things that happen to people, one word each."""

from collections.abc import Callable
from datetime import date

from msgspec import UNSET, UnsetType

from simulators.personio.changes import (
    Alter,
    Change,
    Erase,
    Hire,
    Marry,
    Move,
    Rehire,
    RehireAsNew,
    RenameUnit,
    Terminate,
)
from simulators.personio.person import Kind


class Events:
    """Say what happens in Python words; each answers with the id of the person."""

    def __init__(self, happen: Callable[[Change], int]) -> None:
        self._happen = happen

    def hire(self, **attributes: object) -> int:
        """Let somebody join; departments and the like by name, the supervisor by id."""
        return self._happen(Hire(attributes=attributes))

    def hire_as(self, person_id: int, **attributes: object) -> int:
        """Let somebody join under an id that you choose and nobody has."""
        return self._happen(Hire(id=person_id, attributes=attributes))

    def change(self, person_id: int, **attributes: object) -> int:
        """Give attributes new values."""
        return self._happen(Alter(person_id=person_id, attributes=attributes))

    def move(
        self,
        person_id: int,
        *,
        department: str | int | UnsetType | None = UNSET,
        team: str | int | UnsetType | None = UNSET,
        office: str | int | UnsetType | None = UNSET,
        supervisor: int | UnsetType | None = UNSET,
    ) -> int:
        """Put somebody elsewhere; None takes the department, team, office or supervisor away."""
        change = Move(
            person_id=person_id, department=department, team=team, office=office, supervisor=supervisor
        )
        return self._happen(change)

    def marry(self, person_id: int, new_last_name: str, email: str | None = None) -> int:
        """Give somebody another last name."""
        return self._happen(Marry(person_id=person_id, last_name=new_last_name, email=email))

    def terminate(
        self,
        person_id: int,
        *,
        last_working_day: date | None = None,
        termination_date: date | None = None,
        status: str = "inactive",
        termination_type: str = "employee",
        reason: str = "",
    ) -> int:
        """Let somebody leave, today unless a day is given."""
        change = Terminate(
            person_id=person_id,
            last_working_day=last_working_day,
            termination_date=termination_date,
            status=status,
            termination_type=termination_type,
            reason=reason,
        )
        return self._happen(change)

    def rehire(self, person_id: int, *, hire_date: date | None = None, **attributes: object) -> int:
        """Take somebody back under the same id."""
        return self._happen(Rehire(person_id=person_id, hire_date=hire_date, attributes=attributes))

    def rehire_as_new(self, person_id: int, *, hire_date: date | None = None, **attributes: object) -> int:
        """Take somebody back under a new id with the old e-mail; the answer is the new id."""
        return self._happen(RehireAsNew(person_id=person_id, hire_date=hire_date, attributes=attributes))

    def erase(self, person_id: int, *, keep_references: bool = False) -> int:
        """Let somebody vanish from every list."""
        return self._happen(Erase(person_id=person_id, keep_references=keep_references))

    def rename_unit(self, unit: Kind, name: str, new_name: str) -> int:
        """Give a department, team or office another name; the answer is its id."""
        return self._happen(RenameUnit(unit=unit, name=name, new_name=new_name))
