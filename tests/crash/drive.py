"""Walk a scenario stage by stage; strike in each at every point that a dry pass came to."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from multiprocessing.connection import Connection

import redis

from adapters.redis.connect import connect
from adapters.redis.epoch import RedisEpoch
from simulators.personio.handle import PersonioSimulator
from simulators.scim.handle import ScimSimulator
from simulators.scim.store import Kept
from tests.crash.copies import Copy, Shelf, shelf_of
from tests.crash.points import DIED, Blow, Fate, Point
from tests.crash.worker import Ending, Live, Order, Place, TakeOver, serve
from tests.flow.misfortunes import doubled_writes, harm
from tests.flow.truth import differences

PATIENCE_SECONDS = 60
BETWEEN_STAGES = timedelta(hours=1)
AGREED = [(word, status) for word in ("POST", "PUT", "PATCH", "DELETE") for status in (200, 201, 204)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What came of all crashes together, by the simulators' counters; only reasons are ours.

    attempted, acknowledged   write requests that the application saw, and those that it agreed to
    ok                        people who ended as they end where nobody dies
    lost                      people who did not
    duplicated                second accounts, creates and values, and writes that overlapped
    recovered                 crashes after which everything came to its end without a human
    unexpected                everything else that should not be, such as a point that never came
    """

    attempted: int = 0
    acknowledged: int = 0
    ok: int = 0
    lost: int = 0
    duplicated: int = 0
    recovered: int = 0
    unexpected: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{each.name} {getattr(self, each.name)}" for each in fields(self))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def clean(self) -> bool:
        """Say that every promise was kept."""
        return not (self.lost or self.duplicated or self.unexpected)


