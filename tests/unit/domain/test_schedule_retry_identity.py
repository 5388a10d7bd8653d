"""Small decisions: which slot is due, how long to wait, whose account it is."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.config import Daily, Every
from domain.identity import made_by_us
from domain.retry import LONGEST_ASKED, LONGEST_WAIT, wait_before
from domain.schedule import newest_slot, next_slot, slot_due
from tests.builders import MONDAY, account

QUARTER = Every(timedelta(minutes=15))
AT_FOUR = Daily(time(4, 0))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_slot_is_due_once() -> None:
    slot = slot_due(QUARTER, None, LONG_AGO, MONDAY)
    assert slot == MONDAY
    assert slot_due(QUARTER, slot, LONG_AGO, MONDAY + timedelta(minutes=14)) is None
    assert slot_due(QUARTER, slot, LONG_AGO, MONDAY + timedelta(minutes=15)) == MONDAY + timedelta(minutes=15)


def test_missed_slots_are_caught_up_by_one_run() -> None:
    assert slot_due(QUARTER, MONDAY - timedelta(hours=2), LONG_AGO, MONDAY) == MONDAY


def test_slots_from_before_the_activation_are_not_caught_up() -> None:
    assert slot_due(AT_FOUR, None, MONDAY, MONDAY + timedelta(hours=1)) is None


def test_a_daily_slot_is_at_its_hour_in_utc() -> None:
    assert slot_due(AT_FOUR, None, LONG_AGO, MONDAY) == MONDAY.replace(hour=4)
    assert newest_slot(AT_FOUR, MONDAY.replace(hour=3)) == MONDAY.replace(hour=4) - timedelta(days=1)
    assert next_slot(AT_FOUR, MONDAY) == MONDAY.replace(hour=4) + timedelta(days=1)


@given(st.datetimes(datetime(2021, 1, 1), datetime(2035, 1, 1)), st.sampled_from([QUARTER, AT_FOUR]))  # noqa: DTZ001  the zone is put on below
def test_the_newest_slot_is_never_in_the_future_and_the_next_always_is(
    naive: datetime, schedule: Every | Daily
) -> None:
    now = naive.replace(tzinfo=UTC)
    assert newest_slot(schedule, now) <= now < next_slot(schedule, now)


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
