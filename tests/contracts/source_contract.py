"""What every source must do: inherit `SourceContract`, provide a company of some people, and you are one."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest

from domain.employee import Employee, Page, Reference
from domain.errors import TemporaryError
from domain.ids import PersonId
from domain.ports_world import Source

NOBODY = PersonId("999999999")
SCOPE_KEYS = ("status", "employment_type")
"""Attributes that decide who is synced; always read, never optional."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A source over a company of at least seven people that does not change, read three at a time."""

    source: Source
    people: frozenset[PersonId]
    wanted: frozenset[str]
    unplug: Callable[[], None]
    """Make the other side unreachable."""


def pages(source: Source) -> list[Page]:
    """Read the whole feed, at most a hundred pages of it."""
    found = [source.page(None)]
    while found[-1].next_cursor is not None and len(found) < 100:
        found.append(source.page(found[-1].next_cursor))
    return found


def people(source: Source) -> list[Employee]:
    return [employee for page in pages(source) for employee in page.employees]


class SourceContract(ABC):
    """A dozen sentences about a source."""

    @pytest.fixture
    @abstractmethod
    def scene(self) -> Scene:
        """Provide the company."""

    def test_everybody_comes_exactly_once(self, scene: Scene) -> None:
        found = [employee.person_id for employee in people(scene.source)]
        assert len(found) == len(set(found))
        assert set(found) == scene.people

    def test_a_feed_has_several_pages_and_ends_with_an_empty_one_without_a_cursor(self, scene: Scene) -> None:
        found = pages(scene.source)
        assert len(found) > 2
        assert all(page.employees and page.next_cursor for page in found[:-1])
        assert (found[-1].employees, found[-1].next_cursor) == ((), None)

    def test_no_cursor_comes_twice(self, scene: Scene) -> None:
        cursors = [page.next_cursor for page in pages(scene.source)]
        assert len(cursors) == len(set(cursors))

    def test_a_page_may_be_read_again(self, scene: Scene) -> None:
        cursor = scene.source.page(None).next_cursor
        assert scene.source.page(cursor) == scene.source.page(cursor)

    def test_a_total_that_is_claimed_is_right_in_a_company_at_rest(self, scene: Scene) -> None:
        assert {page.total for page in pages(scene.source)} <= {None, len(scene.people)}

    def test_everybody_says_what_decides_about_scope(self, scene: Scene) -> None:
        assert all(employee.says(key) for employee in people(scene.source) for key in SCOPE_KEYS)

    def test_nothing_is_told_that_nobody_wanted(self, scene: Scene) -> None:
        assert all(set(employee.attributes) <= scene.wanted for employee in people(scene.source))

    def test_every_value_is_one_of_ours(self, scene: Scene) -> None:
        plain = (str, int, float, bool, date, Reference, type(None))
        for employee in people(scene.source):
            for value in employee.attributes.values():
                many = isinstance(value, tuple) and all(isinstance(item, str | Reference) for item in value)
                assert many or isinstance(value, plain)

    def test_one_person_reads_as_in_the_feed(self, scene: Scene) -> None:
        for employee in scene.source.page(None).employees:
            assert scene.source.person(employee.person_id) == employee

    def test_nobody_is_none(self, scene: Scene) -> None:
        assert scene.source.person(NOBODY) is None

    def test_it_tells_which_attributes_may_be_read(self, scene: Scene) -> None:
        keys = [attribute.key for attribute in scene.source.attributes()]
        assert len(keys) == len(set(keys))
        assert set(SCOPE_KEYS) <= set(keys)

    def test_what_cannot_be_reached_is_temporary(self, scene: Scene) -> None:
        scene.unplug()
        with pytest.raises(TemporaryError):
            scene.source.page(None)
