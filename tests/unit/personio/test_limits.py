"""The pace of one credential, with a clock that only moves when somebody sleeps."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.personio import RequestBudget
from adapters.sources.personio.limits import PERSONIO, Allowance


class Watch:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def departures(pauses: list[float], allowances: tuple[Allowance, ...] = PERSONIO) -> list[float]:
    watch = Watch()
    budget = RequestBudget(watch.now, watch.sleep, allowances)
    left: list[float] = []
    for pause in pauses:
        watch.sleep(pause)
        budget.wait()
        left.append(watch.now())
    return left


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=700))
def test_no_window_ever_holds_more_than_its_allowance(pauses: list[float]) -> None:
    left = departures(pauses)
    for allowance in PERSONIO:
        ahead = zip(left, left[allowance.requests :], strict=False)
        assert all(later - earlier >= allowance.seconds - 1e-9 for earlier, later in ahead)


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=300))
def test_time_never_runs_backwards(pauses: list[float]) -> None:
    assert all(earlier <= later for earlier, later in pairwise(departures(pauses)))


def test_a_burst_leaves_at_once() -> None:
    assert departures([0.0] * 15) == [0.0] * 15


def test_the_sixteenth_waits_a_little_longer_than_the_second() -> None:
    assert departures([0.0] * 16)[-1] == pytest.approx(1.1)


def test_the_301st_waits_a_little_longer_than_the_minute() -> None:
    left = departures([0.0] * 301)
    assert left[299] == pytest.approx(19 * 1.1)
    assert left[300] == pytest.approx(61.0)


def test_slow_requests_are_never_held_back() -> None:
    pauses = [0.25] * 200
    assert departures(pauses) == pytest.approx([0.25 * (n + 1) for n in range(200)])


def test_a_cost_counts_as_so_many_requests() -> None:
    watch = Watch()
    budget = RequestBudget(watch.now, watch.sleep, (Allowance(2, 1.0),))
    budget.wait(3)
    assert watch.now() == pytest.approx(1.0)
