"""Ring doorbells over dramatiq; a queue that is away costs time, never a change."""

from collections.abc import Sequence

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerError

from adapters.queue.codec import encode
from adapters.queue.envelope import ACTOR
from adapters.queue.rung import Rung
from domain.events import Event, queue_of
from schemas.log_line import Action, LogEvent


class RedisPublisher:
    """Enqueue one message per event. Failures are logged and left to the sweeper.

    `rung` remembers what lies in the queues. `again` is for the sweeper itself: it rings only for what has
    no bell there any more.
    """

    def __init__(
        self, broker: RedisBroker, log: LogEvent, rung: Rung | None = None, *, again: bool = False
    ) -> None:
        self._broker = broker
        self._log = log
        self._again = again
        self._rung = rung

    def ring(self, events: Sequence[Event]) -> None:
        """Put events on their queues, in order."""
        for event in events:
            try:
                self._put(event)
            except (redis.RedisError, BrokerError) as error:
                self._log(Action.BELL_LOST, tenant_id=event.tenant_id, error_type=type(error).__name__)
                return

    def _put(self, event: Event) -> None:
        if self._again and self._rung is not None and self._rung.waits(event):
            return
        message = self._broker.enqueue(_message(event))
        self._log(
            Action.EVENT_EMITTED,
            tenant_id=event.tenant_id,
            queue=message.queue_name,
            operation="send",
            message_id=message.message_id,
        )
        if self._rung is not None:
            self._rung.remember(event, str(message.options["redis_message_id"]))


def _message(event: Event) -> "dramatiq.Message[None]":
    return dramatiq.Message(
        queue_name=queue_of(event).value, actor_name=ACTOR, args=(encode(event),), kwargs={}, options={}
    )
