"""Whether the target is listed before a plan is made, or asked for each of those who would get an account."""

import pytest

from workers.looking import MOST_ASKED, worth_listing

FEWEST = 20


@pytest.mark.parametrize(
    ("creates", "accounts", "listed"),
    [
        pytest.param(19, 0, False, id="few-are-asked-for"),
        pytest.param(20, 0, True, id="a-target-that-nobody-knows-is-listed"),
        pytest.param(25, 5_000, True, id="a-list-of-fifty-pages-is-as-short-as-fifty-questions"),
        pytest.param(25, 10_000, False, id="a-hundred-pages-are-longer-than-fifty-questions"),
        pytest.param(MOST_ASKED, 1_000_000, False, id="so-many-are-asked-for-at-once"),
        pytest.param(MOST_ASKED + 1, 1_000_000, True, id="more-would-take-many-minutes"),
    ],
)
def test_a_target_is_listed_where_that_is_less_work_than_asking(
    creates: int, accounts: int, *, listed: bool
) -> None:
    assert worth_listing(creates, accounts, FEWEST) is listed
