"""`why` answers the question that follows every sync: why does this person have an account, or none?"""

import pytest

from tests.integration.test_cli_check import Desk, app, desk, personio

__all__ = ["app", "desk", "personio"]


@pytest.fixture
def person(desk: Desk) -> int:
    assert desk.add().code == 0
    return next(each.id for each in desk.personio.truth().people if each.email and each.status == "active")


def test_each_clause_is_shown_with_the_value_that_it_saw(desk: Desk, person: int) -> None:
    desk.personio.company.change(person, employment_type="external")
    told = desk.type("why", "acme", person, "--json")
    assert told.code == 0, told.err
    clauses = {each["attribute"]: each for each in told.data["personio"]["clauses"]}
    assert (clauses["employment_type"]["saw"], clauses["employment_type"]["holds"]) == (["external"], False)
    assert clauses["status"]["holds"] is True
    assert told.data["personio"]["standing"] == "filtered"
    shown = desk.type("why", "acme", person).out
    assert "employment_type in" in shown
    assert "external" in shown


def test_what_was_not_told_is_told_apart_from_what_is_empty(desk: Desk, person: int) -> None:
    desk.personio.set_readable(["first_name", "last_name", "email", "status"])
    told = desk.type("why", "acme", person, "--json")
    clauses = {each["attribute"]: each for each in told.data["personio"]["clauses"]}
    assert (clauses["employment_type"]["saw"], clauses["employment_type"]["holds"]) == (None, None)
    assert "was not told" in desk.type("why", "acme", person).out


def test_a_personio_that_cannot_be_asked_is_part_of_the_answer(desk: Desk, person: int) -> None:
    desk.personio.rotate()
    told = desk.type("why", "acme", person, "--json")
    assert told.code == 0
    assert told.data["personio"] is None
    assert told.data["personio_trouble"]["code"] == "source.credentials-wrong"
    assert "cannot be told" in desk.type("why", "acme", person).out
    assert desk.app.counters.requests() == 0


def test_an_id_that_neither_personio_nor_we_know_is_not_found(desk: Desk) -> None:
    assert desk.add().code == 0
    told = desk.type("why", "acme", 4711)
    assert (told.code, told.out) == (7, "")
    assert "no person 4711" in told.err
