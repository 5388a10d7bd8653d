"""What may happen in a company, as values: one language for handle, admin API and hooks."""

from datetime import date, datetime
from typing import assert_never

import msgspec
from msgspec import UNSET, UnsetType

from simulators.personio.company import Company
from simulators.personio.person import Kind, Value
from simulators.personio.values import Given, understand


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    pass


class Hire(_Change, frozen=True, tag="hire"):
    """Somebody joins; what is not said is made up sensibly. An `id` may be asked for."""

    attributes: dict[str, Given] = {}
    id: int | None = None


class Alter(_Change, frozen=True, tag="change"):
    """Some attributes of a person get new values."""

    person_id: int
    attributes: dict[str, Given]


class Move(_Change, frozen=True, tag="move"):
    """A person changes department, team, office or supervisor; null takes one away."""

    person_id: int
    department: str | int | UnsetType | None = UNSET
    team: str | int | UnsetType | None = UNSET
    office: str | int | UnsetType | None = UNSET
    supervisor: int | UnsetType | None = UNSET


class Marry(_Change, frozen=True, tag="marry"):
    """A person takes another last name, and perhaps another e-mail address."""

    person_id: int
    last_name: str
    email: str | None = None


class Terminate(_Change, frozen=True, tag="terminate"):
    """A person leaves; with status «active» the dates say so while the status does not yet."""

    person_id: int
    last_working_day: date | None = None
    termination_date: date | None = None
    status: str = "inactive"
    termination_type: str = "employee"
    reason: str = ""


class Rehire(_Change, frozen=True, tag="rehire"):
    """A person comes back under the same id."""

    person_id: int
    hire_date: date | None = None
    attributes: dict[str, Given] = {}


class RehireAsNew(_Change, frozen=True, tag="rehire-as-new"):
    """A person comes back as a new record with a new id and the old e-mail; the old record stays as it is."""

    person_id: int
    hire_date: date | None = None
    attributes: dict[str, Given] = {}


class Erase(_Change, frozen=True, tag="erase"):
    """A person vanishes from Personio; the reports lose their supervisor unless the reference is kept."""

    person_id: int
    keep_references: bool = False


class RenameUnit(_Change, frozen=True, tag="rename-unit"):
    """A department, team or office gets another name under the same id."""

    unit: Kind
    name: str
    new_name: str


Change = Hire | Alter | Move | Marry | Terminate | Rehire | RehireAsNew | Erase | RenameUnit


def apply(company: Company, change: Change, now: datetime) -> int:
    """Let it happen, and give the id of the person, or the unit, it happened to."""
    match change:
        case Alter() | Move() | Marry() | Terminate() | Rehire():
            return _write(company, change.person_id, _news(change, now.date()), now)
        case Hire():
            return _hire(company, change, now)
        case RehireAsNew():
            return _rehire_as_new(company, change, now)
        case Erase():
            return _erase(company, change, now)
        case RenameUnit():
            return company.rename_unit(change.unit, change.name, change.new_name)
        case _ as never:
            assert_never(never)


def _news(change: Alter | Move | Marry | Terminate | Rehire, today: date) -> dict[str, Given]:
    """Tell which attributes of somebody already here get which values."""
    match change:
        case Alter():
            return change.attributes
        case Move():
            told = {name: getattr(change, name) for name in ("department", "team", "office", "supervisor")}
            return {name: value for name, value in told.items() if value is not UNSET}
        case Marry():
            email = {} if change.email is None else {"email": change.email}
            return {"last_name": change.last_name, **email}
        case Terminate():
            return _gone(change, today)
        case Rehire():
            return {**_back(change.hire_date or today), **change.attributes}
        case _ as never:
            assert_never(never)


def _write(company: Company, person_id: int, given: dict[str, Given], now: datetime) -> int:
    company.person(person_id)
    return company.write(person_id, understand(company, given), now).id


def _hire(company: Company, change: Hire, now: datetime) -> int:
    values = understand(company, change.attributes)
    started = values.get("hire_date") or now.date()
    assert isinstance(started, date)
    usual: dict[str, Value] = {
        "first_name": "Neu",
        "last_name": "Hinzugekommen",
        "status": "onboarding" if started > now.date() else "active",
        "employment_type": "internal",
        "hire_date": started,
        "weekly_working_hours": "40",
    }
    values.setdefault("email", f"person.{company.next_id()}@example.com")
    return company.add({**usual, **values}, now, change.id).id


def _gone(change: Terminate, today: date) -> dict[str, Given]:
    last_day = change.last_working_day or change.termination_date or today
    return {
        "status": change.status,
        "last_working_day": last_day,
        "termination_date": change.termination_date or last_day,
        "termination_type": change.termination_type,
        "termination_reason": change.reason,
    }


def _back(hire_date: date) -> dict[str, Given]:
    return {
        "status": "active",
        "hire_date": hire_date,
        "last_working_day": None,
        "termination_date": None,
        "termination_type": "",
        "termination_reason": "",
    }


def _rehire_as_new(company: Company, change: RehireAsNew, now: datetime) -> int:
    old = company.person(change.person_id).values
    new = understand(company, {**_back(change.hire_date or now.date()), **change.attributes})
    return company.add({**old, **new}, now).id


def _erase(company: Company, change: Erase, now: datetime) -> int:
    company.remove(change.person_id)
    if not change.keep_references:
        for report in company.reports_of(change.person_id):
            company.write(report, {"supervisor": None}, now)
    return change.person_id
