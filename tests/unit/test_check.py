"""A check counts people and attributes, and says what stands in the way."""

from collections.abc import Sequence
from datetime import date

import pytest

from domain.check import Company, Problem, Side, Tally, Told
from domain.codes import Code
from domain.config import Line, personio_key
from domain.employee import Employee
from domain.ids import PersonId, TenantId
from domain.remedies import remedy
from domain.scope import Standing
from tests.builders import LINES, configuration, employee

GRANTED = frozenset(
    {"email", "first_name", "last_name", "position", "status", "employment_type", "supervisor"}
)
TODAY = date(2026, 11, 23)


def company(
    people: Sequence[Employee], *, granted: frozenset[str] = GRANTED, lines: tuple[Line, ...] = LINES
) -> Company:
    tally = Tally(configuration(lines=lines), {}, granted, TODAY)
    for person in people:
        tally.add(person)
    return tally.company()


def codes(problems: Sequence[Problem], *, blocking: bool) -> set[Code]:
    return {problem.code for problem in problems if problem.blocks is blocking}


def test_a_whole_company_has_no_problem() -> None:
    found = company([employee("1"), employee("2", email="b@example.com")])
    assert found.problems == ()
    assert found.people == 2
    assert found.standings == {Standing.WANTED: 2}
    assert {each.told for each in found.attributes} == {Told.GRANTED}
    assert [each.person_id for each in found.sample] == ["1", "2"]


def test_people_are_counted_by_where_they_stand() -> None:
    people = [
        employee("1"),
        employee("2", status="inactive"),
        employee("3", employment_type="external"),
        employee("4", without=("employment_type",)),
        employee("5", status="onboarding"),
    ]
    found = company(people)
    assert {standing.value: count for standing, count in found.standings.items()} == {
        "wanted": 1,
        "left": 1,
        "filtered": 1,
        "unknown": 1,
        "kept": 1,
    }
    assert codes(found.problems, blocking=False) == {Code.PERSON_SCOPE_UNKNOWN}


def test_fill_rates_count_everybody_who_was_read() -> None:
    found = company([employee("1", position=None), employee("2", email="b@example.com", status="inactive")])
    filled = {each.source: each.filled for each in found.attributes}
    assert filled == {"email": 2, "first_name": 2, "last_name": 2, "position": 1}


@pytest.mark.parametrize(("source", "blocks"), [("email", True), ("position", False)])
def test_an_attribute_that_is_not_granted_blocks_where_it_is_required(source: str, blocks: bool) -> None:
    found = company([employee("1", without=(source,))], granted=GRANTED - {source})
    missing = [problem for problem in found.problems if problem.code is Code.SOURCE_ATTRIBUTE_MISSING]
    assert missing == [Problem(Side.SOURCE, Code.SOURCE_ATTRIBUTE_MISSING, source, blocks=blocks)]
    assert {each.source: each.told for each in found.attributes}[source] is Told.MISSING


@pytest.mark.parametrize(
    ("blank", "blocks"), [(employee("1", email=""), True), (employee("1", position=None), False)]
)
def test_an_attribute_that_is_empty_for_all_blocks_where_it_is_required(
    blank: Employee, blocks: bool
) -> None:
    assert Code.SOURCE_ATTRIBUTE_EMPTY in codes(company([blank]).problems, blocking=blocks)


@pytest.mark.parametrize("key", ["status", "employment_type"])
def test_without_what_decides_nothing_can_go_on(key: str) -> None:
    found = company([employee("1", without=(key,))], granted=GRANTED - {key})
    assert Problem(Side.SOURCE, Code.SOURCE_ATTRIBUTE_MISSING, key) in found.problems


def test_a_required_value_that_some_lack_is_a_notice_with_their_number() -> None:
    found = company([employee("1"), employee("2", email=""), employee("3", email=None)])
    whom = (PersonId("2"), PersonId("3"))
    assert found.problems == (
        Problem(Side.PEOPLE, Code.PERSON_WITHOUT_REQUIRED, "email", blocks=False, count=2, people=whom),
    )


def test_two_people_with_one_name_are_a_notice_whatever_the_spelling() -> None:
    found = company([employee("1", email="ada@example.com"), employee("2", email=" ADA@example.com")])
    named = (PersonId("1"), PersonId("2"))
    assert found.problems == (Problem(Side.PEOPLE, Code.KEY_SHARED, blocks=False, count=2, people=named),)


def test_somebody_past_the_last_day_is_a_notice() -> None:
    found = company([employee("1", last_working_day=date(2026, 11, 1))])
    assert codes(found.problems, blocking=False) == {Code.PERSON_PAST_LAST_DAY}


def test_an_empty_company_blocks() -> None:
    assert Code.FEED_EMPTY in codes(company([]).problems, blocking=True)


def test_nobody_in_scope_is_a_notice() -> None:
    found = company([employee("1", employment_type="external")])
    assert Code.PERSON_OUT_OF_SCOPE in codes(found.problems, blocking=False)


def test_people_who_cannot_be_judged_are_not_called_out_of_scope() -> None:
    found = company([employee("1", without=("status",))])
    told = codes(found.problems, blocking=False)
    assert Code.PERSON_SCOPE_UNKNOWN in told
    (unknown,) = [each for each in found.problems if each.code is Code.PERSON_SCOPE_UNKNOWN]
    assert unknown.detail == "status", "it is named, so that nobody looks for another one"
    assert Code.PERSON_OUT_OF_SCOPE not in told


def test_people_with_trouble_are_named_by_id_so_that_somebody_can_open_their_records() -> None:
    people = [employee(str(number), email="") for number in range(30)]
    [found] = [each for each in company(people).problems if each.code is Code.PERSON_WITHOUT_REQUIRED]
    assert (found.count, found.people[:2], len(found.people)) == (30, (PersonId("0"), PersonId("1")), 20)


def test_the_command_beside_a_cause_of_people_is_the_one_that_names_them() -> None:
    assert remedy(Code.PERSON_WITHOUT_REQUIRED, TenantId("acme")) == "staffetta check acme"


def test_the_sample_is_small() -> None:
    people = [employee(str(number), email=f"p{number}@example.com") for number in range(20)]
    assert len(company(people).sample) == 5


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("email", "email"),
        ("department.id", "department"),
        ("universal:iban", "dynamic_9"),
        ("universal:other", "universal:other"),
    ],
)
def test_a_line_reads_one_key_of_personio(source: str, key: str) -> None:
    assert personio_key(source, {"iban": "dynamic_9"}) == key
