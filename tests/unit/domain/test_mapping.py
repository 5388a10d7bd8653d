"""From a person to a draft: absent is never empty, and one spelling of a name equals another."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.config import Line
from domain.employee import Reference, Value
from domain.mapping import draft, same_key
from domain.transforms import Plain
from tests.builders import LINES, configuration, employee


def test_every_line_carries_its_attribute_to_its_path() -> None:
    drafted = draft(employee(), configuration(), {})
    assert drafted.draft.values == {
        "userName": "ada@example.com",
        "name.givenName": "Ada",
        "name.familyName": "Byron",
        "title": "Engineer",
    }


def test_an_attribute_that_was_not_told_is_left_out_so_that_the_old_value_stays() -> None:
    assert "title" not in draft(employee(without=("position",)), configuration(), {}).draft.values


@pytest.mark.parametrize("empty", [None, "", "   "], ids=repr)
def test_an_attribute_that_was_told_to_be_empty_clears_the_path(empty: Value) -> None:
    assert draft(employee(position=empty), configuration(), {}).draft.values["title"] is None


def test_required_attributes_are_reported_as_empty_or_as_not_told() -> None:
    drafted = draft(employee(email=None, without=("last_name",)), configuration(), {})
    assert (drafted.empty, drafted.missing) == (("email",), ("last_name",))


def test_a_reference_gives_its_name_or_on_request_its_id() -> None:
    lines = (*LINES, Line("department", "department"), Line("department.id", "departmentId"))
    person = employee(department=Reference("77", "Vertrieb"))
    values = draft(person, configuration(lines=lines), {}).draft.values
    assert (values["department"], values["departmentId"]) == ("Vertrieb", "77")


def test_a_universal_id_finds_the_custom_attribute_of_this_company() -> None:
    lines = (*LINES, Line("universal:iban", "iban"))
    person = employee(dynamic_4711="DE02")
    assert draft(person, configuration(lines=lines), {"iban": "dynamic_4711"}).draft.values["iban"] == "DE02"


def test_a_universal_id_that_the_company_does_not_have_is_left_out() -> None:
    lines = (*LINES, Line("universal:iban", "iban"))
    assert "iban" not in draft(employee(), configuration(lines=lines), {}).draft.values


def test_several_values_become_one_text() -> None:
    lines = (*LINES, Line("dynamic_1", "languages"))
    person = employee(dynamic_1=("English", "Español"))
    assert draft(person, configuration(lines=lines), {}).draft.values["languages"] == "English, Español"


def test_a_transform_changes_letters_only_of_text() -> None:
    lines = (
        Line("email", "userName", transforms=(Plain.LOWER,)),
        Line("dynamic_1", "n", transforms=(Plain.UPPER,)),
    )
    person = employee(email="ADA@Example.com", dynamic_1=7)
    assert draft(person, configuration(lines=lines), {}).draft.values == {
        "userName": "ada@example.com",
        "n": 7,
    }


def test_the_prefix_keeps_tenants_apart_in_a_shared_target() -> None:
    assert draft(employee("5"), configuration(prefix="acme:"), {}).draft.external_id == "acme:5"


@given(st.text(max_size=40))
def test_case_blanks_and_unicode_form_do_not_make_another_name(name: str) -> None:
    for other in (
        name.strip(),
        f" {name} ",
        unicodedata.normalize("NFD", name),
        unicodedata.normalize("NFC", name),
    ):
        assert same_key(other) == same_key(name)
    assert same_key(same_key(name)) == same_key(name)
