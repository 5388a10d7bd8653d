"""An application that asks for a pause, or does not answer well for a while, is left alone as a whole."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from domain.changes import ChangeState
from domain.condition import FAILURES_TO_REST, WELL, WIDEST, Condition
from domain.events import EmployeeChanged
from domain.run import Outcome
from simulators.scim.effects import cut_before_commit, server_error, too_many_requests
from simulators.scim.quirks import Effect
from tests.flow.misfortunes import doubled_writes
from tests.flow.relay import ACME, Inline, Relay
from tests.flow.test_failures import WRITES, hire_many, live, somebody
from tests.flow.truth import differences

__all__ = ["live"]
PROBES_A_MINUTE = 4
HANDS = 8
"""Calls of the relay side by side: so many may be under way when the fifth fails."""


def condition(relay: Relay) -> Condition:
    with relay.store.read() as tx:
        return tx.conditions.get(ACME)


def let_it_recover(relay: Relay) -> None:
    relay.app.quirks.clear()
    for _ in range(6):
        relay.later(seconds=45)


@pytest.mark.parametrize("methods", [WRITES, ()], ids=["F5 writes only", "F5 everything"])
def test_ten_minutes_of_refusals_cost_a_few_requests_and_nobody_a_try(
    live: Relay, methods: tuple[str, ...]
) -> None:
    hire_many(live, 40)
    live.personio.company.terminate(int(somebody(live)))
    rule = live.app.quirks.add(server_error(503), methods=methods, times=None)
    began = live.clock.now()
    run = live.sync()
    while condition(live).open_since is None:
        live.later(seconds=15)
    taken = [live.app.quirks.taken(rule)]
    assert taken[0] <= FAILURES_TO_REST + HANDS
    for _ in range(10):
        for _ in range(4):
            live.later(seconds=15)
        taken.append(live.app.quirks.taken(rule))
    assert max(after - before for before, after in pairwise(taken)) <= PROBES_A_MINUTE
    open_since = condition(live).open_since
    assert open_since is not None
    assert began <= open_since < began + timedelta(minutes=3)
    assert max((row.tries for row in live.rows()), default=0) <= 2
    assert live.rows(ChangeState.DEAD) == []
    let_it_recover(live)
    assert condition(live).open_since is None
    assert live.run(run.run_id).outcome in {Outcome.OK, Outcome.PARTIAL}
    assert differences(live) == []
    assert doubled_writes(live) == []


@pytest.mark.parametrize(
    ("said", "rests"),
    [
        pytest.param("120", 120, id="D3 seconds"),
        pytest.param(None, 1, id="D3 absent"),
        pytest.param("86400", 15 * 60, id="D3 a day"),
    ],
)
def test_one_wish_for_a_pause_is_obeyed_for_the_whole_application(
    live: Relay, said: str | None, rests: int
) -> None:
    """Nobody else runs into the same wall; nobody sleeps meanwhile."""
    hire_many(live, 12)
    live.desk = replace(live.desk, hands=Inline())
    rule = live.app.quirks.add(too_many_requests(said), methods=WRITES)
    live.sync()
    assert (live.app.quirks.taken(rule), live.app.counters.writes) == (1, 1)
    if rests > 60:
        live.later(seconds=rests - 30)
        assert live.app.counters.writes == 1
    live.later(seconds=45)
    assert live.app.counters.writes >= 12
    live.later(hours=6, minutes=1)
    assert differences(live) == []
    assert [row.tries for row in live.rows(ChangeState.APPLIED)].count(2) <= 1


@pytest.mark.parametrize(
    "effect", [too_many_requests(), server_error(503), cut_before_commit()], ids=["429", "503", "cut"]
)
def test_fewer_calls_travel_together_after_refusals_and_more_after_successes(
    live: Relay, effect: Effect
) -> None:
    hire_many(live, 120)
    live.app.quirks.add(effect, methods=("POST",), times=2, skip=10)
    live.sync()
    live.later(seconds=20)
    assert live.app.counters.writes > 12
    widths = [len(bell.change_ids) for bell in live.bells.history if isinstance(bell, EmployeeChanged)]
    assert widths[0] == 25
    assert min(widths[2:6]) <= 13 + 1, "half, and one more where a success was recorded before it was filled"
    let_it_recover(live)
    assert WIDEST // 4 < condition(live).width <= WIDEST
    assert differences(live) == []


def test_one_request_that_always_fails_ends_as_a_letter_and_holds_up_nobody_else(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), position="CTO")
    live.app.quirks.add(server_error(500), methods=("PATCH",), times=None)
    live.sync()
    for _ in range(30):
        live.later(minutes=16)
    (dead,) = live.rows(ChangeState.DEAD)
    assert dead.person_id == person
    live.app.quirks.clear()
    hire_many(live, 3)
    live.later(minutes=16)
    run = live.sync()
    live.later(minutes=1)
    live.later(minutes=1)
    assert len(live.rows(ChangeState.RELEASED, ChangeState.WAITING)) == 0
    assert live.run(run.run_id).outcome is not None


def test_while_all_is_well_nothing_is_stored(live: Relay) -> None:
    hire_many(live, 30)
    live.sync()
    assert condition(live) == WELL
