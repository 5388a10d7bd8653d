"""Which pages of a feed that moved are worth a second look, and what that look then proves."""

import pytest

from domain.feed import Certified, Drifted, PageMark, Reading, judge
from domain.rereading import MOST_AGAIN, pages_to_read_again


def reading(
    *totals: int | None, distinct: int, size: int = 100, again: tuple[int | None, ...] = ()
) -> Reading:
    """A feed of full pages, each with the total that it claimed."""
    pages = [PageMark(number, size, total, size) for number, total in enumerate(totals)]
    second = [PageMark(len(pages) + number, size, total, 0) for number, total in enumerate(again)]
    return Reading(pages, distinct, 0, 0, second)


@pytest.mark.parametrize(
    ("feed", "repeated", "pages"),
    [
        pytest.param(reading(300, 301, 301, distinct=300), [1], (0, 1, 3), id="joined after page 0"),
        pytest.param(reading(300, 300, 301, distinct=300), [2], (0, 1, 2, 3), id="joined after page 1"),
        pytest.param(reading(300, 300, 299, distinct=299), [], (0, 1, 2, 3), id="erased after page 1"),
        pytest.param(reading(300, 300, 300, distinct=299), [2], (0, 1, 2, 3), id="told twice"),
        pytest.param(reading(300, 300, 300, distinct=301), [], (0,), id="more than claimed, no border shows"),
        pytest.param(reading(300, 300, distinct=200), [], (0, 2), id="ended too early"),
        pytest.param(reading(None, None, distinct=200), [1], (), id="no total is told"),
        pytest.param(reading(distinct=0), [], (), id="no page"),
    ],
)
def test_the_head_both_sides_of_each_border_and_the_end_are_read_again(
    feed: Reading, repeated: list[int], pages: tuple[int, ...]
) -> None:
    assert pages_to_read_again(feed, repeated) == pages


@pytest.mark.parametrize(("moves", "some"), [(8, True), (MOST_AGAIN, False)])
def test_a_list_that_moves_at_too_many_borders_is_left_to_the_next_run(moves: int, *, some: bool) -> None:
    feed = reading(*range(1000, 1000 + moves + 1), distinct=1000)
    assert bool(pages_to_read_again(feed, [])) is some


def test_the_second_look_certifies_if_everybody_whom_it_claims_has_come() -> None:
    assert judge(reading(300, 301, 301, distinct=301, again=(301, 301))) == Certified(301, again=2)


@pytest.mark.parametrize(
    "feed",
    [
        pytest.param(reading(300, 301, 301, distinct=301, again=(301, 302)), id="moves while read again"),
        pytest.param(reading(300, 299, distinct=300, again=(299, 299)), id="somebody of it was erased"),
        pytest.param(reading(300, 299, distinct=298, again=(299, 299)), id="somebody is still missing"),
    ],
)
def test_the_second_look_proves_nothing_if_it_does_not_add_up(feed: Reading) -> None:
    assert isinstance(judge(feed), Drifted)
