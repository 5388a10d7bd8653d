"""Section 2.2 of the reference: every attribute, in every shape in which Personio sends it."""

from datetime import date
from pathlib import Path

import pytest

from domain.employee import Reference, Value
from tests.unit.personio.scripted import Answer, attribute, page, personio, record

FIXTURES = Path(__file__).parents[2] / "fixtures" / "personio"
ZOE = "Zoë"
BOSS = {
    "type": "Employee",
    "attributes": {
        "id": attribute(131310, "integer"),
        "first_name": attribute("Ada"),
        "last_name": attribute("Byron"),
        "email": attribute("ada@acme.example"),
    },
}


def thing(kind: str, **inner: object) -> dict[str, object]:
    return {"type": kind, "attributes": inner}


def row(name: str, key: str, sent: object, expected: Value) -> object:
    return pytest.param(key, sent, expected, id=f"§2.2 {key}: {name}")


ROWS = [
    row("text", "first_name", attribute(ZOE), ZOE),
    row("text", "last_name", attribute("O'Neill"), "O'Neill"),
    row("text", "email", attribute("zoe@acme.example"), "zoe@acme.example"),
    row("empty stays empty", "position", attribute(""), ""),
    row("null stays null", "position", attribute(None), None),
    row("text", "preferred_name", attribute("Zo"), "Zo"),
    row("empty", "gender", attribute(""), ""),
    *[row(word, "status", attribute(word), word) for word in ("active", "inactive", "onboarding", "leave")],
    *[row(word, "employment_type", attribute(word), word) for word in ("internal", "external")],
    row("text stays text", "weekly_working_hours", attribute("40"), "40"),
    row("number stays number", "weekly_working_hours", attribute(38.5), 38.5),
    *[
        row("midnight with offset", key, attribute("2021-03-01T00:00:00+02:00", "date"), date(2021, 3, 1))
        for key in (
            "hire_date",
            "contract_end_date",
            "termination_date",
            "probation_period_end",
            "last_working_day",
        )
    ],
    row("null", "termination_date", attribute(None, "date"), None),
    row("empty text", "termination_date", attribute("", "date"), None),
    row("empty in recordings", "termination_type", attribute(""), ""),
    row("null in the specification", "termination_reason", attribute(None), None),
    row("late evening", "created_at", attribute("2021-02-01T23:59:59+01:00", "date"), date(2021, 2, 1)),
    row("full", "supervisor", attribute(BOSS), Reference("131310", "Ada Byron")),
    row("only an id", "supervisor", attribute(thing("Employee", id=attribute(5))), Reference("5", "")),
    row("nobody", "supervisor", attribute(None), None),
    row("nobody as text", "supervisor", attribute(""), None),
    row("nobody as list", "supervisor", attribute([]), None),
    row(
        "one", "office", attribute(thing("Office", id=1559799, name="London")), Reference("1559799", "London")
    ),
    row("none as null", "office", attribute(None), None),
    row("none as text", "office", attribute(""), None),
    row("none as list", "office", attribute([]), None),
    row("one", "department", attribute(thing("Department", id=1, name="R&D")), Reference("1", "R&D")),
    row("one", "team", attribute(thing("Team", id=2, name="Platform")), Reference("2", "Platform")),
    row("one", "subcompany", attribute(thing("Subcompany", id=3, name="GmbH")), Reference("3", "GmbH")),
    row(
        "two",
        "cost_centers",
        attribute([thing("CostCenter", id=1, name="A", percentage=60), thing("CostCenter", id=2, name="B")]),
        (Reference("1", "A"), Reference("2", "B")),
    ),
    row("none", "cost_centers", attribute([]), ()),
    row("none as text", "cost_centers", attribute(""), ()),
    row("none as null", "cost_centers", attribute(None), None),
    row(
        "with nulls inside",
        "holiday_calendar",
        attribute(thing("HolidayCalendar", id=45, name="Bayern", country=None, state=None)),
        Reference("45", "Bayern"),
    ),
    row(
        "list",
        "absence_entitlement",
        attribute([thing("TimeOffType", id=9, name="Paid vacation", category=None, entitlement=30)]),
        (Reference("9", "Paid vacation"),),
    ),
    row("null", "absence_entitlement", attribute(None), None),
    row(
        "id beyond 2^53",
        "work_schedule",
        attribute(
            thing("WorkSchedule", id=9223372036854775807, name="40 h", valid_from=None, monday="08:00")
        ),
        Reference("9223372036854775807", "40 h"),
    ),
    row("float", "fix_salary", attribute(4500.5, "decimal", currency="EUR"), 4500.5),
    row("integer", "fix_salary", attribute(4500, "decimal", currency="EUR"), 4500),
    row("zero when unset", "hourly_salary", attribute(0, "decimal", currency="EUR"), 0),
    row("text", "fix_salary_interval", attribute("monthly"), "monthly"),
    row("address", "profile_picture", attribute("https://a.example/1.png"), "https://a.example/1.png"),
    row("null", "profile_picture", attribute(None), None),
    row("standard", "dynamic_1", attribute("x"), "x"),
    row("list", "dynamic_1", attribute("single", "list"), "single"),
    row("link", "dynamic_1", attribute("https://a.example", "link"), "https://a.example"),
    row("multiline", "dynamic_1", attribute("a\r\nb\nc", "multiline"), "a b c"),
    row("empty", "dynamic_1", attribute(""), ""),
    row("date", "dynamic_1", attribute("1995-02-19T00:00:00+00:00", "date"), date(1995, 2, 19)),
    row("bare date", "dynamic_1", attribute("2021-01-01", "date"), date(2021, 1, 1)),
    row("offset without colon", "dynamic_1", attribute("2021-01-01T00:00:00+0100", "date"), date(2021, 1, 1)),
    row("local mean time", "dynamic_1", attribute("1835-02-01T00:00:00+00:53", "date"), date(1835, 2, 1)),
    row("east of Greenwich", "dynamic_1", attribute("2024-03-31T00:00:00+14:00", "date"), date(2024, 3, 31)),
    row("null date", "dynamic_1", attribute(None, "date"), None),
    row("integer", "dynamic_1", attribute(3, "integer"), 3),
    row("large integer", "dynamic_1", attribute(2**63, "integer"), 2**63),
    row("zero", "dynamic_1", attribute(0, "integer"), 0),
    row("decimal", "dynamic_1", attribute(0.5, "decimal"), 0.5),
    row("true", "dynamic_1", attribute(value=True), True),
    row("tags joined", "dynamic_1", attribute("English,Spanish", "tags"), ("English", "Spanish")),
    row("tags as JSON in text", "dynamic_1", attribute('["A","B, C"]', "tags"), ("A", "B, C")),
    row("tags as a list", "dynamic_1", attribute(["A", "B"], "tags"), ("A", "B")),
    row("a tag that begins with a bracket", "dynamic_1", attribute("[x,y", "tags"), ("[x", "y")),
    row("no tags", "dynamic_1", attribute("", "tags"), ()),
    row("no tags as JSON", "dynamic_1", attribute("[]", "tags"), ()),
    row("null tags", "dynamic_1", attribute(None, "tags"), None),
    row("empty list of an unknown attribute", "dynamic_1", attribute([]), None),
    row("list of texts", "dynamic_1", attribute(["a", "b"]), ("a", "b")),
    row("unknown object", "dynamic_1", attribute(thing("Job", id=1, name="Cook")), Reference("1", "Cook")),
    row("old body, text", "dynamic_1", attribute("x", None), "x"),
    row("old body, midnight", "dynamic_1", attribute("1995-02-19T00:00:00+01:00", None), date(1995, 2, 19)),
    row("old body, day without a time", "dynamic_1", attribute("1995-02-19", None), "1995-02-19"),
    row("old body", "hire_date", attribute("2016-01-01T00:00:00+0100", None), date(2016, 1, 1)),
]


