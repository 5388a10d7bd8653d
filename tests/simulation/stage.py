"""One actor moves at a time, and a dice says who: a baton is handed on, over a clock that we turn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from greenlet import getcurrent, greenlet

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MOST_STEPS = 8_000
"""More than the longest healthy story takes by far: who needs more is ringing for ever."""


class WorkerDiedError(BaseException):
    """Stand for kill -9: nobody in the house may catch it."""


class RingsForEverError(Exception):
    """Say that the house did not come to rest."""


class TurnedClock:
    """Tell the time that the stage turns to."""

    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        """Return the present moment of the story."""
        return self.at


class Process:
    """A process of the house: whatever runs in it dies together, and stands still together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False
        self.frozen_until = MORNING


class Actor:
    """One flow of control, such as a message being handled or one call of an envelope."""

    def __init__(self, name: str, process: Process, act: Callable[[], object]) -> None:
        self.name = name
        self.process = process
        self.act = act
        self.done = False
        self.in_flight = False
        self.failure: BaseException | None = None
        self.wakes_at = MORNING
        self.until: Callable[[], bool] | None = None
        self.scene: greenlet | None = None

    def is_ready(self, now: datetime) -> bool:
        """Tell whether it could go on now."""
        if self.process.dead:
            return True
        if self.process.frozen_until > now and not self.in_flight:
            return False
        return self.wakes_at <= now or (self.until is not None and self.until())

    @property
    def frozen_until(self) -> datetime:
        """Tell until when its process stands still; what was sent before that travels on."""
        return MORNING if self.in_flight else self.process.frozen_until


NEVER = datetime.max.replace(tzinfo=UTC)


class Stage:
    """Let actors take turns at the borders of the ports, in an order that only the seed decides."""

    def __init__(self, dice: Random, clock: TurnedClock) -> None:
        self.dice = dice
        self.clock = clock
        self.actors: list[Actor] = []
        self.here: Actor | None = None
        self.steps = 0
        self._driver = getcurrent()

    def enter(self, name: str, process: Process, act: Callable[[], object]) -> Actor:
        """Bring an actor in; it begins when it is chosen."""
        actor = Actor(name, process, act)
        actor.wakes_at = self.clock.at
        self.actors.append(actor)
        return actor

    def step(self, limit: datetime) -> bool:
        """Let one actor go on to its next border; False if none can before the limit.

        The clock is turned on where all of them wait.
        """
        ready = [actor for actor in self.actors if actor.is_ready(self.clock.at)]
        if not ready:
            return self._turn_on(limit)
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise RingsForEverError(f"{MOST_STEPS} steps were not enough")
        self._hand_to(ready[self.dice.randrange(len(ready))] if len(ready) > 1 else ready[0])
        return True

    def pause(self) -> None:
        """Stand at a border: others may go on first."""
        self.sleep(0)

    def sleep(self, seconds: float, *, stays: bool = True) -> None:
        """Go on no earlier than then; called by actors. Who does not stay lets bells be handed out."""
        me = self.here
        wakes_at = self.clock.at + timedelta(seconds=seconds)
        if me is None:
            self.clock.at = wakes_at
            return
        if stays and self._stays(me, wakes_at):
            self.clock.at = max(self.clock.at, wakes_at)
            return
        me.wakes_at, me.until = wakes_at, None
        self._hand_back(me)

    def wait_until(self, met: Callable[[], bool], at_most: float | None = None) -> None:
        """Go on when something is so, or when so many seconds are over; called by actors."""
        me = self.here
        if met():
            return
        if me is None:
            raise RingsForEverError("the driver cannot wait for an actor")
        me.wakes_at = NEVER if at_most is None else self.clock.at + timedelta(seconds=at_most)
        me.until = met
        self._hand_back(me)
        me.until = None

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Mark what is on its way to the outside world: that does not stand still with its sender."""
        me = self.here
        if me is not None:
            me.in_flight = True
        try:
            yield
        finally:
            if me is not None:
                me.in_flight = False

    def kill(self, process: Process) -> None:
        """End a process: whatever runs in it stops at its next border."""
        process.dead = True

    def _stays(self, me: Actor, wakes_at: datetime) -> bool:
        """Spare the change of hands where nobody else could move before, or by the dice."""
        if me.process.dead or me.frozen_until > wakes_at:
            return False
        for each in self.actors:
            if each is not me and each.is_ready(wakes_at):
                return wakes_at == self.clock.at and self.dice.random() < 0.4
        return True

    def _next_moment(self, actor: Actor) -> datetime:
        if actor.process.dead:
            return self.clock.at
        return max(actor.wakes_at, actor.frozen_until)

    def _turn_on(self, limit: datetime) -> bool:
        moments = [self._next_moment(actor) for actor in self.actors]
        if not moments or min(moments) > limit:
            return False
        self.clock.at = max(self.clock.at, min(moments))
        return True

    def _hand_to(self, actor: Actor) -> None:
        """Let an actor go on until it hands back or is done; only the driver does this."""
        self.here = actor
        if actor.scene is None:
            actor.scene = greenlet(partial(self._play, actor))
        actor.scene.switch()
        self.here = None
        if actor.done:
            self.actors.remove(actor)
            if actor.failure is not None and not isinstance(actor.failure, WorkerDiedError):
                raise actor.failure

    def _hand_back(self, me: Actor) -> None:
        self._driver.switch()
        self.here = me
        if me.process.dead:
            raise WorkerDiedError

    def _play(self, actor: Actor) -> None:
        try:
            if not actor.process.dead:
                actor.act()
        except BaseException as failure:  # noqa: BLE001  the driver raises it again
            actor.failure = failure
        actor.done = True

    def abandon(self) -> None:
        """End every actor, so that none is left hanging behind a story that broke off."""
        for actor in list(self.actors):
            actor.process.dead = True
        while self.actors:
            try:
                self._hand_to(self.actors[0])
            except Exception:  # noqa: BLE001, S112  the story is over; its failure is told already
                continue
