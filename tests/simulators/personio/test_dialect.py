"""The attribute objects on the wire, in every dialect that has been seen."""

import json
from datetime import date

import pytest

from simulators.personio.handle import PersonioSimulator
from tests.simulators.personio.client import Attributes, Client, value_of

OBJECTS = ("supervisor", "office", "department", "team", "subcompany", "holiday_calendar", "work_schedule")


@pytest.fixture
def ada(personio: PersonioSimulator) -> int:
    """Hire somebody about whom hardly anything is known."""
    return personio.company.hire(first_name="Ada", last_name="Lovelace", email="ada@example.com")


def attribute(client: Client, person_id: int, key: str) -> dict[str, object]:
    return client.attributes_of(person_id)[key]


def test_a_text_is_label_value_type_and_universal_id(client: Client, ada: int) -> None:
    assert attribute(client, ada, "first_name") == {
        "label": "First name",
        "value": "Ada",
        "type": "standard",
        "universal_id": "first_name",
    }


def test_the_id_is_an_integer(client: Client, ada: int) -> None:
    told = attribute(client, ada, "id")
    assert told == {"label": "ID", "value": ada, "type": "integer", "universal_id": "id"}


def test_a_salary_carries_its_currency(client: Client, personio: PersonioSimulator, ada: int) -> None:
    personio.company.change(ada, fix_salary=4150.5)
    assert attribute(client, ada, "fix_salary") == {
        "label": "Fix salary",
        "value": 4150.5,
        "type": "decimal",
        "universal_id": "fix_salary",
        "currency": "EUR",
    }


def test_weekly_hours_are_a_text(client: Client, ada: int) -> None:
    assert client.value(ada, "weekly_working_hours") == "40"


def test_weekly_hours_may_be_a_number(client: Client, personio: PersonioSimulator, ada: int) -> None:
    personio.switch(hours="number")
    assert client.value(ada, "weekly_working_hours") == 40


def test_a_supervisor_is_an_employee_with_four_labelled_attributes(
    client: Client, personio: PersonioSimulator, ada: int
) -> None:
    boss = personio.truth().people[0]
    personio.company.move(ada, supervisor=boss.id)
    told = client.value(ada, "supervisor")
    assert isinstance(told, dict)
    assert told["type"] == "Employee"
    inner: Attributes = told["attributes"]
    assert {key: value_of(inner, key) for key in inner} == {
        "id": boss.id,
        "first_name": boss.first_name,
        "last_name": boss.last_name,
        "email": boss.email,
    }
    assert inner["id"] == {"label": "ID", "value": boss.id, "type": "integer", "universal_id": "id"}


def test_a_supervisor_may_be_an_id_only(client: Client, personio: PersonioSimulator, ada: int) -> None:
    boss = personio.truth().people[0].id
    personio.company.move(ada, supervisor=boss)
    personio.switch(supervisor="id")
    told = client.value(ada, "supervisor")
    assert isinstance(told, dict)
    assert told["attributes"].keys() == {"id"}


def test_a_supervisor_who_is_not_in_the_company_is_known_by_id_alone(
    client: Client, personio: PersonioSimulator, ada: int
) -> None:
    personio.company.move(ada, supervisor=4711)
    told = client.value(ada, "supervisor")
    assert isinstance(told, dict)
    assert told["attributes"]["id"]["value"] == 4711
    assert told["attributes"].keys() == {"id"}


@pytest.mark.parametrize(
    ("key", "kind"),
    [("office", "Office"), ("department", "Department"), ("team", "Team"), ("subcompany", "Subcompany")],
)
def test_a_unit_has_an_id_and_a_name(
    client: Client, personio: PersonioSimulator, ada: int, key: str, kind: str
) -> None:
    personio.company.change(ada, **{key: "Nebelwerk"})
    told = client.value(ada, key)
    assert isinstance(told, dict)
    assert (told["type"], told["attributes"]["name"]) == (kind, "Nebelwerk")
    assert isinstance(told["attributes"]["id"], int)
    assert told["attributes"].keys() == {"id", "name"}