@pytest.mark.parametrize(("key", "sent", "expected"), ROWS)
def test_an_attribute_is_read_as_the_reference_says(
    key: str, sent: dict[str, object], expected: Value
) -> None:
    with personio(page(record(7, **{key: sent})), wanted=frozenset({key})) as desk:
        (employee,) = desk.source.page(None).employees
        assert employee.attributes == {key: expected}
        assert type(employee.attributes[key]) is type(expected)
        assert employee.unreadable == frozenset()


def test_an_attribute_that_left_the_api_is_absent() -> None:
    with personio(page(record(7)), wanted=frozenset({"vacation_day_balance"})) as desk:
        assert not desk.source.page(None).employees[0].says("vacation_day_balance")


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        pytest.param("dynamic_1", "bare text", id="no object"),
        pytest.param("dynamic_1", None, id="null instead of an object"),
        pytest.param("dynamic_1", [1], id="list instead of an object"),
        pytest.param("dynamic_1", 3, id="number instead of an object"),
        pytest.param("dynamic_1", {"label": "x", "type": "standard"}, id="no value"),
        pytest.param("dynamic_1", attribute("19.02.1995", "date"), id="German date"),
        pytest.param(
            "dynamic_1", attribute("2021-02-30T00:00:00+00:00", "date"), id="no day of the calendar"
        ),
        pytest.param("dynamic_1", attribute(20210101, "date"), id="date as number"),
        pytest.param("dynamic_1", attribute("2021-W01-1", "date"), id="week date"),
        pytest.param("dynamic_1", attribute("x" * 10_001), id="text beyond 10,000 characters"),
        pytest.param("dynamic_1", attribute("x," * 6_000, "tags"), id="tags beyond 10,000 characters"),
        pytest.param("dynamic_1", attribute(5, "tags"), id="tags as number"),
        pytest.param("dynamic_1", attribute([1], "tags"), id="tags of numbers"),
        pytest.param("dynamic_1", attribute(["a", 1]), id="mixed list"),
        pytest.param("dynamic_1", attribute({"no": "attributes"}), id="unknown object without attributes"),
        pytest.param("supervisor", attribute("Ada"), id="supervisor as text"),
        pytest.param(
            "supervisor", attribute(thing("Employee", first_name="Ada")), id="supervisor without id"
        ),
        pytest.param("office", attribute(thing("Office", id=None, name="London")), id="office with id null"),
        pytest.param(
            "office", attribute(thing("Office", id=1, name=["x"])), id="office with a list for a name"
        ),
        pytest.param("cost_centers", attribute({"1": "x"}), id="cost centers as object"),
    ],
)
def test_a_broken_value_is_left_out_and_spoils_nothing_else(key: str, sent: object) -> None:
    broken = record(7, first_name=ZOE)
    broken["attributes"][key] = sent
    with personio(page(broken, record(8, first_name="Ada")), wanted=frozenset({key, "first_name"})) as desk:
        first, second = desk.source.page(None).employees
        assert dict(first.attributes) == {"first_name": ZOE}
        assert dict(second.attributes) == {"first_name": "Ada"}
        assert (first.unreadable, second.unreadable) == (frozenset({key}), frozenset())


