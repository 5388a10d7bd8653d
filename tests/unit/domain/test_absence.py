"""A second feed proves absence one interval of the tenant's own schedule after the first."""

from datetime import UTC, datetime, time, timedelta

import pytest

from domain.absence import LATE, apart
from domain.cron import read_cron
from domain.schedule import Daily, Every, Rhythm, Schedule

MONDAY_MORNING = datetime(2026, 11, 30, 4, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "interval"),
    [
        pytest.param(Every(timedelta(hours=3)), timedelta(hours=3), id="every three hours"),
        pytest.param(Daily(time(4, 0)), timedelta(days=1), id="daily"),
        pytest.param(read_cron("0 4 * * 1"), timedelta(days=7), id="on Mondays"),
        pytest.param(read_cron("0 4 * * 1-5"), timedelta(days=3), id="on working days, over a weekend"),
        pytest.param(read_cron("0 4 1 * *"), timedelta(days=31), id="on the first of the month"),
    ],
)
def test_an_interval_is_as_long_as_it_really_was(rhythm: Rhythm, interval: timedelta) -> None:
    assert apart(Schedule(rhythm), MONDAY_MORNING) == interval - LATE


def test_an_interval_of_minutes_counts_as_an_hour() -> None:
    assert apart(Schedule(Every(timedelta(minutes=15))), MONDAY_MORNING) == timedelta(hours=1)
