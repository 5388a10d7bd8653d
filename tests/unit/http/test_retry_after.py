"""How a wish to wait is read, whoever wrote it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import parse_retry_after
from adapters.http.retry_after import LONGEST

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        pytest.param(None, None, id="absent"),
        pytest.param("", None, id="empty"),
        pytest.param("soon", None, id="words"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("0", timedelta(0), id="zero"),
        pytest.param(" 7 ", timedelta(seconds=7), id="seconds"),
        pytest.param("-5", timedelta(0), id="negative"),
        pytest.param("86401", LONGEST, id="more than a day"),
        pytest.param("9" * 5000, LONGEST, id="absurd"),
        pytest.param("Sun, 22 Nov 2026 12:00:30 GMT", timedelta(seconds=30), id="date"),
        pytest.param("Sun, 22 Nov 2026 12:00:30", timedelta(seconds=30), id="date without zone"),
        pytest.param("Sun, 22 Nov 2026 11:00:00 GMT", timedelta(0), id="past date"),
        pytest.param("Sun, 22 Nov 2099 11:00:00 GMT", LONGEST, id="far date"),
        pytest.param("Sun, 99 Nov 2026 11:00:00 GMT", None, id="impossible date"),
    ],
)
def test_retry_after_is_read_within_bounds(text: str | None, wait: timedelta | None) -> None:
    assert parse_retry_after(text, NOW) == wait


@given(st.text())
def test_nonsense_never_raises_and_never_leaves_the_bounds(text: str) -> None:
    wait = parse_retry_after(text, NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST


@given(st.integers(min_value=0, max_value=86_400))
def test_seconds_and_the_same_moment_as_a_date_mean_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(str(seconds), NOW) == parse_retry_after(date, NOW) == timedelta(seconds=seconds)