def recorded(name: str) -> Answer:
    return Answer((FIXTURES / name).read_bytes())


def test_a_page_of_today_is_read_whole() -> None:
    wanted = frozenset({
        "id", "first_name", "last_name", "gender", "supervisor", "hire_date", "created_at", "subcompany",
        "office",
        "cost_centers", "work_schedule", "fix_salary", "team", "dynamic_6665573", "dynamic_6665575",
        "dynamic_6665576", "dynamic_6665577",
    })  # fmt: skip
    with personio(recorded("page_2026.json"), wanted=wanted) as desk:
        found = desk.source.page(None)
        assert (found.total, found.next_cursor) == (2, "2")
        assert found.employees[0].attributes == {
            "id": "13649297",
            "first_name": ZOE,
            "last_name": "Łukasiewicz-O'Neill",
            "gender": "",
            "supervisor": Reference("13649290", "Ada Byron"),
            "hire_date": date(2021, 3, 1),
            "created_at": date(2021, 2, 1),
            "subcompany": None,
            "office": Reference("1559799", "London"),
            "cost_centers": (Reference("773240", "R&D"),),
            "work_schedule": Reference("9223372036854775807", "40 h"),
            "fix_salary": 4500.5,
            "team": Reference("1227031", "Platform"),
            "dynamic_6665573": date(1995, 2, 19),
            "dynamic_6665575": 0,
            "dynamic_6665576": ("English", "Spanish"),
            "dynamic_6665577": ("Go", "C, the language"),
        }
        assert found.employees[1].attributes == {"id": "13649298"}


def test_a_page_of_2018_without_types_and_totals_is_read_whole() -> None:
    wanted = frozenset({
        "first_name", "supervisor", "hire_date", "termination_date", "office", "department", "cost_centers",
        "absence_entitlement", "weekly_working_hours", "dynamic_24407", "dynamic_33400",
    })  # fmt: skip
    with personio(recorded("page_2018.json"), wanted=wanted) as desk:
        found = desk.source.page(None)
        assert (found.total, found.next_cursor) == (None, "1")
        assert found.employees[0].attributes == {
            "first_name": ZOE,
            "supervisor": Reference("131310", "Ada Byron"),
            "hire_date": date(2016, 1, 1),
            "termination_date": None,
            "office": Reference("21454", "Berlin"),
            "department": None,
            "cost_centers": (),
            "absence_entitlement": None,
            "weekly_working_hours": "40",
            "dynamic_24407": date(1995, 2, 19),
            "dynamic_33400": 0,
        }
