"""Build dramatiq's Redis broker with every dangerous default overridden here, and nowhere else.

default                   what it does (measured)                       ours
maintenance_chance 0.1 %  a killed worker's messages return late        every command looks
Retries                   retries wait in worker memory and are lost    none: due times live in the store
dead_message_ttl 7 days   dead letters vanish                           rows of `letters`, none in Redis
one undecodable body      the consumer crashes, its batch is stranded   moved aside, written down, told
redis.Redis from a URL    no retries on a broken connection             `adapters.redis.connect` retries
prefetch 2 × threads      a stopped worker hoards messages              one message a thread, one at a time
polling with pauses       every hop waits for up to a second            `adapters.queue.doorbell` wakes one
"""

import time
from datetime import timedelta
from typing import Any, cast

import dramatiq
import redis
from dramatiq.middleware import Middleware

from adapters.queue.doorbell import DoorbellBroker, NoteLetter
from domain.codes import Code
from domain.errors import TemporaryError
from domain.events import Queue

NAMESPACE = "{staffetta}"
"""The braces keep all keys in one slot, so that a Redis cluster serves them too."""

HEARTBEAT = timedelta(seconds=60)
EVERY_COMMAND = 1_000_000
PAUSE_S = 1.0
"""So long a thread rests before a message goes back that can be neither done nor written down."""


class DeadLetters(Middleware):
    """Write down what failed, and keep it on the queue while it cannot be written down.

    dramatiq alone acks a failed message when nothing retries it, and forgets its own dead letters after a
    week. None is left to it here.
    """

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
        """Write a failed message down with the kind of its failure, of which no text is kept anywhere."""
        del result
        if exception is None:
            return
        if isinstance(exception, TemporaryError) or not self._noted(message, type(exception).__name__):
            time.sleep(PAUSE_S)
            cast("DoorbellBroker", broker).do_requeue(message.queue_name, message.options["redis_message_id"])

    def _noted(self, message: "dramatiq.broker.MessageProxy", kind: str) -> bool:
        try:
            self._note(Code.INTERNAL, kind, message.encode())
        except Exception:  # noqa: BLE001  whatever hinders writing it down, the message stays on its queue
            return False
        return True


def build_broker(client: redis.Redis, note: NoteLetter | None = None) -> DoorbellBroker:
    """Build a broker over a client that retries. `note` is given by workers; producers have no letters."""
    broker = DoorbellBroker(
        note=note,
        client=client,
        middleware=[DeadLetters(note)] if note else [],
        namespace=NAMESPACE,
        maintenance_chance=EVERY_COMMAND,
        heartbeat_timeout=int(HEARTBEAT.total_seconds() * 1000),
    )
    for queue in Queue:
        broker.declare_queue(queue.value)
    return broker
