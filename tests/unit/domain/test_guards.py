"""How many accounts may be closed without a human, from one person to fifty thousand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.guards import Removals, allowed_a_day, objection


@pytest.mark.parametrize(
    ("company", "goes", "held"),
    [
        (2, 0, 1),
        (3, 1, 2),
        (4, 1, 2),
        (5, 2, 3),
        (20, 2, 3),
        (30, 3, 4),
        (400, 40, 41),
        (1_000, 100, 101),
        (50_000, 100, 101),
    ],
)
def test_from_this_many_on_a_human_looks_first(company: int, goes: int, held: int) -> None:
    assert objection(Removals(wanted=goes, open_accounts=company)) is None
    assert objection(Removals(wanted=held, open_accounts=company)) is not None


def test_what_went_in_the_last_day_and_week_counts() -> None:
    assert objection(Removals(wanted=10, open_accounts=400, day=31))
    assert objection(Removals(wanted=10, open_accounts=400, day=0, week=71))
    assert objection(Removals(wanted=10, open_accounts=400, day=30, week=70)) is None


def test_too_much_at_once_stays_too_much_in_slices() -> None:
    assert objection(Removals(wanted=1, open_accounts=400, held=60))


def test_a_run_that_closes_nobody_is_never_held() -> None:
    assert objection(Removals(wanted=0, open_accounts=10, day=9, week=9, held=9)) is None


@given(st.integers(2, 60_000), st.integers(1, 60_000))
def test_half_of_a_company_never_goes_by_itself(company: int, wanted: int) -> None:
    if wanted * 2 >= company or wanted > allowed_a_day(company):
        assert objection(Removals(wanted=wanted, open_accounts=company)) is not None
