"""What others recorded of Personio is read whole, by the real client over a real socket."""

import json
from contextlib import closing
from datetime import date, timedelta

import pytest

from adapters.http import AddressPolicy, Outbound
from domain.employee import Employee, Reference
from domain.ids import PersonId
from domain.ports_world import Token
from tests.unit.http.raw_server import sending_then_closing, serving
from tests.unit.personio.replayed import PAGES, RECORDED, Replay, replayed
from tests.unit.personio.scripted import NOW, CountingBudget, SetClock, SharedTokens, make_source


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


def test_an_answer_by_id_that_others_recorded_is_the_person() -> None:
    """Sent in chunks, with the token echoed and the connection closed, as it was."""
    one = json.loads((RECORDED / "finch_2023.json").read_bytes())["data"][0]
    body = json.dumps({"success": True, "data": one}).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\nVary: Accept-Encoding, Origin\r\nCache-Control: no-cache, private\r\n"
        "Authorization: Bearer papi-echoed\r\n\r\n"
    )
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    with serving(sending_then_closing(head.encode() + chunked)) as server:
        outbound = Outbound(server.origin, policy=AddressPolicy(allow_private=True))
        with closing(outbound):
            tokens = SharedTokens(Token("papi-stored", NOW + timedelta(hours=1)))
            source = make_source(
                outbound, tokens, SetClock(), CountingBudget(), frozenset(one["attributes"]), 100
            )
            left = source.person(PersonId("12907776"))
    assert left is not None
    assert left.unreadable == frozenset()
    assert left.attributes["status"] == "inactive"
    assert left.attributes["termination_date"] == date(2020, 11, 30)
    assert left.attributes["last_working_day"] is None
    assert left.attributes["dynamic_6726173"] == ("Data security training", "Product training")
    assert tokens.written == []


@pytest.mark.parametrize("name", ["terraform_2023.json"])
def test_a_server_that_ignores_the_offset_and_says_so_has_told_everybody(name: str) -> None:
    with replayed(name, pages=False) as replay:
        assert len(everybody(replay)) == len(replay.people)
