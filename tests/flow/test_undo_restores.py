"""Whatever a run did: its undo puts everybody back who was not changed since, and it stays so."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.changes import ChangeState
from domain.guards import OFF, Bound, Guards
from domain.run import Run
from producers.on_demand import NotPossibleError
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import Inline, Relay, build_relay
from tests.flow.test_any_order import Happening, happen
from tests.flow.undoing import Image, Shown, ended, image, undone

PEOPLE = 12
WIDE_OPEN = Guards(
    removals=Bound(90, 50, 100), creates=OFF, reactivations=OFF, renames=OFF, updates=OFF, managers=OFF
)
"""Here everything is to happen; half of a company or more is held all the same, and needs a yes."""

EVENTS = st.sampled_from(["hire", "leave", "return", "marry", "move", "rename", "external", "internal"])
DAYS = st.lists(st.tuples(EVENTS, st.integers(0, 999)), max_size=4)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
@given(earlier=DAYS, day=DAYS.filter(len), since=DAYS)
def test_an_undo_restores_everybody_who_was_not_changed_since_and_two_runs_later_it_stands(
    earlier: Sequence[Happening], day: Sequence[Happening], since: Sequence[Happening]
) -> None:
    with a_company_in_sync() as relay:
        live_through(relay, earlier, 100)
        before = image(relay)
        run = live_through(relay, day, 200)
        after = image(relay)
        live_through(relay, since, 300)
        now = image(relay)
        try:
            done = undone(relay, run)
        except NotPossibleError:
            assert after == before
            return
        settle(relay)
        restored = image(relay)
        assert restored.keys() == now.keys()
        assert differing(restored, expected(before, after, now)) == []
        assert done.run is None or ended(relay, done).outcome is not None
        stands(relay, restored)


def expected(before: Image, after: Image, now: Image) -> Image:
    """Tell how all should be: as before; who was changed since stays, and a new account is closed."""
    untouched = {person for person in now if after.get(person) == now[person]}
    closed = {person: replace(each, active=False) for person, each in now.items()}
    return {
        person: before.get(person, closed[person]) if person in untouched else each
        for person, each in now.items()
    }


def differing(found: Image, wanted: Image) -> list[tuple[str, Shown, Shown]]:
    """List who is not as wanted; whose manager somebody is counts only while the account is open."""
    return [
        (person, each, wanted[person])
        for person, each in found.items()
        if _told(each) != _told(wanted[person])
    ]


def _told(shown: Shown) -> Shown:
    return shown if shown.active else Shown(active=False, values=shown.values[:-1])


def stands(relay: Relay, restored: Image) -> None:
    """Let two runs come: neither writes anything."""
    relay.app.counters.reset()
    for _ in range(2):
        relay.sync()
        relay.later(hours=1)
    assert image(relay) == restored
    assert relay.app.counters.writes == 0


def live_through(relay: Relay, happenings: Sequence[Happening], number: int) -> Run:
    """Let things happen to the company, and carry a run out."""
    for at, happening in enumerate(happenings):
        happen(relay, happening, number + at)
    run = relay.sync()
    relay.later(minutes=5)
    return run


def settle(relay: Relay) -> None:
    """Say yes to whatever of an undo waits for a human, and let time pass."""
    held = [row.change_id for row in relay.rows(ChangeState.HELD) if row.undoes]
    if held:
        relay.approve(*held)
    relay.later(minutes=5)


@contextmanager
def a_company_in_sync() -> Iterator[Relay]:
    """Build a small company whose people all have their account."""
    with (
        tempfile.TemporaryDirectory() as folder,
        PersonioSimulator.start(employees=PEOPLE, seed=7, switches=Switches(rate_limits=False)) as personio,
        ScimSimulator.start() as app,
    ):
        config = replace(configuration(lines=SCIM_LINES), guards=WIDE_OPEN)
        relay = build_relay(Path(folder) / "home", personio, app, config, hands=Inline())
        relay.go_live()
        yield relay
        relay.store.close()
