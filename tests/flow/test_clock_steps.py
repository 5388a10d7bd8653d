"""A clock that is set by an hour in the middle of the work costs time, and loses and doubles nothing."""

from datetime import timedelta

import pytest

from tests.flow.misfortunes import doubled_writes, harm, in_hand, lose_redis, until_calm
from tests.flow.relay import Relay
from tests.flow.test_failures import begin, hire_many, somebody
from tests.flow.truth import differences
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]

HOUR = timedelta(hours=1)
STEPS = pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["on", "back"])


def much_happens(relay: Relay) -> None:
    """Let somebody leave, somebody be promoted, and three join, and let a run be due."""
    hire_many(relay, 3)
    relay.personio.company.terminate(int(somebody(relay)))
    relay.personio.company.change(int(somebody(relay, at=4)), position="Head of Things")
    begin(relay)


def set_clock(relay: Relay, step: timedelta) -> None:
    relay.clock.ahead += step


def all_is_well(relay: Relay) -> None:
    """Look whether everything was done, and nothing twice."""
    assert differences(relay) == []
    assert harm(relay) == []
    assert doubled_writes(relay) == []


@STEPS
def test_h4_a_clock_that_is_set_while_rows_are_in_hand_doubles_and_loses_nothing(
    live: Relay, step: timedelta
) -> None:
    much_happens(live)
    in_hand(live, lambda: set_clock(live, step))
    until_calm(live)
    all_is_well(live)


@STEPS
@pytest.mark.parametrize("bells", range(1, 4))
def test_h4_a_clock_that_is_set_between_two_bells_which_are_lost_costs_time_only(
    live: Relay, step: timedelta, bells: int
) -> None:
    """A clock set back makes every due time an hour later: after that hour everything is done."""
    much_happens(live)
    for _ in range(bells):
        live.take(live.bells.rung.pop(0))
    set_clock(live, step)
    lose_redis(live)
    if step < timedelta(0):
        live.later(hours=1)
    until_calm(live, rounds=4)
    all_is_well(live)