def test_cost_centers_are_a_list_whose_percentages_fill_a_hundred(
    client: Client, personio: PersonioSimulator, ada: int
) -> None:
    personio.company.change(ada, cost_centers=["1000 Overhead", "1100 Overhead"])
    told = client.value(ada, "cost_centers")
    assert isinstance(told, list)
    assert [centre["type"] for centre in told] == ["CostCenter", "CostCenter"]
    assert [centre["attributes"]["percentage"] for centre in told] == [50, 50]


def test_calendars_entitlements_and_schedules_have_their_own_details(client: Client) -> None:
    somebody = client.page().people[0]
    calendar, schedule = value_of(somebody, "holiday_calendar"), value_of(somebody, "work_schedule")
    entitlements = next(
        value for person in client.page().people if (value := value_of(person, "absence_entitlement"))
    )
    assert isinstance(calendar, dict)
    assert isinstance(schedule, dict)
    assert isinstance(entitlements, list)
    assert calendar["attributes"].keys() == {"id", "name", "country", "state"}
    assert {"valid_from", "monday", "sunday"} < schedule["attributes"].keys()
    assert schedule["attributes"]["id"] > 2**53
    assert entitlements[0]["type"] == "TimeOffType"
    assert entitlements[0]["attributes"].keys() == {"id", "name", "category", "entitlement"}


def test_custom_attributes_travel_under_numbers(
    client: Client, personio: PersonioSimulator, ada: int
) -> None:
    personio.company.change(ada, iban="DE02120300000000202051", staff_number="007")
    keys = personio.truth().custom_attributes
    assert all(key.startswith("dynamic_") for key in keys.values())
    iban = attribute(client, ada, keys["iban"])
    assert (iban["value"], iban["universal_id"]) == ("DE02120300000000202051", "iban")
    assert attribute(client, ada, keys["staff_number"])["universal_id"] is None


@pytest.mark.parametrize(
    ("setting", "languages", "skills"),
    [
        ("mixed", "English,Spanish", '["A, B","C"]'),
        ("joined", "English,Spanish", "A, B,C"),
        ("json", '["English","Spanish"]', '["A, B","C"]'),
    ],
)
def test_tags_are_one_text_in_either_dialect(
    client: Client, personio: PersonioSimulator, ada: int, setting: str, languages: str, skills: str
) -> None:
    personio.company.change(ada, languages=["English", "Spanish"], skills=["A, B", "C"])
    personio.switch(tags=setting)
    keys = personio.truth().custom_attributes
    assert attribute(client, ada, keys["languages"])["type"] == "tags"
    assert client.value(ada, keys["languages"]) == languages
    assert client.value(ada, keys["skills"]) == skills


@pytest.mark.parametrize(
    ("office", "day", "expected"),
    [
        ("Berlin", "2026-01-15", "2026-01-15T00:00:00+01:00"),
        ("Berlin", "2026-07-15", "2026-07-15T00:00:00+02:00"),
        ("London", "2026-01-15", "2026-01-15T00:00:00+00:00"),
        ("London", "2026-07-15", "2026-07-15T00:00:00+01:00"),
        ("New York", "2026-07-15", "2026-07-15T00:00:00-04:00"),
        (None, "2026-07-15", "2026-07-15T00:00:00+02:00"),
        ("Berlin", "1835-02-01", "1835-02-01T00:00:00+00:53"),
    ],
)
def test_a_date_is_midnight_at_the_persons_office(
    client: Client, personio: PersonioSimulator, ada: int, office: str | None, day: str, expected: str
) -> None:
    personio.company.change(ada, office=office, date_of_birth=day, hire_date=day)
    assert client.value(ada, personio.truth().custom_attributes["date_of_birth"]) == expected
    assert client.value(ada, "hire_date") == expected


