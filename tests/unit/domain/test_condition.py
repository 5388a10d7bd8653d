"""How a target's width and rest follow from what comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Code
from domain.condition import (
    FAILURES_TO_REST,
    LONGEST_REST,
    PAUSES,
    WELL,
    WIDEST,
    Condition,
    Stumble,
    after_stumble,
    after_success,
    fits,
    probing,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
BUSY = Stumble(why=Code.TARGET_BUSY, crowded=True)
PROBE = Stumble(why=Code.TARGET_BUSY, crowded=True, probing=True)


def failed(times: int, condition: Condition = WELL, now: datetime = NOON) -> Condition:
    for _ in range(times):
        condition = after_stumble(condition, BUSY, now)
    return condition


def test_calls_that_fail_together_halve_the_width_once() -> None:
    assert failed(3).width == WIDEST // 2
    assert failed(1, failed(1), NOON + timedelta(seconds=1)).width == WIDEST // 4


def test_a_width_that_went_well_grows_by_one() -> None:
    assert after_success(Condition(width=8), 8).width == 9
    assert after_success(Condition(width=8), 7).width == 8
    assert after_success(Condition(width=WIDEST), 500).width == WIDEST


def test_a_target_that_fails_again_and_again_rests_until_a_probe_goes_well() -> None:
    almost = failed(FAILURES_TO_REST - 1)
    assert almost.open_since is None
    opened = failed(1, almost)
    assert (opened.open_since, opened.width, opened.rests_until) == (NOON, 1, NOON + PAUSES[0])
    assert probing(opened, NOON) is None
    probe = probing(opened, NOON + PAUSES[0])
    assert probe is not None
    assert probing(probe, NOON + PAUSES[0]) is None
    assert after_success(probe, 1).open_since is None
    assert after_success(probe, 1).failures == 0


WRITE = Stumble(why=Code.TARGET_BUSY, crowded=True, of_write=True)


def only_writes_failed(times: int) -> Condition:
    condition = WELL
    for _ in range(times):
        condition = after_success(after_stumble(condition, WRITE, NOON), 1, wrote=False)
    return condition


def test_questions_that_go_well_do_not_hide_that_every_write_fails() -> None:
    opened = only_writes_failed(FAILURES_TO_REST)
    assert (opened.open_since, opened.of_writes) == (NOON, True)
    assert after_success(opened, 1, wrote=False) == opened
    assert after_success(opened, 1).open_since is None


@pytest.mark.parametrize(
    "other", [BUSY, replace(WRITE, asked=timedelta(seconds=9))], ids=["question", "wish"]
)
def test_a_question_that_failed_too_or_a_wish_for_a_pause_concerns_everything(other: Stumble) -> None:
    assert not after_stumble(only_writes_failed(2), other, NOON).of_writes
    assert not after_stumble(after_stumble(WELL, other, NOON), WRITE, NOON).of_writes


def test_probes_become_rarer_and_stay_at_two_a_minute() -> None:
    condition, now, gaps = failed(FAILURES_TO_REST), NOON, list[timedelta]()
    for _ in range(7):
        assert condition.rests_until is not None
        gaps.append(condition.rests_until - now)
        now = condition.rests_until
        probe = probing(condition, now)
        assert probe is not None
        condition = after_stumble(probe, PROBE, now)
    assert gaps == [*PAUSES, PAUSES[-1], PAUSES[-1], PAUSES[-1]]
    assert condition.open_since == NOON


def test_stragglers_of_the_storm_lengthen_no_rest() -> None:
    opened = failed(FAILURES_TO_REST)
    assert failed(20, opened, NOON + timedelta(seconds=2)).rests_until == opened.rests_until


def test_what_is_asked_for_is_kept_up_to_a_quarter_of_an_hour() -> None:
    asked = Stumble(why=Code.TARGET_BUSY, asked=timedelta(days=1))
    assert after_stumble(WELL, asked, NOON).rests_until == NOON + LONGEST_REST
    shorter = Stumble(why=Code.TARGET_BUSY, asked=timedelta(seconds=1))
    both = after_stumble(after_stumble(WELL, asked, NOON), shorter, NOON)
    assert both.rests_until == NOON + LONGEST_REST


@given(st.integers(1, WIDEST), st.integers(1, 4), st.integers(1, 25))
def test_envelopes_never_hold_more_than_was_wished_nor_much_more_than_the_width(
    width: int, envelopes: int, people: int
) -> None:
    most, size = fits(Condition(width=width), envelopes, people)
    assert 1 <= most <= envelopes
    assert 1 <= size <= people
    assert most * size < width + most


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=60))
def test_a_target_never_rests_for_ever_and_never_narrows_to_nothing(steps: list[tuple[bool, int]]) -> None:
    condition, now = WELL, NOON
    for well, seconds in steps:
        now += timedelta(seconds=seconds)
        probe = probing(condition, now)
        stumble = PROBE if probe else BUSY
        known = probe or condition
        condition = after_success(known, 1) if well else after_stumble(known, stumble, now)
        assert 1 <= condition.width <= WIDEST
        assert condition.rests_until is None or condition.rests_until - now <= LONGEST_REST
        assert well is False or condition.is_well or condition.open_since is None
