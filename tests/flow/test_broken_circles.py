"""A circle of names that breaks off, at whichever step, leaves nobody under a temporary name until a feed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.changes import Action, Change, ChangeState, on_change
from domain.codes import Code
from domain.config import Configuration
from simulators.personio.handle import PersonioSimulator
from simulators.personio.told import Told
from simulators.scim.handle import ScimSimulator
from tests.flow.misfortunes import Moment, MortalHands, harm, until_calm
from tests.flow.relay import Relay, build_relay
from tests.flow.test_identity_names import exchange, plan, rename_all, user_name
from tests.flow.truth import differences


class DeadlyStep(MortalHands):
    """Die a few times over one step of somebody, before or after its request."""

    def __init__(self) -> None:
        super().__init__()
        self.step: tuple[str, Action] | None = None
        self.deaths = 0

    def dies_over(self, change: Change) -> bool:
        """Tell whether this is that step, as long as there are deaths left."""
        dies = self.deaths > 0 and (change.person_id, change.action) == self.step
        self.deaths -= dies
        return dies


@pytest.fixture
def hands() -> DeadlyStep:
    return DeadlyStep()


@pytest.fixture
def live(
    tmp_path: Path,
    personio: PersonioSimulator,
    app: ScimSimulator,
    config: Configuration,
    hands: DeadlyStep,
) -> Iterator[Relay]:
    """A tenant that was activated; what was counted before is forgotten."""
    relay = build_relay(tmp_path / "home", personio, app, config, hands=hands)
    relay.go_live()
    relay.app.counters.reset()
    yield relay
    assert harm(relay) == []
    relay.store.close()


def steps(relay: Relay) -> list[Change]:
    """List the steps of the planned exchange, in the order in which they will be done."""
    relay.bells.rung += plan(relay)
    behind = {row.blocked_on: row for row in relay.rows(ChangeState.BLOCKED)}
    ordered = [row for row in relay.rows(ChangeState.RELEASED) if row.action is Action.RELEASE_NAME]
    for step in ordered:
        ordered += [behind[on] for on in [on_change(step.change_id)] if on in behind]
    return ordered


def nobody_has_a_temporary_name(relay: Relay, circle: list[Told]) -> bool:
    return not [person for person in circle if str(user_name(relay, person)).startswith("released.")]


def next_day(relay: Relay) -> None:
    relay.later(hours=25)
    relay.sync()
    relay.later(seconds=20)


@pytest.mark.parametrize(
    ("size", "step", "moment", "deaths"),
    [(3, step, moment, 3) for step in range(4) for moment in Moment]
    + [(2, step, Moment.AFTER_THE_CALL, 1) for step in range(3)],
)
def test_e2_a1_a_worker_that_dies_at_any_step_of_a_circle_leaves_no_temporary_name_until_a_feed(
    live: Relay, hands: DeadlyStep, size: int, step: int, moment: Moment, deaths: int
) -> None:
    circle = exchange(live, size)
    rename_all(live, circle)
    broken = steps(live)[step]
    hands.step, hands.moment, hands.deaths = (broken.person_id, broken.action), moment, deaths
    until_calm(live, rounds=8)
    assert hands.deaths == 0
    assert nobody_has_a_temporary_name(live, circle)
    assert deaths == 3 or differences(live) == []
    assert [row.why for row in live.rows(ChangeState.DEAD)] == [Code.CRASHED_TWICE] * (deaths == 3)
    next_day(live)
    assert differences(live) == []
