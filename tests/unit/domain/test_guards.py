"""How much may change without a human, from one person to fifty thousand, by kind and by window."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Code
from domain.guards import (
    OFF,
    Bound,
    Guarded,
    Guards,
    Protected,
    Tally,
    first_run_objection,
    left_by_date,
    objection,
    protected_by,
)

SIZES = (1, 2, 3, 9, 10, 19, 20, 21, 100, 999, 1_000, 50_000)
USUAL = Guards()
INVITING = Guards(invites=True, leavers=Bound(20, 4, 300))

DAYS: dict[Guarded, tuple[int, ...]] = {
    #                     1   2   3   9  10  19  20  21  100  999 1000 50000
    Guarded.REMOVALS: (0, 0, 1, 2, 2, 2, 2, 2, 10, 99, 100, 100),
    Guarded.CREATES: (20, 20, 20, 20, 20, 20, 20, 20, 25, 249, 250, 1_000),
    Guarded.INVITATIONS: (5, 5, 5, 5, 5, 5, 5, 5, 5, 49, 50, 50),
    Guarded.REACTIVATIONS: (5, 5, 5, 5, 5, 5, 5, 5, 10, 99, 100, 100),
    Guarded.RENAMES: (5, 5, 5, 5, 5, 5, 5, 5, 10, 99, 100, 200),
    Guarded.UPDATES: (20, 20, 20, 20, 20, 20, 20, 20, 30, 299, 300, 5_000),
    Guarded.MANAGERS: (20, 20, 20, 20, 20, 20, 20, 20, 30, 299, 300, 5_000),
}
"""The most that goes in a day, by kind and size of the company; from one more on a human looks first."""

CASES = [
    (guarded, size, most) for guarded, row in DAYS.items() for size, most in zip(SIZES, row, strict=True)
]


def judged(guarded: Guarded, size: int, wanted: int, **more: int) -> str | None:
    guards = INVITING if guarded is Guarded.INVITATIONS else USUAL
    return objection(guarded, guards.bound(guarded), Tally(wanted, size, **more))


def held_at_half(guarded: Guarded, size: int, wanted: int) -> bool:
    return guarded is Guarded.REMOVALS and size > 1 and wanted * 2 >= size


@pytest.mark.parametrize(("guarded", "size", "most"), CASES)
def test_the_most_goes_and_one_more_waits(guarded: Guarded, size: int, most: int) -> None:
    if size == 1 and guarded is Guarded.REMOVALS:
        most = 2  # the last account of all: nobody else is locked out, and there is no half of one
    assert judged(guarded, size, most) is None
    assert judged(guarded, size, most + 1) is not None


@pytest.mark.parametrize(("guarded", "size", "most"), CASES)
@pytest.mark.parametrize(("window", "times"), [("day", 1), ("week", 2), ("month", 3)])
def test_what_went_in_each_window_counts(
    guarded: Guarded, size: int, most: int, window: str, times: int
) -> None:
    allowed = max(times * a_day(guarded, size), size * 3 // 100 if window == "month" else 0)
    if held_at_half(guarded, size, 1):
        return
    assert judged(guarded, size, 1, **{window: allowed - 1}) is None
    told = judged(guarded, size, 1, **{window: allowed})
    assert told is not None
    assert str(allowed) in told
    assert {"day": "24 hours", "week": "7 days", "month": "30 days"}[window] in told
    assert most <= allowed or size == 1


def a_day(guarded: Guarded, size: int) -> int:
    bound = (INVITING if guarded is Guarded.INVITATIONS else USUAL).bound(guarded)
    assert bound != OFF
    return bound.a_day(size)


@pytest.mark.parametrize("size", SIZES)
def test_a_run_that_wants_nothing_of_a_kind_is_never_held(size: int) -> None:
    for guarded in Guarded:
        assert judged(guarded, size, 0, day=size, week=size, month=size, held=size) is None


def test_a_very_big_company_may_lose_an_even_three_percent_in_thirty_days() -> None:
    assert judged(Guarded.REMOVALS, 50_000, 10, week=100, month=1_490) is None
    assert judged(Guarded.REMOVALS, 50_000, 10, week=100, month=1_491)


@given(st.integers(2, 60_000), st.integers(1, 60_000), st.integers(0, 50))
def test_half_of_a_company_never_goes_by_itself(company: int, wanted: int, held: int) -> None:
    if (wanted + held) * 2 >= company or wanted + held > USUAL.removals.a_day(company):
        assert judged(Guarded.REMOVALS, company, wanted, held=held) is not None


def test_one_more_leaver_waits_while_many_do_but_one_more_joiner_does_not() -> None:
    assert judged(Guarded.REMOVALS, 400, 1, held=60)
    assert judged(Guarded.CREATES, 400, 1, held=160) is None


def test_who_left_by_status_and_date_has_the_larger_budget_where_a_tenant_gave_one() -> None:
    season = Guards(leavers=Bound(40, 2, 400))
    dated = Tally(wanted=150, open_accounts=400)
    undated = Tally(wanted=41, open_accounts=400)
    assert objection(Guarded.REMOVALS, season.bound(Guarded.REMOVALS), dated) is None
    assert objection(Guarded.LEAVERS, season.bound(Guarded.LEAVERS), undated)
    assert objection(Guarded.REMOVALS, USUAL.bound(Guarded.REMOVALS), dated)
    assert USUAL.bound(Guarded.LEAVERS) == OFF


def test_half_of_a_company_waits_whatever_budget_a_tenant_gave() -> None:
    season = Guards(leavers=Bound(49, 100, 10_000))
    half = Tally(wanted=200, open_accounts=400)
    assert objection(Guarded.REMOVALS, season.bound(Guarded.REMOVALS), half)


def test_an_objection_names_number_window_and_bound() -> None:
    assert judged(Guarded.REMOVALS, 400, 60, day=3) == (
        "60 accounts would be closed after 3 in the last 24 hours, 400 are open; 40 in 24 hours go by"
    )


@pytest.mark.parametrize(
    ("wanted", "linked", "listed", "held"),
    [
        (500, 0, 0, False),  # an empty application
        (500, 0, 9, False),  # a handful of administrators
        (30, 0, 500, True),  # nobody recognised among 500
        (20, 0, 500, False),
        (21, 0, 10, True),
        (100, 400, 500, False),
        (101, 400, 500, True),
        (101, 495, 500, False),  # all but five are ours: nobody else can be meant
    ],
)
def test_g4_a_first_run_links_and_asks_before_it_makes_accounts_beside_strangers(
    wanted: int, linked: int, listed: int, held: bool
) -> None:
    assert (first_run_objection(USUAL.creates, wanted, linked, listed) is not None) is held


@pytest.mark.parametrize(
    ("cause", "told", "dated"),
    [
        (Code.PERSON_LEFT, {"termination_date": "2026-11-22"}, True),
        (Code.PERSON_LEFT, {"last_working_day": "2026-11-22"}, True),
        (Code.PERSON_LEFT, {"termination_date": "2026-11-23"}, False),
        (Code.PERSON_LEFT, {"status": "inactive"}, False),
        (Code.PERSON_LEFT_FILTER, {"termination_date": "2026-11-22"}, False),
        (Code.PERSON_NOT_SEEN, {"termination_date": "2026-11-22"}, False),
    ],
)
def test_two_witnesses_say_that_somebody_left(cause: Code, told: dict[str, str], dated: bool) -> None:
    assert left_by_date(cause, told, date(2026, 11, 23)) is dated


def test_a_protect_list_is_sorted_by_what_its_entries_name() -> None:
    whom = protected_by({"personio:7", "account:a-1", "name:00ff", "never@stored.example"})
    assert whom == Protected(frozenset({"7"}), frozenset({"a-1"}), frozenset({b"\x00\xff"}))
