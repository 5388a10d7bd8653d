"""A target that takes long to find people does not take the turn of a run away from who asks it."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.changes import Change
from domain.config import Configuration
from domain.events import ConcludeDue
from domain.ids import PersonId
from domain.outcomes import HandlerOutcome, Nothing
from simulators.personio.handle import PersonioSimulator
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import Relay, build_relay
from tests.flow.test_failures import hire_many
from tests.flow.truth import differences

A_LOOK = timedelta(seconds=30)
JOINERS = 6
"""Their looks take three minutes, one after the other; a turn that nobody renews is over after 75 seconds."""


class OneSlowHand(Executor):
    """Look for one person after the other, half a minute each; whatever else there is, is done at once."""

    def __init__(self) -> None:
        self.looks: list[tuple[Future[Any], Callable[[], object]]] = []
        self.looked: list[PersonId] = []
        self.meanwhile: Callable[[timedelta], object] = lambda _: None

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN002,ANN003,ANN201  the signature is Executor's
        """Take a look, or do something else."""
        future: Future[Any] = Future()
        if isinstance(args[0], Change):
            self.looks.append((future, lambda: self._look(args[0].person_id, lambda: fn(*args, **kwargs))))
        else:
            future.set_result(fn(*args, **kwargs))
        return future

    def wait(self, futures: Collection[Future[Any]], at_most: timedelta) -> set[Future[Any]]:
        """Let time pass; after half a minute, one look has ended."""
        assert at_most <= A_LOOK
        for _ in range(A_LOOK // at_most):
            self.meanwhile(at_most)
        if self.looks:
            future, look = self.looks.pop(0)
            if future.set_running_or_notify_cancel():
                future.set_result(look())
        return {each for each in futures if not each.done()}

    def _look(self, person: PersonId, look: Callable[[], object]) -> object:
        self.looked.append(person)
        return look()


@pytest.fixture
def hand() -> OneSlowHand:
    return OneSlowHand()


@pytest.fixture
def live(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration, hand: OneSlowHand
) -> Iterator[Relay]:
    relay = build_relay(tmp_path / "home", personio, app, config, hands=hand)
    relay.desk = replace(relay.desk, wait=hand.wait)
    relay.go_live()
    relay.app.counters.reset()
    yield relay
    relay.store.close()


def concluded_by_another(relay: Relay) -> HandlerOutcome:
    """Let a second worker hear the same bell."""
    return relay.take([each for each in relay.bells.history if isinstance(each, ConcludeDue)][-1])


def test_a_look_that_outlasts_a_lease_keeps_its_turn_and_nobody_begins_a_second_one(
    live: Relay, hand: OneSlowHand
) -> None:
    joiners = hire_many(live, JOINERS)
    heard: list[HandlerOutcome] = []

    def pass_time(span: timedelta) -> None:
        live.clock.ahead += span
        heard.append(concluded_by_another(live))

    hand.meanwhile = pass_time
    run = live.sync()
    assert sorted(hand.looked) == joiners
    assert len(heard) > JOINERS
    assert all(isinstance(each, Nothing) for each in heard)
    assert run.tries == 0
    assert [live.app.counters.creates(each) for each in joiners] == [1] * JOINERS
    assert differences(live) == []


def test_who_lost_the_turn_while_looking_asks_for_nobody_else_and_plans_nothing(
    live: Relay, hand: OneSlowHand
) -> None:
    joiners = hire_many(live, JOINERS)
    heard: list[HandlerOutcome] = []

    def sleep_through_it(_: timedelta) -> None:
        """Be stopped for longer than the lease, while somebody else comes to the end of it."""
        hand.meanwhile = lambda _: None
        live.clock.ahead += timedelta(minutes=2)
        mine, hand.looks = hand.looks, []
        heard.append(concluded_by_another(live))
        hand.looks = mine

    hand.meanwhile = sleep_through_it
    live.sync()
    assert len(heard) == 1
    assert not isinstance(heard[0], Nothing)
    assert sorted(hand.looked[:JOINERS]) == joiners
    assert len(hand.looked) == JOINERS + 1
    assert [live.app.counters.creates(each) for each in joiners] == [1] * JOINERS
    assert differences(live) == []
