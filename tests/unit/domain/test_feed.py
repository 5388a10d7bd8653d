"""The three verdicts over a reading."""

import pytest

from domain.codes import Code
from domain.feed import Broken, Certified, Drifted, PageMark, Reading, judge


def reading(
    *received: int, total: int | None = None, distinct: int | None = None, known: int = 0, found: int = 0
) -> Reading:
    claimed = sum(received) if total is None else total
    pages = [PageMark(number, count, claimed, count) for number, count in enumerate(received)]
    return Reading(pages, sum(received) if distinct is None else distinct, known, found)


def test_a_reading_whose_people_match_the_total_is_certified() -> None:
    assert judge(reading(50, 50, 20)) == Certified(120)


def test_an_empty_reading_is_broken_and_never_means_that_everybody_left() -> None:
    verdict = judge(Reading((), 0, 400, 0))
    assert isinstance(verdict, Broken)
    assert verdict.code is Code.FEED_EMPTY


def test_a_reading_of_bare_ids_is_broken() -> None:
    verdict = judge(Reading((PageMark(0, 50, 50, 0),), 50, 50, 50))
    assert isinstance(verdict, Broken)
    assert verdict.code is Code.FEED_ONLY_IDS


@pytest.mark.parametrize(("found", "broken"), [(49, True), (50, False), (100, False)])
def test_a_reading_that_finds_less_than_half_of_the_known_is_broken(found: int, *, broken: bool) -> None:
    assert isinstance(judge(reading(60, known=100, found=found)), Broken) is broken


def test_a_total_that_moved_is_drift() -> None:
    pages = (PageMark(0, 50, 100, 50), PageMark(1, 49, 99, 49))
    assert isinstance(judge(Reading(pages, 99, 0, 0)), Drifted)


def test_people_who_come_twice_are_drift() -> None:
    assert isinstance(judge(reading(50, 50, distinct=99, total=100)), Drifted)


@pytest.mark.parametrize("total", [119, 121])
def test_another_total_than_people_is_drift(total: int) -> None:
    assert isinstance(judge(reading(50, 50, 20, total=total)), Drifted)


def test_a_source_without_totals_cannot_be_certified_by_counting() -> None:
    assert isinstance(judge(Reading((PageMark(0, 5, None, 5),), 5, 0, 0)), Drifted)
