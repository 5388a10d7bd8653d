"""Which attributes an employee has, how each is typed on the wire, and what it says when it is empty."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from simulators.personio.dice import Dice
from simulators.personio.person import Kind


class Shape(Enum):
    """How a value is drawn on the wire, which its `type` alone does not tell."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    TAGS = "tags"
    PERSON = "person"
    UNIT = "unit"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as `/employees/attributes` describes it, and what else the wire needs to know."""

    key: str
    label: str
    german: str
    type: str
    shape: Shape
    universal_id: str | None
    unit: Kind | None = None
    options: tuple[str, ...] = ()
    empty: str | int | None = None
    nickname: str = ""
    """The name under which tests and changes know a custom attribute, whose key differs per company."""


def _text(key: str, label: str, german: str, empty: str | None = "") -> Attribute:
    return Attribute(key, label, german, "standard", Shape.TEXT, key, empty=empty)


def _date(key: str, label: str, german: str) -> Attribute:
    return Attribute(key, label, german, "date", Shape.DATE, key)


def _unit(key: str, label: str, german: str, kind: Kind, shape: Shape = Shape.UNIT) -> Attribute:
    return Attribute(key, label, german, "standard", shape, key, unit=kind)


def _money(key: str, label: str, german: str) -> Attribute:
    return Attribute(key, label, german, "decimal", Shape.MONEY, key, empty=0)


STANDARD: tuple[Attribute, ...] = (
    Attribute("id", "ID", "ID", "integer", Shape.NUMBER, "id"),
    _text("first_name", "First name", "Vorname"),
    _text("last_name", "Last name", "Nachname"),
    _text("preferred_name", "Preferred name", "Bevorzugter Name"),
    _text("email", "Email", "E-Mail"),
    _text("gender", "Gender", "Geschlecht"),
    _text("status", "Status", "Status"),
    _text("position", "Position", "Position"),
    Attribute("supervisor", "Supervisor", "Vorgesetzter", "standard", Shape.PERSON, "supervisor"),
    _text("employment_type", "Employment type", "Beschäftigungsart"),
    _text("weekly_working_hours", "Weekly hours", "Wochenstunden"),
    _date("hire_date", "Hire date", "Einstellungsdatum"),
    _date("contract_end_date", "Contract ends", "Vertragsende"),
    _date("termination_date", "Termination date", "Kündigungsdatum"),
    _text("termination_type", "Termination type", "Kündigungsart"),
    _text("termination_reason", "Termination reason", "Kündigungsgrund"),
    _date("probation_period_end", "Probation period end", "Ende der Probezeit"),
    _date("last_working_day", "Last day of work", "Letzter Arbeitstag"),
    Attribute("created_at", "Created at", "Erstellt am", "date", Shape.MOMENT, "created_at"),
    Attribute(
        "last_modified_at", "Last modified", "Zuletzt geändert", "date", Shape.MOMENT, "last_modified_at"
    ),
    _unit("subcompany", "Subcompany", "Gesellschaft", "Subcompany"),
    _unit("office", "Office", "Standort", "Office"),
    _unit("department", "Department", "Abteilung", "Department"),
    _unit("team", "Team", "Team", "Team"),
    _unit("cost_centers", "Cost center", "Kostenstelle", "CostCenter", Shape.UNITS),
    _unit("holiday_calendar", "Public holidays", "Feiertagskalender", "HolidayCalendar"),
    _unit("absence_entitlement", "Absence entitlement", "Abwesenheitsanspruch", "TimeOffType", Shape.UNITS),
    _unit("work_schedule", "Work schedule", "Arbeitszeitmodell", "WorkSchedule"),
    _money("fix_salary", "Fix salary", "Fixgehalt"),
    _text("fix_salary_interval", "Salary interval", "Gehaltsintervall"),
    _money("hourly_salary", "Hourly salary", "Stundenlohn"),
    _text("profile_picture", "Profile Picture", "Profilbild", empty=None),
)

SHIRTS = ("XS", "S", "M", "L", "XL", "XXL")
LANGUAGES = ("German", "English", "French", "Polish", "Spanish", "Turkish")
SKILLS = ("Python", "Negotiation, contracts", "Accounting", "Forklift", "Design", "First aid")

_CUSTOM: tuple[Attribute, ...] = (
    Attribute("", "IBAN", "IBAN", "standard", Shape.TEXT, "iban", empty="", nickname="iban"),
    Attribute("", "Birthday", "Geburtstag", "date", Shape.DATE, "date_of_birth", nickname="date_of_birth"),
    Attribute(
        "",
        "Staff number",
        "Personalnummer",
        "standard",
        Shape.TEXT,
        None,
        empty="",
        nickname="staff_number",
    ),
    Attribute("", "Languages", "Sprachen", "tags", Shape.TAGS, None, None, LANGUAGES, "", "languages"),
    Attribute("", "Skills", "Fähigkeiten", "tags", Shape.TAGS, None, None, SKILLS, "", "skills"),
    Attribute("", "T-shirt size", "T-Shirt-Größe", "list", Shape.TEXT, None, None, SHIRTS, "", "shirt_size"),
    Attribute("", "LinkedIn", "LinkedIn", "link", Shape.TEXT, None, empty="", nickname="linkedin"),
    Attribute("", "Notes", "Notizen", "multiline", Shape.TEXT, None, empty="", nickname="notes"),
    Attribute("", "Locker", "Spindnummer", "integer", Shape.NUMBER, None, empty=0, nickname="locker"),
    Attribute("", "Allowance", "Zulage", "decimal", Shape.NUMBER, None, empty=0, nickname="allowance"),
    Attribute(
        "", "First aid course", "Ersthelferkurs", "date", Shape.DATE, None, nickname="first_aid_course"
    ),
)


class Catalogue:
    """Know every attribute of one company by key; the custom ones also by nickname."""

    def __init__(self, attributes: Iterable[Attribute]) -> None:
        self.by_key = {attribute.key: attribute for attribute in attributes}
        self.custom = {known.nickname: known.key for known in self.by_key.values() if known.nickname}
        self.keys = frozenset(self.by_key)

    def key_of(self, name: str) -> str:
        """Find the key behind a key or a nickname, or say which names there are."""
        key = self.custom.get(name, name)
        if key not in self.by_key:
            known = ", ".join(sorted(self.keys | self.custom.keys()))
            raise LookupError(f"there is no attribute called so in this company; known are: {known}")
        return key


def catalogue_of(seed: int) -> Catalogue:
    """Number the custom attributes as a company of this seed would: in every company differently."""
    dice = Dice(seed, "custom attributes")
    number = dice.between(1_000_000, 8_000_000)
    custom: list[Attribute] = []
    for model in _CUSTOM:
        number += dice.between(1, 40)
        custom.append(replace(model, key=f"dynamic_{number}"))
    return Catalogue((*STANDARD, *custom))
