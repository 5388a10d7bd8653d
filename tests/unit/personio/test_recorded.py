"""What others recorded of Personio is read whole, by the real client over a real socket."""

from contextlib import closing
from datetime import date

import pytest

from adapters.http import AddressPolicy, Outbound
from domain.employee import Employee, Reference
from tests.unit.personio.replayed import PAGES, Replay, replayed
from tests.unit.personio.scripted import CountingBudget, SetClock, SharedTokens, make_source


def everybody(replay: Replay) -> list[Employee]:
    """Read every attribute that the recording has, page by page, for at most five pages."""
    wanted = frozenset(key for one in replay.people for key in one)
    with closing(Outbound(replay.url, policy=AddressPolicy(allow_private=True))) as outbound:
        source = make_source(outbound, SharedTokens(), SetClock(), CountingBudget(), wanted, 100)
        assert {each.key for each in source.attributes()} == wanted
        found: list[Employee] = []
        cursor: str | None = None
        for _ in range(5):
            page = source.page(cursor)
            found += page.employees
            cursor = page.next_cursor
            if cursor is None:
                return found
        pytest.fail("the list did not end")


@pytest.mark.parametrize("name", [name for name in PAGES if name != "reported_oddities.json"])
def test_a_recorded_page_is_read_whole(name: str) -> None:
    with replayed(name) as replay:
        people = everybody(replay)
        assert len(people) == len(replay.people)
        for employee, recorded in zip(people, replay.people, strict=True):
            assert employee.unreadable == frozenset()
            assert employee.attributes.keys() == recorded.keys()


def test_what_was_reported_as_odd_is_read_and_what_nobody_understands_is_named() -> None:
    with replayed("reported_oddities.json") as replay:
        ines, otto = everybody(replay)
    assert dict(ines.attributes) == {
        "id": "901", "first_name": "Ines", "last_name": "Odd", "email": "ines@acme.example",
        "status": "active", "employment_type": "internal", "position": None,
        "supervisor": None, "office": Reference("Munich", "Munich"),
        "department": Reference("Marketing", "Marketing"), "team": None, "subcompany": None,
        "work_schedule": None, "cost_centers": None, "hire_date": date(2021, 1, 1), "termination_date": None,
        "contract_end_date": date(2031, 12, 31), "last_working_day": None, "weekly_working_hours": 40,
        "dynamic_1": ("A", "C, the language"), "dynamic_2": True, "dynamic_3": "12.50",
    }  # fmt: skip
    assert otto.person_id == "902"
    assert otto.unreadable == frozenset({"position", "hire_date"})
    assert (otto.attributes["supervisor"], otto.attributes["department"]) == (None, None)


@pytest.mark.parametrize("name", ["terraform_2023.json"])
def test_a_server_that_ignores_the_offset_and_says_so_has_told_everybody(name: str) -> None:
    with replayed(name, pages=False) as replay:
        assert len(everybody(replay)) == len(replay.people)
