"""Whatever befalls processes, Redis and database in the middle of a run: all arrives, once, and nothing old.

One house on SQLite and one on PostgreSQL, kept alive as a container engine does it, with short leases. `make
chaos` lets the same befall a house with the usual ones.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated
from tempfile import TemporaryDirectory

import pytest

from adapters.database.errors import StoreAwayError
from bootstrap.up import GRACE_SECONDS
from domain.changes import ChangeState
from domain.ids import RunId
from tests.chaos.household import Contained
from tests.chaos.hurried import WRITERS, commands
from tests.chaos.misfortunes import (
    cut_redis_file,
    deploy,
    empty_redis,
    fill_redis,
    kill,
    kill_redis,
    pause_redis,
    restart_postgres,
    spoil,
)
from tests.chaos.stage import Stage, stage
from tests.chaos.work import GOING
from tests.e2e.house import Window, eventually
from tests.flow.truth import is_wanted

pytestmark = [pytest.mark.e2e, pytest.mark.redis, pytest.mark.timeout(240)]

PEOPLE = 60
PROMOTED = 30
DICE = Random(7)  # noqa: S311  seeded on purpose
SPARE_SECONDS = 20.0
"""For what a process does besides finishing its work: a loaded machine takes its time to end one."""

ROUNDS = count(1)
Strike = Callable[[Stage, Random], object]


@dataclass(frozen=True)
class Scene:
    """A house with a tenant that is synced, and a window past every wire."""

    stage: Stage
    house: Contained
    window: Window

    def promote(self) -> str:
        """Give some people a position that nobody ever had; returns it."""
        position = f"Round {next(ROUNDS)}"
        wanted = [person for person in self.stage.town.people() if is_wanted(person)]
        for person in wanted[:PROMOTED]:
            self.stage.town.personio.company.change(person.id, position=position)
        return position

    def sync(self) -> RunId:
        """Ask for a run."""
        return self.window.ask()

    def has_everybody(self) -> None:
        """Wait until whoever an earlier misfortune ended was started again."""
        eventually(lambda: set(self.house.processes()) >= set(self.house.roles()), "somebody is missing", 60)

    def is_at_work(self) -> None:
        """Wait until some rows are in hand."""
        eventually(lambda: self.window.count(ChangeState.WORKING) > 0, "nobody works", 60)

    def stop_between_transactions(self, process: int) -> None:
        """Stop a process; one that stands still while it writes keeps all others of SQLite out."""

        def is_stopped() -> bool:
            os.kill(process, signal.SIGSTOP)
            with suppress(StoreAwayError), self.window.here.store.write():
                return True
            os.kill(process, signal.SIGCONT)
            return False

        eventually(is_stopped, "it writes whenever it is stopped", 60)

    def is_done(self, run_id: RunId) -> None:
        """Wait until the run has ended and nothing is on its way."""
        self.window.ended(run_id)
        eventually(lambda: self.window.count(*GOING) == 0, "rows are still on their way")

    def is_as_the_company_says(self) -> None:
        """Compare, and look for whatever was done twice."""
        town = self.stage.town
        assert town.differences() == []
        assert town.app.doubled() == []
        assert town.app.overlapping() == {}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    with TemporaryDirectory(prefix="misfortunes") as folder:
        keep = partial(Contained, commands=commands())
        with stage(
            Path(folder), PEOPLE, request.param, keep, write_latency_ms=400, sweep_seconds="1"
        ) as here:
            assert isinstance(here.house, Contained)
            here.house.start()
            with here.window() as window:
                here.connect(window)
                window.sync()
                window.ended(window.activate())
                yield Scene(here, here.house, window)


TABLE = [
    pytest.param(partial(kill_redis, away=3.0), id="A17 B1 a server that is killed and away for a while"),
    pytest.param(cut_redis_file, id="B2 the last moments of the file of Redis"),
    pytest.param(empty_redis, id="B3 everything in Redis"),
    pytest.param(partial(fill_redis, seconds=3.0), id="B5 the memory of Redis"),
    pytest.param(partial(pause_redis, seconds=6.0), id="B7 the answers of Redis"),
    pytest.param(kill("scheduler").strike, id="A16 the process that sweeps"),
    pytest.param(spoil("redis", "cuts", 2.0).strike, id="a wire to Redis that is cut"),
    pytest.param(spoil("app", "half-closes", 2.0).strike, id="answers of the application"),
]


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
@pytest.mark.parametrize("lose", TABLE)
def test_losing_it_in_the_middle_of_a_run_loses_nobody_and_doubles_nothing(
    scene: Scene, lose: Strike
) -> None:
    scene.promote()
    run_id = scene.sync()
    scene.is_at_work()
    lose(scene.stage, DICE)
    scene.is_done(run_id)
    scene.is_as_the_company_says()


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_a10_a24_a_worker_that_is_stopped_with_its_hands_full_brings_nothing_old_when_it_wakes(
    scene: Scene,
) -> None:
    first, second = (scene.house.processes()[role] for role in WRITERS)
    scene.stop_between_transactions(second)
    scene.promote()
    older = scene.sync()
    scene.is_at_work()
    scene.stop_between_transactions(first)
    os.kill(second, signal.SIGCONT)
    position = scene.promote()
    scene.is_done(older)
    scene.is_done(scene.sync())
    os.kill(first, signal.SIGCONT)
    assert scene.house.ask_to_stop(WRITERS[0], within=GRACE_SECONDS + SPARE_SECONDS) == 0
    assert sum(account["title"] == position for account in scene.stage.town.app.accounts().values()) > 0
    scene.is_as_the_company_says()


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_a15_a_worker_that_is_asked_to_stop_ends_in_time_and_what_it_held_is_done(scene: Scene) -> None:
    scene.promote()
    run_id = scene.sync()
    scene.is_at_work()
    codes = [scene.house.ask_to_stop(role, within=GRACE_SECONDS + SPARE_SECONDS) for role in WRITERS]
    assert codes == [0, 0]
    scene.is_done(run_id)
    scene.is_as_the_company_says()


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_a15_everybody_asked_to_stop_at_once_loses_nobody(scene: Scene) -> None:
    scene.promote()
    run_id = scene.sync()
    scene.is_at_work()
    deploy(scene.stage, DICE)
    scene.is_done(run_id)
    scene.is_as_the_company_says()


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_a1_a2_workers_killed_with_their_hands_full_are_replaced_and_nothing_is_sent_twice(
    scene: Scene,
) -> None:
    scene.has_everybody()
    before = scene.house.processes()
    scene.promote()
    run_id = scene.sync()
    scene.is_at_work()
    assert all(scene.house.kill(role) for role in WRITERS)
    scene.is_done(run_id)
    scene.is_as_the_company_says()
    assert not {before[role] for role in WRITERS} & set(scene.house.processes().values())


@pytest.mark.postgres
@pytest.mark.parametrize("scene", ["postgres"], indirect=True)
def test_c4_c12_a_database_restarted_at_once_in_the_middle_of_a_run_loses_nobody(scene: Scene) -> None:
    scene.promote()
    run_id = scene.sync()
    scene.is_at_work()
    restart_postgres(scene.stage, DICE)
    eventually(lambda: answers(scene.window), "the database stays away", 30)
    scene.is_done(run_id)
    scene.is_as_the_company_says()


def answers(window: Window) -> bool:
    """Tell whether the store is there again, also for connections that died with it."""
    with suppress(StoreAwayError), window.here.store.read() as tx:
        return bool(tx.tenants.everyone())
    return False