@pytest.mark.parametrize(
    ("style", "expected"), [("plain", "2026-07-15T00:00:00+0200"), ("bare", "2026-07-15")]
)
def test_dates_have_other_dialects(
    client: Client, personio: PersonioSimulator, ada: int, style: str, expected: str
) -> None:
    personio.company.change(ada, contract_end_date=date(2026, 7, 15).isoformat())
    personio.switch(dates=style)
    assert client.value(ada, "contract_end_date") == expected


@pytest.mark.parametrize(
    ("key", "empty"),
    [
        ("position", ""),
        ("preferred_name", ""),
        ("gender", ""),
        ("termination_type", ""),
        ("fix_salary_interval", ""),
        ("contract_end_date", None),
        ("profile_picture", None),
        ("fix_salary", 0),
        ("supervisor", None),
        ("office", None),
        ("cost_centers", []),
        ("absence_entitlement", None),
    ],
)
def test_each_attribute_is_empty_in_its_own_way(client: Client, ada: int, key: str, empty: object) -> None:
    assert client.value(ada, key) == empty


@pytest.mark.parametrize(
    ("nickname", "empty"),
    [
        *[("iban", ""), ("languages", ""), ("shirt_size", ""), ("linkedin", ""), ("notes", "")],
        *[("date_of_birth", None), ("locker", 0), ("allowance", 0)],
    ],
)
def test_each_custom_attribute_is_empty_in_its_own_way(
    client: Client, personio: PersonioSimulator, ada: int, nickname: str, empty: object
) -> None:
    assert client.value(ada, personio.truth().custom_attributes[nickname]) == empty


@pytest.mark.parametrize(("setting", "empty"), [("null", None), ("text", ""), ("list", [])])
def test_empty_references_can_all_be_empty_in_one_way(
    client: Client, personio: PersonioSimulator, ada: int, setting: str, empty: object
) -> None:
    personio.switch(empty=setting)
    employee = client.attributes_of(ada)
    assert all(value_of(employee, key) == empty for key in (*OBJECTS, "cost_centers", "absence_entitlement"))


def test_empty_references_can_be_mixed(client: Client, personio: PersonioSimulator, ada: int) -> None:
    personio.switch(empty="mixed")
    newcomers = [ada, *(personio.company.hire() for _ in range(5))]
    seen = {json.dumps(client.value(number, key)) for number in newcomers for key in OBJECTS}
    assert seen == {"null", '""', "[]"}


def test_labels_can_be_german(client: Client, personio: PersonioSimulator, ada: int) -> None:
    personio.switch(language="de")
    assert attribute(client, ada, "first_name")["label"] == "Vorname"


def test_bodies_can_be_as_bare_as_before_2021(client: Client, personio: PersonioSimulator, ada: int) -> None:
    personio.switch(attribute_shape="bare")
    employee = client.attributes_of(ada)
    assert employee["first_name"] == {"label": "First name", "value": "Ada"}
    assert employee["fix_salary"].keys() == {"label", "value", "currency"}


def test_a_boss_who_marries_is_told_under_the_new_name_by_every_report(
    client: Client, personio: PersonioSimulator, ada: int
) -> None:
    boss = personio.truth().people[0].id
    personio.company.move(ada, supervisor=boss)
    client.value(ada, "supervisor")
    personio.company.marry(boss, "Neumann-Ōe")
    told = client.value(ada, "supervisor")
    assert isinstance(told, dict)
    assert told["attributes"]["last_name"]["value"] == "Neumann-Ōe"


def test_a_renamed_department_is_told_by_everybody_in_it_under_the_same_id(
    client: Client, personio: PersonioSimulator, ada: int
) -> None:
    personio.company.move(ada, department="Sales")
    before = client.value(ada, "department")
    personio.company.rename_unit("Department", "Sales", "Revenue")
    after = client.value(ada, "department")
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["attributes"] == {**before["attributes"], "name": "Revenue"}
