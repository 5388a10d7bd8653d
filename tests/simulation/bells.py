"""The queue: it loses bells, rings them twice, late and in any order; all of it may vanish."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.queue.codec import encode
from domain.events import Event, queue_of
from tests.simulation.company import SECRET_MARK
from tests.simulation.stage import Process
from tests.simulation.world import World

LONGEST_DELAY_S = 90


@dataclass
class Bell:
    """One message on its way. The payload is what Redis would hold."""

    payload: dict[str, object]
    queue: str
    due_at: datetime


@dataclass
class Redis:
    """Everything that would be lost with Redis: the bells and the epoch."""

    bells: list[Bell] = field(default_factory=list)
    epoch: str | None = None

    def lose(self) -> None:
        """Lose all of it."""
        self.bells.clear()
        self.epoch = None

    def read(self) -> str | None:
        """Return the epoch."""
        return self.epoch

    def write(self, epoch: str) -> None:
        """Begin an epoch unless there is one."""
        self.epoch = self.epoch or epoch


class StagedPublisher:
    """Ring as one process of the story; raises nothing when the queue is away."""

    def __init__(self, redis: Redis, world: World, process: Process) -> None:
        self._redis = redis
        self._world = world
        self._process = process

    def ring(self, events: Sequence[Event]) -> None:
        """Put events on their queues, each as the dice wants it."""
        for event in events:
            self._world.border(self._process, "before it rings")
            payload = encode(event)
            text = json.dumps(payload)
            if SECRET_MARK in text:
                self._world.fail("promise 7: a bell tells something of a person")
            self._put(Bell(payload, queue_of(event).value, self._world.clock.at))

    def _put(self, bell: Bell) -> None:
        world, weather = self._world, self._world.weather
        if world.chance(weather.drop):
            world.say(f"a bell is lost: {bell.payload['type']}")
            return
        for _ in range(2 if world.chance(weather.double) else 1):
            late = world.dice.uniform(1, LONGEST_DELAY_S) if world.chance(weather.delay) else 0
            self._redis.bells.append(Bell(bell.payload, bell.queue, bell.due_at + timedelta(seconds=late)))
