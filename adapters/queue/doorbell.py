"""Wake exactly one idle process when a message comes, instead of letting all of them look again and again.

A bell is a short list beside its queue. Whoever rings adds an element; an idle consumer blocks on it. It is a
hint and no more: messages are found without it at the next look, so a ring may be lost, doubled or forgotten.
"""

import contextlib
import time

import redis
from dramatiq import Message, MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.errors import ConnectionClosed

BELL = "{staffetta}:bell:"
KEPT = 64
"""So many rings are kept for consumers that were busy; more would only be looked after in vain."""

FORGOTTEN_AFTER_S = 60
PASSING = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.MasterDownError,
)
"""A server that is away, loads its data, or is a replica until somebody promotes it: dramatiq tries again."""

HEAD_START_S = 0.02
"""So long a busy process leaves a new message to an idle one."""


class DoorbellConsumer(_RedisConsumer):
    """Take one message at a time, the first at the bell, further ones only if no idle process wants them.

    So the envelopes of one company spread over processes, and over processors. The worker still takes as many
    messages as it has threads.
    """

    def __init__(self, broker: "DoorbellBroker", queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, 0)  # type: ignore[no-untyped-call]  # dramatiq's
        self._most = prefetch
        self._idle_s = timeout / 1000

    def __next__(self) -> "MessageProxy | None":
        """Return the next message, or None after a while without one."""
        outstanding = self.outstanding_message_count
        if outstanding:
            time.sleep(HEAD_START_S)
        self.prefetch = min(self._most, outstanding + 1)
        try:
            message: MessageProxy | None = super().__next__()  # type: ignore[no-untyped-call]  # dramatiq's
            if message is None and not self.outstanding_message_count:
                self._wait()
        except PASSING as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]  # dramatiq's
        return message

    def _wait(self) -> None:
        if self.queue_name not in self.broker.queues:  # delayed messages, of which we send none
            time.sleep(self._idle_s)
            return
        self.broker.client.blpop([BELL + self.queue_name], timeout=self._idle_s)


class DoorbellBroker(RedisBroker):
    """Let dramatiq's own broker ring for each message, and hand out consumers that listen for the bell."""

    def enqueue(self, message: "Message[None]", *, delay: int | None = None) -> "Message[None]":
        """Put a message on its queue and wake somebody idle; without the bell it is found a little later."""
        if delay is not None:
            raise ValueError("no message is delayed here: due times live in the store")
        enqueued: Message[None] = super().enqueue(message)
        with contextlib.suppress(redis.RedisError):
            self._ring(BELL + enqueued.queue_name)
        return enqueued

    def waiting(self, queue_name: str) -> int:
        """Count the messages that nobody has taken yet; none if the queue is away."""
        try:
            return int(self.client.llen(f"{self.namespace}:{queue_name}"))
        except redis.RedisError:
            return 0

    def _ring(self, bell: str) -> None:
        pipeline = self.client.pipeline(transaction=False)
        pipeline.rpush(bell, 1)
        pipeline.ltrim(bell, -KEPT, -1)
        pipeline.expire(bell, FORGOTTEN_AFTER_S)
        pipeline.execute()

    @property
    def consumer_class(self) -> type[DoorbellConsumer]:
        """Return the consumer that `consume` builds."""
        return DoorbellConsumer
