"""What goes wrong, how often, and what happened so far: shared by everything in one story."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from adapters.database.errors import StoreAwayError
from tests.simulation.stage import MORNING, Process, Stage, TurnedClock, WorkerDiedError


@dataclass
class Weather:
    """How likely each misfortune is at each border; all zero is a fine day.

    `freeze_in_hand` is for the border between taking a row and sending it: whoever stands still there may be
    overtaken, which chance alone brings about hardly ever.
    """

    death: float = 0.0
    freeze: float = 0.0
    freeze_in_hand: float = 0.0
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
SELDOM = 0.15
"""Where one process stands still, the others mostly go on: only so is it overtaken."""


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
    asleep_until: datetime = MORNING
    overtake: Callable[[Process], None] | None = None
    """What the others do while a process stands still."""

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

    def border(self, process: Process, what: str, *, freezes: bool = True, in_hand: bool = False) -> None:
        """Stand at a border between the house and the world, where the worker may die or be overtaken."""
        if self.chance(self.weather.death):
            self.die(process, what)
        freeze = self.weather.freeze_in_hand if in_hand else self.weather.freeze
        if self.asleep_until > self.clock.at:
            freeze *= SELDOM
        if freezes and self.chance(freeze):
            seconds = self.dice.choice([100, 200, 1000] if in_hand else [5, 30, 60, 100, 1000, 4000])
            self.say(f"stands still for {seconds} s {what}")
            process.frozen_until = self.clock.at + timedelta(seconds=seconds)
            self.asleep_until = max(self.asleep_until, process.frozen_until)
            if self.overtake is not None:
                self.overtake(process)
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
