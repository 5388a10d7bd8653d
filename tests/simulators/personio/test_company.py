"""Seed 7 with 500 people is a company with every oddity that a feed can have."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from simulators.personio.changes import Hire, apply
from simulators.personio.company import Company, UnknownPersonError
from simulators.personio.generator import generate
from simulators.personio.person import Person
from simulators.personio.shelf import Shelf
from simulators.personio.switches import Switches

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(500, 7)


def people(company: Company) -> list[Person]:
    return list(company.people.values())


def names(company: Company, key: str) -> set[str | None]:
    return {company.unit_name(person, key) for person in people(company)} - {None}


def depth(company: Company, person: Person) -> int:
    boss = company.people.get(person.reference("supervisor") or 0)
    return 1 + (depth(company, boss) if boss else 0)


def told(company: Company) -> bytes:
    shelf = Shelf(company, Switches())
    return b"\n".join(shelf.bytes_of(number, company.catalogue.keys) for number in company.ids("newest"))


def test_it_has_five_hundred_people(company: Company) -> None:
    assert len(company.people) == 500


def test_it_has_at_least_twelve_departments(company: Company) -> None:
    assert len(names(company, "department")) >= 12


def test_it_has_four_offices_in_three_time_zones(company: Company) -> None:
    offices = [unit for unit in company.units.values() if unit.kind == "Office"]
    assert names(company, "office") == {office.name for office in offices}
    assert (len(offices), len({office.zone for office in offices})) == (4, 3)


def test_it_has_two_legal_entities(company: Company) -> None:
    assert len(names(company, "subcompany")) == 2


def test_eight_percent_are_external(company: Company) -> None:
    assert sum(person.text("employment_type") == "external" for person in people(company)) == 40


@pytest.mark.parametrize(("status", "expected"), [("leave", 20), ("onboarding", 10), ("inactive", 25)])
def test_exact_shares_are_on_leave_onboarding_and_inactive(
    company: Company, status: str, expected: int
) -> None:
    assert Counter(person.text("status") for person in people(company))[status] == expected


def test_exactly_one_has_no_email(company: Company) -> None:
    assert sum(not person.text("email") for person in people(company)) == 1


def test_exactly_one_supervisor_is_missing(company: Company) -> None:
    references = [person.reference("supervisor") for person in people(company)]
    assert sum(number is not None and number not in company.people for number in references) == 1


def test_exactly_one_person_leads_everybody(company: Company) -> None:
    assert sum(person.reference("supervisor") is None for person in people(company)) == 1


def test_the_tree_of_managers_is_at_least_four_deep(company: Company) -> None:
    assert max(depth(company, person) for person in people(company)) >= 4


def test_thirty_percent_of_names_go_beyond_ascii(company: Company) -> None:
    special = [p for p in people(company) if not (p.text("first_name") + p.text("last_name")).isascii()]
    assert len(special) == 150


def test_emails_are_unique_plain_and_reserved(company: Company) -> None:
    emails = [person.text("email") for person in people(company) if person.text("email")]
    assert len(set(emails)) == len(emails)
    assert all(email.isascii() and email.endswith("@example.com") for email in emails)


def test_onboarding_people_start_later_and_inactive_ones_have_left(company: Company) -> None:
    for person in people(company):
        hired, left = person.values["hire_date"], person.values["last_working_day"]
        assert isinstance(hired, date)
        assert (hired > company.today) == (person.text("status") == "onboarding")
        assert (left is not None) == (person.text("status") == "inactive")


def test_exactly_one_was_born_before_there_were_time_zones(company: Company) -> None:
    key = company.catalogue.custom["date_of_birth"]
    assert sum(str(person.values[key]).startswith("1835") for person in people(company)) == 1


def test_ibans_have_right_check_digits(company: Company) -> None:
    key = company.catalogue.custom["iban"]
    ibans = [person.text(key) for person in people(company) if person.text(key)]
    rearranged = [f"{iban[4:]}1314{iban[2:4]}" for iban in ibans]
    assert len(ibans) > 300
    assert {int(number) % 97 for number in rearranged} == {1}


def test_the_same_seed_gives_the_same_bytes(company: Company) -> None:
    assert told(generate(500, 7)) == told(company)


def test_another_seed_gives_another_company_with_other_custom_keys(company: Company) -> None:
    other = generate(500, 8)
    assert other.catalogue.custom["iban"] != company.catalogue.custom["iban"]
    assert not other.people.keys() & company.people.keys()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_seed_gives_the_same_bytes_in_another_process(hash_seed: str) -> None:
    script = (
        "import hashlib; from tests.simulators.personio.test_company import generate, told;"
        "print(hashlib.sha256(told(generate(60, 7))).hexdigest())"
    )
    run = [sys.executable, "-c", script]
    first = subprocess.check_output(run, env={"PYTHONHASHSEED": hash_seed}, text=True, timeout=30)
    second = subprocess.check_output(run, env={"PYTHONHASHSEED": "77"}, text=True, timeout=30)
    assert first == second


@pytest.mark.parametrize("headcount", [1, 2, 3, 9, 10, 20, 99, 100, 101])
def test_a_company_may_have_any_size(headcount: int) -> None:
    company = generate(headcount, 7)
    assert len(company.people) == headcount
    assert len(told(company).splitlines()) == headcount
    assert sum(person.reference("supervisor") is None for person in people(company)) == 1


@pytest.mark.parametrize("headcount", [0, -1, 100_001])
def test_a_company_of_impossible_size_is_refused(headcount: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 100,000"):
        generate(headcount, 7)


def test_each_person_of_twenty_keeps_the_shares_that_fit() -> None:
    company = generate(20, 7)
    statuses = Counter(person.text("status") for person in people(company))
    assert statuses == {"active": 18, "leave": 1, "inactive": 1}
    assert sum(not person.text("email") for person in people(company)) == 1


def test_ids_rise_with_the_moment_of_entry_and_are_never_used_again(company: Company) -> None:
    assert company.ids("newest") == sorted(company.people, reverse=True)
    small = generate(5, 7)
    newest = small.ids("newest")[0]
    small.remove(newest)
    assert apply(small, Hire(), NOW) == newest + 1


def test_a_person_who_is_not_there_is_named_as_such(company: Company) -> None:
    with pytest.raises(UnknownPersonError, match="nobody in the company has the id 4"):
        company.person(4)