@dataclass(frozen=True, slots=True)
class Stage:
    """Something that happens outside, and what is asked of the house then.

    A deed `in_batches` is done in several commits: whoever sees it die asks for it once more.
    """

    name: str
    happens: Callable[["World"], None]
    deed: str
    in_batches: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that there is, apart from the company, which no crash can change."""

    store: Copy
    app: Kept
    epoch: str | None


@dataclass
class World:
    """What outlives every process: the company, the application, the database and Redis."""

    personio: PersonioSimulator
    app: ScimSimulator
    place: Place
    store: Shelf
    client: redis.Redis
    line: Connection
    ahead: timedelta = timedelta(0)

    def keep(self) -> Snapshot:
        """Remember how everything is."""
        return Snapshot(self.store.keep(), self.app.keep(), RedisEpoch(self.client).read())

    def bring_back(self, kept: Snapshot) -> None:
        """Make everything as it was, with an empty queue."""
        self.store.bring_back(kept.store)
        self.app.bring_back(kept.app)
        self.client.flushdb()
        if kept.epoch is not None:
            RedisEpoch(self.client).write(kept.epoch)

    def order(self, order: Order) -> tuple[int, Ending | None]:
        """Let a process do something; tells how it ended, and what it said if it lived to its end."""
        self.line.send(order)
        said: Ending | None = None
        while True:
            if not self.line.poll(PATIENCE_SECONDS):
                raise AssertionError(f"nothing came of {order} within {PATIENCE_SECONDS} s")
            told: Ending | int = self.line.recv()
            if isinstance(told, int):
                return told, said
            said = told


Choice = Callable[[Stage, Sequence[Point]], Sequence[Blow]]
"""Tell what is to happen at the points of a stage, one after the other."""


@dataclass
class Walk:
    """One scenario on one world, and what was found on the way."""

    world: World
    choice: Choice
    say: Callable[[str], None]
    tally: Tally = Tally()
    blows: int = 0
    wrong: list[str] = field(default_factory=list)

    def through(self, stages: Sequence[Stage]) -> None:
        """Go through all stages; strike each blow that was chosen, and then go on as if it had not been."""
        for stage in stages:
            self.world.ahead += BETWEEN_STAGES
            stage.happens(self.world)
            before = self.world.keep()
            self.world.bring_back(before)
            calm = self._calm(stage)
            usual = frozenset(differences(self.world))
            after = self.world.keep()
            blows = self.choice(stage, calm.passed)
            for blow in blows:
                self.world.bring_back(before)
                self._strike(stage, blow, usual)
            self.world.bring_back(after)
            self.say(f"{stage.name}: {len(blows)} blows at {len(calm.passed)} points; so far {self.tally}")

    def _calm(self, stage: Stage) -> Ending:
        """Do a stage without a crash, and write down the boundaries on the way."""
        code, ending = self.world.order(Live(stage.deed, self.world.ahead))
        assert code == 0, f"«{stage.name}» does not even work where nobody dies"
        assert ending is not None
        assert ending.calm, f"«{stage.name}» does not come to its end where nobody dies: {ending}"
        unexplained = [each for each in differences(self.world) if person_of(each) not in ending.explained]
        assert unexplained == [], f"«{stage.name}» leaves differences that no row explains"
        return ending

    def _strike(self, stage: Stage, blow: Blow, usual: frozenset[str]) -> None:
        self.blows += 1
        code, first = self.world.order(Live(stage.deed, self.world.ahead, blow))
        again, last = self.world.order(TakeOver(_asked_again(stage, blow), self.world.ahead))
        met = code == DIED if blow.fate is Fate.DIES else (code == 0 and first is not None and first.struck)
        calm = again == 0 and last is not None and last.calm
        others, doubled = self._others(usual, last), self._doubled()
        counters = self.world.app.counters
        found = Tally(
            attempted=counters.writes,
            acknowledged=sum(counters.requests(word, status=status) for word, status in AGREED),
            ok=len(self.world.personio.truth().people) - len(others),
            lost=len(others),
            duplicated=len(doubled),
            recovered=int(calm),
            unexpected=int(not met) + int(not calm),
        )
        self.tally += found
        if not found.clean:
            self._complain(
                f"{stage.name}, {blow.fate.value} {blow.point}: exits {code} and {again}, other than usual"
                f" {sorted(others)}, doubled {doubled}, {last and replace(last, passed=())}"
            )

    def _complain(self, words: str) -> None:
        """Say what is wrong at once, and keep it for the end: a whole walk takes long."""
        self.say(f"WRONG {words}")
        self.wrong.append(words)

    def _others(self, usual: frozenset[str], ending: Ending | None) -> frozenset[str]:
        """Find the people who did not end as they end in calm, and those whom no row explains."""
        differ = frozenset(differences(self.world))
        explained = ending.explained if ending else frozenset()
        return frozenset(map(person_of, differ ^ usual)) | (frozenset(map(person_of, differ)) - explained)

    def _doubled(self) -> list[str]:
        overlaps = [f"writes to {one} overlapped" for one in self.world.app.counters.overlapping_writes]
        return [*harm(self.world), *map(str, doubled_writes(self.world)), *overlaps]


def _asked_again(stage: Stage, blow: Blow) -> str | None:
    """Let the operator repeat what was not heard, or what ended with an error before their eyes."""
    asked = blow.point.name.startswith(f"{stage.deed}: ")
    whole = not stage.in_batches and not blow.point.name.endswith(": before commit")
    heard = blow.fate is Fate.DIES and whole
    return stage.deed if asked and not heard else None


def person_of(difference: str) -> str:
    """Tell whom a difference is about."""
    return difference.split(" ", 1)[0]


@contextmanager
def world(personio: PersonioSimulator, app: ScimSimulator, place: Place) -> Iterator[World]:
    """Be ready to start processes that have everything loaded."""
    context = multiprocessing.get_context("spawn")
    line, theirs = context.Pipe()
    parent = context.Process(target=serve, args=(place, theirs), daemon=True)
    parent.start()
    theirs.close()
    client = connect(place.redis_url)
    try:
        yield World(personio, app, place, shelf_of(place.database_url), client, line)
    finally:
        line.close()
        parent.join(PATIENCE_SECONDS)
        client.flushdb()
        client.close()
