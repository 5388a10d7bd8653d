"""Small decisions: how long to wait, whose account it is."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import made_by_us
from domain.retry import LONGEST_ASKED, LONGEST_WAIT, wait_before
from tests.builders import MONDAY, account


@given(st.integers(2, 60), st.floats(0, 0.999))
def test_waits_grow_and_stay_below_their_bound(next_try: int, jitter: float) -> None:
    assert timedelta(seconds=2) < wait_before(next_try, None, jitter) <= LONGEST_WAIT


def test_a_longer_pause_that_was_asked_for_is_obeyed_within_reason() -> None:
    assert wait_before(2, timedelta(minutes=30), 0.0) == timedelta(minutes=30)
    assert wait_before(2, timedelta(days=2), 0.0) == LONGEST_ASKED
    assert wait_before(2, timedelta(seconds=-5), 0.5) > timedelta(0)


@pytest.mark.parametrize(("age", "ours"), [(-1, False), (0, True), (1, True)])
def test_only_an_account_made_after_our_intent_can_be_the_one_we_lost(age: int, *, ours: bool) -> None:
    made = account("a1", created_at=MONDAY + timedelta(seconds=age))
    assert made_by_us(made, MONDAY) is ours
    assert not made_by_us(account("a1"), MONDAY)
