"""Slots: any scheduler computes the same, a day has one of them, and quiet hours only hold it up."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.cron import Cron, CronError, read_cron
from domain.ids import TenantId
from domain.schedule import (
    Daily,
    Every,
    Hours,
    Schedule,
    newest_slot,
    shortest_step,
    slots_after,
    slots_of_day,
)
from domain.timetable import Timetable, closed_until, due, next_start, silent_from, timetable, upcoming
from tests.builders import MONDAY

QUARTER = Timetable(Schedule(Every(timedelta(minutes=15))))
AT_FOUR = Timetable(Schedule(Daily(time(4, 0))))
AT_DAY = Timetable(Schedule(Every(timedelta(hours=2)), quiet=(Hours(time(22), time(6)),)))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"
NIGHT, EARLY, NOON = Hours(time(22), time(6)), Hours(time(1, 30), time(2, 45)), Hours(time(12), time(13))

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",  # puts its clocks back to 01:00
    "America/New_York",
    "America/Sao_Paulo",  # jumped at midnight until 2019
    "America/St_Johns",  # half an hour off
    "Asia/Kathmandu",  # a quarter off
    "Africa/Casablanca",  # leaves and enters summer time around Ramadan
    "Asia/Beirut",  # jumps at midnight
    "Australia/Lord_Howe",  # jumps by half an hour
    "Pacific/Chatham",
    "Pacific/Apia",  # has no 30 December 2011
    "America/Nuuk",  # falls back across midnight
)


def moments(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    return st.datetimes(first, last, timezones=st.just(UTC))


AROUND = moments(datetime(2009, 1, 2), datetime(2037, 1, 1))  # noqa: DTZ001  the zone comes from the strategy
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
RHYTHMS = st.one_of(
    st.builds(Every, st.integers(5, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))),
    st.builds(Daily, MINUTES),
    st.sampled_from(
        ["0 4 * * 1-5", "*/15 * * * *", "30 2 * * *", "0 */6 * * *", "15 0,12 1,15 * *", "0 4 29 * sun"]
    ).map(read_cron),
)
SCHEDULES = st.builds(Schedule, RHYTHMS, st.sampled_from(ZONES))


# A slot is due once


def test_a_slot_is_due_once() -> None:
    found = due(QUARTER, None, LONG_AGO, MONDAY)
    assert found is not None
    assert found.slot == MONDAY
    assert due(QUARTER, found.slot, LONG_AGO, MONDAY + timedelta(minutes=14)) is None
    assert due(QUARTER, found.slot, LONG_AGO, MONDAY + timedelta(minutes=15)) is not None


def test_h2_two_hours_without_a_scheduler_are_caught_up_by_one_run_that_counts_what_was_missed() -> None:
    found = due(QUARTER, MONDAY - timedelta(hours=2), LONG_AGO, MONDAY)
    assert found is not None
    assert (found.slot, found.missed) == (MONDAY, 7)
    assert due(QUARTER, found.slot, LONG_AGO, MONDAY) is None


def test_slots_from_before_the_activation_are_neither_caught_up_nor_missed() -> None:
    assert due(AT_FOUR, None, MONDAY, MONDAY + timedelta(hours=1)) is None
    found = due(QUARTER, MONDAY - timedelta(days=9), MONDAY, MONDAY + timedelta(minutes=16))
    assert found is not None
    assert found.missed == 0


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1)], ids=["h4-forward", "h4-back"])
@pytest.mark.parametrize("table", [QUARTER, AT_FOUR], ids=["interval", "daily"])
def test_clocks_that_step_by_an_hour_and_back_use_no_slot_twice(table: Timetable, step: timedelta) -> None:
    begin, last = MONDAY.replace(hour=3, minute=50), MONDAY.replace(hour=3, minute=45)
    used = Counter[datetime]()
    for minute in range(26 * 60):
        now = begin + timedelta(minutes=minute)
        told = now + step if 20 <= minute < 80 else now  # the clock is wrong for an hour, then put right
        found = due(table, last, LONG_AGO, told)
        if found is not None:
            used[found.slot] += 1
            last = found.slot
    assert set(used.values()) == {1}
    assert last >= begin + timedelta(hours=25, minutes=30) - shortest_step(table.schedule)


# Days on which clocks are put forward or back


@pytest.mark.parametrize(
    ("zone", "day", "at", "slots"),
    [
        ("UTC", date(2026, 3, 29), time(2, 30), ["2026-03-29T02:30"]),
        (BERLIN, date(2026, 3, 28), time(2, 30), ["2026-03-28T01:30"]),
        (BERLIN, date(2026, 3, 29), time(2, 30), ["2026-03-29T01:30"]),  # does not exist: 03:30 by the clock
        (BERLIN, date(2026, 3, 29), time(3, 0), ["2026-03-29T01:00"]),
        (BERLIN, date(2026, 10, 25), time(2, 30), ["2026-10-25T00:30"]),  # exists twice: the first
        (BERLIN, date(2026, 10, 25), time(3, 0), ["2026-10-25T02:00"]),
        ("Europe/London", date(2026, 3, 29), time(1, 30), ["2026-03-29T01:30"]),
        ("Europe/London", date(2026, 10, 25), time(1, 30), ["2026-10-25T00:30"]),
        ("America/New_York", date(2026, 3, 8), time(2, 30), ["2026-03-08T07:30"]),
        ("America/New_York", date(2026, 11, 1), time(1, 30), ["2026-11-01T05:30"]),
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 30), ["2018-11-04T03:30"]),
        ("America/Nuuk", date(2026, 3, 28), time(23, 45), ["2026-03-29T00:45"]),  # not on another day
        ("America/Sao_Paulo", date(2018, 2, 17), time(23, 30), ["2018-02-18T01:30"]),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), ["2026-10-03T15:45"]),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), ["2026-04-04T14:45"]),
        ("Asia/Beirut", date(2026, 3, 29), time(0, 15), ["2026-03-28T22:15"]),
        ("Pacific/Apia", date(2011, 12, 30), time(4, 0), ["2011-12-30T14:00"]),  # the day that was left out
        ("Pacific/Apia", date(2011, 12, 31), time(4, 0), ["2011-12-30T14:00"]),
    ],
)
def test_h3_a_time_that_does_not_exist_or_exists_twice_is_one_slot(
    zone: str, day: date, at: time, slots: list[str]
) -> None:
    expected = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in slots]
    assert list(slots_of_day(Daily(at), zone, day)) == expected
    assert list(slots_of_day(read_cron(f"{at.minute} {at.hour} * * *"), zone, day)) == expected


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0, 0), time(0, 30), time(1, 59), time(2, 30), time(3, 0), time(23, 45)])
def test_h3_each_local_day_of_five_years_has_one_slot_in_every_zone(zone: str, at: time) -> None:
    schedule, begin = Schedule(Daily(at), zone), datetime(2025, 1, 1, 12, tzinfo=UTC)
    slots = list(islice(slots_after(schedule, begin), 5 * 365))
    days = Counter(slot.astimezone(ZoneInfo(zone)).date() for slot in slots)
    assert set(days.values()) == {1}
    assert (max(days) - min(days)).days == len(days) - 1


def next_slot(schedule: Schedule, now: datetime) -> datetime:
    return next(slots_after(schedule, now))


@given(SCHEDULES, AROUND)
@example(Schedule(Daily(time(2, 30)), BERLIN), datetime(2026, 3, 29, 1, 29, tzinfo=UTC))
def test_h3_slots_are_where_they_are_whoever_asks_and_whenever(schedule: Schedule, now: datetime) -> None:
    newest, following = newest_slot(schedule, now), next_slot(schedule, now)
    assert newest <= now < following
    assert next_slot(schedule, newest) == following
    assert newest_slot(schedule, following) == following
    assert newest_slot(schedule, following - timedelta(microseconds=1)) == newest


@given(
    st.builds(Daily, MINUTES),
    st.sampled_from(ZONES),
    AROUND,
)
def test_h3_a_daily_schedule_never_has_two_slots_on_one_local_day_and_never_leaves_one_out(
    rhythm: Daily, zone: str, now: datetime
) -> None:
    schedule = Schedule(rhythm, zone)
    first, second = islice(slots_after(schedule, now), 2)
    one, other = (slot.astimezone(ZoneInfo(zone)).date() for slot in (first, second))
    left_out = zone == "Pacific/Apia" and one < date(2011, 12, 30) < other
    assert other - one == timedelta(days=2 if left_out else 1)


def test_a_cron_line_for_every_hour_has_a_slot_in_the_hour_that_exists_twice() -> None:
    schedule = Schedule(read_cron("*/30 * * * *"), BERLIN)
    slots = list(islice(slots_after(schedule, datetime(2026, 10, 24, 23, 59, tzinfo=UTC)), 6))
    assert {after - before for before, after in pairwise(slots)} == {timedelta(minutes=30)}


# Cron


@pytest.mark.parametrize(
    ("line", "following"),
    [
        ("0 4 * * 1-5", "2026-11-24T04:00"),
        ("0 4 * * MON-fri", "2026-11-24T04:00"),
        ("*/15 * * * *", "2026-11-23T09:15"),
        ("5-59/30 9,17 * * *", "2026-11-23T09:05"),
        ("0 4 * * 0", "2026-11-29T04:00"),
        ("0 4 * * 7", "2026-11-29T04:00"),
        ("0 4 1 * *", "2026-12-01T04:00"),
        ("0 4 1 jan-dec *", "2026-12-01T04:00"),
        ("0 4 1 * fri", "2026-11-27T04:00"),  # either kind of day will do
        ("0 4 */2 * fri", "2026-11-27T04:00"),  # a star narrows nothing by itself: both must fit
    ],
)
def test_cron_means_what_it_means_everywhere(line: str, following: str) -> None:
    assert next_slot(Schedule(read_cron(line)), MONDAY).isoformat() == f"{following}:00+00:00"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("0 4 * *", "has 4 fields"),
        ("0 4 * * * *", "has 6 fields"),
        ("60 4 * * *", "minute outside of 0 to 59"),
        ("0 24 * * *", "hour outside of 0 to 23"),
        ("0 4 0 * *", "day of the month outside"),
        ("0 4 * 13 *", "month outside"),
        ("0 4 * * 8", "day of the week outside"),
        ("0 4 * * fri-mon", "backwards"),
        ("0 4 * * someday", "day of the week that is no value"),
        ("0 4 * mon *", "month that is no value"),
        ("0 5/2 * * *", "step over a single value"),
        ("*/0 4 * * *", "minute that is no value"),
        ("*-5 4 * * *", "minute that is no value"),
        ("0 4,, * * *", "hour that is no value"),
        ("0 -4 * * *", "hour that is no value"),
        ("٣ 4 * * *", "minute that is no value"),
        ("* * * * *", "more often than every 5 minutes"),
        ("58,1 * * * *", "more often than every 5 minutes"),
        ("0 4 30 2 *", "stays away"),
        ("0 4 29 2 *", "stays away"),
        ("0 4 1 1,7 *", "stays away"),
    ],
)
def test_a_cron_line_that_cannot_be_meant_is_refused_by_what_is_wrong_with_it(line: str, what: str) -> None:
    with pytest.raises(CronError, match=what):
        read_cron(line)


@given(st.text(alphabet="0123456789*/,- monfrijan", min_size=1, max_size=24))
def test_no_text_makes_the_reading_of_cron_fail_in_another_way(line: str) -> None:
    try:
        cron = read_cron(line)
    except CronError:
        return
    assert isinstance(cron, Cron)
    assert read_cron(cron.text) == cron


# Quiet hours, apply hours, jitter


def test_a_slot_in_quiet_hours_waits_for_their_end_and_many_begin_as_one() -> None:
    table = Timetable(Schedule(Every(timedelta(minutes=15)), BERLIN, (NIGHT,)))
    evening = datetime(2026, 11, 23, 20, 50, tzinfo=UTC)  # 21:50 in Berlin
    starts = list(islice(upcoming(table, evening), 3))
    assert [start.begins_at.isoformat() for start in starts] == [
        "2026-11-24T05:00:00+00:00",
        "2026-11-24T05:15:00+00:00",
        "2026-11-24T05:30:00+00:00",
    ]
    last = datetime(2026, 11, 23, 20, 45, tzinfo=UTC)
    assert due(table, last, LONG_AGO, evening.replace(hour=23)) is None
    found = due(table, last, LONG_AGO, datetime(2026, 11, 24, 5, 0, tzinfo=UTC))
    assert found is not None
    assert found.missed == 0, "what quiet hours took was not missed"


def test_a_daily_slot_inside_of_quiet_hours_is_not_lost() -> None:
    table = Timetable(Schedule(Daily(time(4)), quiet=(NIGHT, Hours(time(6), time(6, 30)))))
    assert due(table, None, LONG_AGO, MONDAY.replace(hour=6)) is None
    assert due(table, None, LONG_AGO, MONDAY.replace(hour=6, minute=30)) is not None
    assert next_start(table, MONDAY.replace(hour=4, minute=30)) == MONDAY.replace(hour=6, minute=30)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T18:59", "2026-11-23T19:00"),  # 20:00 in Berlin
        ("2026-11-23T19:00", None),
        ("2026-11-24T04:59", None),
        ("2026-11-24T05:00", "2026-11-24T19:00"),
        ("2026-07-24T04:30", "2026-07-24T18:00"),  # summer time: it is past six there
        ("2026-07-24T17:59", "2026-07-24T18:00"),
    ],
)
def test_apply_hours_open_and_close_by_the_clocks_of_the_zone(now: str, opens: str | None) -> None:
    schedule = Schedule(Daily(time(2)), BERLIN, apply=Hours(time(20), time(6)))
    moment, opening = (each and datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, opens))
    assert isinstance(moment, datetime)
    assert closed_until(schedule, moment) == opening
    assert closed_until(Schedule(Daily(time(2))), moment) is None


@given(
    SCHEDULES,
    AROUND,
    st.sampled_from([(), (NIGHT,), (EARLY, NOON)]),
)
def test_runs_begin_in_order_after_now_and_never_in_quiet_hours(
    schedule: Schedule, now: datetime, quiet: tuple[Hours, ...]
) -> None:
    table = Timetable(Schedule(schedule.rhythm, schedule.zone, quiet), timedelta(minutes=7))
    starts = list(islice(upcoming(table, now), 4))
    begins = [start.begins_at for start in starts]
    assert now < begins[0]
    assert begins == sorted(set(begins))
    for start in starts:
        assert start.begins_at >= start.slot + table.lag
        local = start.begins_at.astimezone(ZoneInfo(schedule.zone)).time()
        assert not any(hours.hold(local) for hours in quiet)


def test_h7_two_hundred_tenants_at_four_are_spread_and_each_keeps_its_place() -> None:
    schedule = Schedule(Daily(time(4)), jitter=timedelta(minutes=10))
    tenants = [TenantId(f"tenant-{number}") for number in range(200)]
    begins = [next_start(timetable(schedule, tenant), MONDAY) for tenant in tenants]
    assert begins == [next_start(timetable(schedule, tenant), MONDAY) for tenant in tenants]
    per_minute = Counter(begin.replace(second=0) for begin in begins)
    assert len(per_minute) == 10
    assert max(per_minute.values()) <= 2 * 200 / 10
    pages = 5 + 2  # of a company of 1,000 people: pages, login, attributes
    assert max(per_minute.values()) * pages < 300, "all credentials together stay below one of them"


def test_another_jitter_makes_no_second_run_of_a_slot() -> None:
    schedule = Schedule(Daily(time(4)), jitter=timedelta(minutes=10))
    tenant = TenantId("acme")
    found = due(timetable(schedule, tenant), None, LONG_AGO, MONDAY)
    assert found is not None
    wider = timetable(Schedule(Daily(time(4)), jitter=timedelta(hours=3)), tenant)
    assert due(wider, found.slot, LONG_AGO, MONDAY) is None


# Silence


@pytest.mark.parametrize(
    ("table", "success", "silent"),
    [
        (QUARTER, "2026-11-23T09:03", "2026-11-23T09:45"),  # 09:15 and 09:30, and 15 minutes to be done
        (AT_FOUR, "2026-11-23T04:05", "2026-11-25T05:00"),
        (Timetable(Schedule(Every(timedelta(minutes=1)))), "2026-11-23T09:00", "2026-11-23T09:07"),
        (Timetable(Schedule(read_cron("0 4 * * 1-5"))), "2026-11-27T04:05", "2026-12-01T05:00"),  # a weekend
        (
            AT_DAY,
            "2026-11-23T21:00",
            "2026-11-24T09:00",
        ),
    ],
)
def test_m8_a_tenant_is_silent_once_two_runs_should_have_begun_and_been_done(
    table: Timetable, success: str, silent: str
) -> None:
    moment = datetime.fromisoformat(success).replace(tzinfo=UTC)
    assert silent_from(table, moment).isoformat() == f"{silent}:00+00:00"


@given(SCHEDULES, AROUND)
def test_m8_silence_is_never_told_before_two_intervals_and_at_most_an_hour_after(
    schedule: Schedule, success: datetime
) -> None:
    assume(newest_slot(schedule, success) < success)
    first, second = islice(slots_after(schedule, success), 2)
    silent = silent_from(Timetable(schedule), success)
    assert second < silent <= second + min(timedelta(hours=1), max(second - first, timedelta(minutes=5)))
