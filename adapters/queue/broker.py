"""Build dramatiq's Redis broker with every dangerous default overridden here, and nowhere else.

default                   what it does (measured)                       ours
maintenance_chance 0.1 %  a killed worker's messages return late        every command looks
Retries                   retries wait in worker memory and are lost    none: due times live in the store
dead_message_ttl 7 days   dead letters vanish                           rows of `letters` are the record
redis.Redis from a URL    no retries on a broken connection             `adapters.redis.connect` retries
prefetch 2 × threads      a stopped worker hoards messages              one message a thread, one at a time
polling with pauses       every hop waits for up to a second            `adapters.queue.doorbell` wakes one
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dramatiq
import redis
from dramatiq.middleware import Middleware

from adapters.queue.doorbell import DoorbellBroker
from domain.events import Queue

NAMESPACE = "{staffetta}"
"""The braces keep all keys in one slot, so that a Redis cluster serves them too."""

HEARTBEAT = timedelta(seconds=60)
EVERY_COMMAND = 1_000_000

NoteLetter = Callable[[str, str, bytes], None]
"""Called with message id, kind of failure, and the message as it was on the queue."""


class DeadLetters(Middleware):
    """Nack what failed, and write it down: dramatiq alone acks a failed message when nothing retries it."""

    def __init__(self, note: NoteLetter) -> None:
        self._note = note

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: "dramatiq.broker.MessageProxy",
        *,
        result: Any = None,  # noqa: ANN401  the signature is dramatiq's
        exception: BaseException | None = None,
    ) -> None:
        """Mark a failed message so that the broker moves it aside, with the kind of failure only."""
        del broker, result
        if exception is not None:
            message.options["failure"] = type(exception).__name__
            message.fail()

    def after_nack(self, broker: dramatiq.Broker, message: "dramatiq.broker.MessageProxy") -> None:
        """Write down every dead letter: failed, unknown actor, whatever the reason."""
        del broker
        failure = str(message.options.get("failure", "UnknownActor"))
        self._note(message.message_id, failure, message.encode())


def build_broker(client: redis.Redis, note: NoteLetter | None = None) -> DoorbellBroker:
    """Build a broker over a client that retries. `note` is given by workers; producers have no letters."""
    broker = DoorbellBroker(  # type: ignore[no-untyped-call]  # dramatiq does not annotate it
        client=client,
        middleware=[DeadLetters(note)] if note else [],
        namespace=NAMESPACE,
        maintenance_chance=EVERY_COMMAND,
        heartbeat_timeout=int(HEARTBEAT.total_seconds() * 1000),
    )
    for queue in Queue:
        broker.declare_queue(queue.value)
    return broker
