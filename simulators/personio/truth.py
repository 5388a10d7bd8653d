"""Tell the whole company as plain JSON: what a test compares the target with."""

from datetime import date

from simulators.personio.company import Company
from simulators.personio.person import Person

_SKIPPED = frozenset(
    {
        *("supervisor", "office", "department", "team", "subcompany", "cost_centers"),
        *("holiday_calendar", "absence_entitlement", "work_schedule"),
    }
)


def truth(company: Company) -> dict[str, object]:
    """Tell everybody, oldest first, and under which keys the custom attributes travel."""
    return {
        "today": company.today.isoformat(),
        "custom_attributes": company.catalogue.custom,
        "people": [told(company, company.people[number]) for number in company.ids("oldest")],
    }


def told(company: Company, person: Person) -> dict[str, object]:
    """Tell one person; custom attributes under their nicknames, units by name, the supervisor by id."""
    nicknames = {key: name for name, key in company.catalogue.custom.items()}
    plain = {
        nicknames.get(key, key): value.isoformat() if isinstance(value, date) else value
        for key, value in person.values.items()
        if key not in _SKIPPED
    }
    return {
        "id": person.id,
        **plain,
        "supervisor_id": person.reference("supervisor"),
        "office": company.unit_name(person, "office"),
        "department": company.unit_name(person, "department"),
        "team": company.unit_name(person, "team"),
        "subcompany": company.unit_name(person, "subcompany"),
        "cost_centers": _names(company, person),
        "created_at": person.created_at.isoformat(),
        "last_modified_at": person.modified_at.isoformat(),
    }


def _names(company: Company, person: Person) -> list[str]:
    ids = person.values.get("cost_centers")
    return [company.units[int(number)].name for number in ids] if isinstance(ids, tuple) else []
