"""What goes wrong, how often, and what happened so far: shared by everything in one story."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from adapters.database.errors import StoreAwayError
from tests.simulation.stage import MORNING, Process, Stage, TurnedClock, WorkerDiedError


@dataclass
class Weather:
    """How likely each misfortune is at each border; all zero is a fine day."""

    death: float = 0.0
    freeze: float = 0.0
    store_away: float = 0.0
    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    refuse: float = 0.0
    lost_request: float = 0.0
    lost_reply: float = 0.0
    slow: float = 0.0
    lost_redis: float = 0.0


FINE = Weather()


@dataclass
class World:
    """The dice, the clock, the weather and the memory of one story."""

    seed: int
    dice: Random = field(init=False)
    clock: TurnedClock = field(default_factory=TurnedClock)
    stage: Stage = field(init=False)
    weather: Weather = field(default_factory=Weather)
    history: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)  # noqa: S311  a story that can be told again
        self.stage = Stage(self.dice, self.clock)

    def say(self, what: str) -> None:
        """Remember what happened; ids only, as everywhere in this house."""
        since = self.clock.at - MORNING
        who = self.stage.here.process.name if self.stage.here else "·"
        self.history.append(f"{since!s:>18.15}  {who:<12} {what}")

    def fail(self, what: str) -> None:
        """Remember that a promise was broken, once."""
        if what not in self.failures:
            self.failures.append(what)
            self.say(f"BROKEN  {what}")

    def chance(self, likely: float) -> bool:
        """Throw the dice; what cannot happen throws none."""
        return likely > 0 and self.dice.random() < likely

    def border(self, process: Process, what: str, *, freezes: bool = True) -> None:
        """Stand at a border between the house and the world, where the worker may die or be overtaken."""
        if self.chance(self.weather.death):
            self.die(process, what)
        if freezes and self.chance(self.weather.freeze):
            seconds = self.dice.choice([5, 30, 60, 100, 1000, 4000])
            self.say(f"stands still for {seconds} s {what}")
            process.frozen_until = self.clock.at + timedelta(seconds=seconds)
        self.stage.pause()

    def die(self, process: Process, what: str) -> None:
        """Kill the process in which this happens."""
        self.say(f"dies {what}")
        self.stage.kill(process)
        raise WorkerDiedError

    def store_fails(self, what: str) -> None:
        """Let the store be away at this moment."""
        if self.chance(self.weather.store_away):
            self.say(f"finds the store away {what}")
            raise StoreAwayError("simulated: the store is away")
