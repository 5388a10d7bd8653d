"""What a page costs: people are written once, and again only when they changed."""

from datetime import UTC, datetime

import pytest

from simulators.personio.changes import Marry, apply
from simulators.personio.company import Company
from simulators.personio.generator import generate
from simulators.personio.shelf import Shelf
from simulators.personio.switches import Switches

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    return generate(30, 7)


def test_an_unchanged_person_is_not_written_twice(company: Company) -> None:
    shelf, number = Shelf(company, Switches()), company.ids("oldest")[0]
    first = shelf.bytes_of(number, company.catalogue.keys)
    assert shelf.bytes_of(number, company.catalogue.keys) is first


def test_a_changed_person_is_written_anew_and_a_neighbour_is_not(company: Company) -> None:
    shelf = Shelf(company, Switches())
    changed, neighbour = company.ids("newest")[:2]
    old, same = (shelf.bytes_of(number, company.catalogue.keys) for number in (changed, neighbour))
    apply(company, Marry(person_id=changed, last_name="Ōe"), NOW)
    assert "Ōe".encode() in shelf.bytes_of(changed, company.catalogue.keys) != old
    assert shelf.bytes_of(neighbour, company.catalogue.keys) is same


def test_two_views_do_not_get_into_each_others_way(company: Company) -> None:
    shelf, number = Shelf(company, Switches()), company.ids("oldest")[0]
    narrow = shelf.bytes_of(number, frozenset({"id"}))
    wide = shelf.bytes_of(number, company.catalogue.keys)
    assert shelf.bytes_of(number, frozenset({"id"})) is narrow
    assert len(narrow) < 200 < len(wide)


def test_many_views_are_forgotten_in_turn_and_stay_right(company: Company) -> None:
    shelf, number = Shelf(company, Switches()), company.ids("oldest")[0]
    views = [frozenset({"id", key}) for key in sorted(company.catalogue.keys)[:8]]
    first = [shelf.bytes_of(number, view) for view in views]
    assert [shelf.bytes_of(number, view) for view in views] == first
