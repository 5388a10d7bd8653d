"""Shares of the address: together they fit into the window, and none is less than half of an even part."""

from hypothesis import example, given
from hypothesis import strategies as st

from domain.budget import SPREAD_SECONDS, Allowance, Ask, room, share_of, spread

LIMITS = st.integers(2, 5_000)
TENANTS = st.integers(1, 6_000)


def pages(limit: int, hungry: int) -> int:
    return room(share_of(Allowance(limit, 61.0), hungry), Ask.LIST)


@given(LIMITS, TENANTS)
@example(200, 50)
@example(2_000, 50)
def test_the_shares_of_all_who_are_hungry_have_room_together(limit: int, hungry: int) -> None:
    whole = room(Allowance(limit, 61.0), Ask.LIST)
    assert pages(limit, hungry) * hungry <= whole or hungry > whole


@given(LIMITS, TENANTS)
@example(2_000, 801)
def test_a_share_is_never_less_than_half_of_an_even_part(limit: int, hungry: int) -> None:
    even = room(Allowance(limit, 61.0), Ask.LIST) / hungry
    assert max(1, even / 2) <= pages(limit, hungry) <= max(1, even)


@given(LIMITS)
def test_alone_the_whole_window_is_the_share(limit: int) -> None:
    whole = Allowance(limit, 61.0)
    for urgent in (Ask.LIST, Ask.NAMED):
        assert room(share_of(whole, 1), urgent) <= room(whole, urgent)
    assert pages(limit, 1) == room(whole, Ask.LIST)


@given(LIMITS, TENANTS)
def test_one_more_who_is_hungry_takes_from_all_alike(limit: int, hungry: int) -> None:
    assert pages(limit, hungry + 1) <= pages(limit, hungry)


@given(LIMITS, TENANTS)
@example(200, 50)
@example(2_000, 267)
def test_a_small_share_is_spread_and_its_last_page_still_leaves_within_half_of_the_window(
    limit: int, hungry: int
) -> None:
    share = share_of(Allowance(limit, 61.0), hungry)
    pages, apart = room(share, Ask.LIST), spread(share)
    if apart is None:
        assert 61.0 / 2 / pages < SPREAD_SECONDS
    else:
        assert room(apart, Ask.LIST) == 1
        assert apart.seconds >= SPREAD_SECONDS
        assert (pages - 1) * apart.seconds < 61.0 / 2
