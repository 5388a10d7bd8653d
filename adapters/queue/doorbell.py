"""Wake exactly one idle process when a message comes, instead of letting all of them look again and again.

A bell is a short list beside its queue. Whoever rings adds an element; an idle consumer blocks on it. It is a
hint and no more: messages are found without it at the next look, so a ring may be lost, doubled or forgotten.
"""

import contextlib
import time
from collections.abc import Callable
from threading import Event
from typing import Any, TypeAlias, cast

import redis
from dramatiq import Message, MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.errors import ConnectionClosed

from adapters.queue.envelope import NotOursError, open_envelope, plainly
from domain.codes import Code

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
"""So long a busy process leaves a new message to an idle one; no longer than it is busy."""

STORE_AWAY_S = 1.0
"""So long a process waits where a foreign body cannot be written down: the store is away for its work too."""

Taken: TypeAlias = tuple[bytes, bytes]
"""The id under which a message lies, and the message."""

NoteLetter: TypeAlias = Callable[[Code, str, bytes], None]
"""Writes down a dead message: its cause, a detail without any content, and the message as it was."""

TAKE = b"""

if command == "take" then
    local message_id = redis.call("lpop", queue_full_name)
    if not message_id then
        return {}
    end
    redis.call("sadd", queue_acks, message_id)
    return {message_id, redis.call("hget", queue_messages, message_id)}
end
"""
"""One more command at the end of dramatiq's script, which has looked after heartbeats before."""


class DoorbellConsumer(_RedisConsumer):
    """Take one message at a time, the first at the bell, further ones only if no idle process wants them.

    So the envelopes of one company spread over processes, and over processors. The worker still takes as many
    messages as it has threads. What is no message of ours is moved aside, and the next one is taken.
    """

    head_start_s = HEAD_START_S

    def __init__(self, broker: "DoorbellBroker", queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, 0)  # type: ignore[no-untyped-call]  # dramatiq's
        self._idle_s = timeout / 1000
        self._foreign: Taken | None = None
        self._done = Event()

    def __next__(self) -> "MessageProxy | None":
        """Return the next message, or None after a while without one."""
        self._done.clear()
        if self.outstanding_message_count:
            self._done.wait(self.head_start_s)
        outstanding = self.outstanding_message_count
        try:
            message = self._take() if outstanding < self.prefetch else None
            if message is None and not self.outstanding_message_count:
                self._wait()
        except PASSING as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]  # dramatiq's
        return message

    def ack(self, message: "MessageProxy") -> None:
        """Put a message off the queue; who has nothing else in hand gives nobody a head start any more."""
        try:
            super().ack(message)  # type: ignore[no-untyped-call]  # dramatiq's
        finally:
            if not self.outstanding_message_count:
                self._done.set()

    def _take(self) -> "MessageProxy | None":
        """Take messages until one is ours. One that cannot be written down waits here, and we with it."""
        while True:
            taken = self._foreign or self._fetch()
            if taken is None:
                return None
            try:
                message = self._opened(taken)
            except NotOursError as error:
                self._foreign = taken
                if not self._move_aside(taken, str(error)):
                    time.sleep(STORE_AWAY_S)
                    return None
                self._foreign = None
                continue
            self.queued_message_ids.add(message.message_id)
            return MessageProxy(message)

    def _fetch(self) -> "Taken | None":
        """Take an id and what belongs to it; an id without a message was finished by somebody else."""
        while True:
            found = self.broker.do_take(self.queue_name)
            if not found:
                return None
            if found[1] is not None:
                return found[0], found[1]
            self.broker.do_ack(self.queue_name, found[0])

    def _opened(self, taken: "Taken") -> "Message[None]":
        """Make a message of what was taken. Its id is the one under which it lies, whatever it says."""
        redis_id, body = taken
        envelope = open_envelope(body)
        if envelope.queue != self.queue_name or self.queue_name not in self.broker.queues:
            raise NotOursError(f"a message for queue {plainly(envelope.queue)} on another one")
        if envelope.actor not in self.broker.actors:
            raise NotOursError(f"a message for actor {plainly(envelope.actor)}, which is not known here")
        try:
            own_id = redis_id.decode()
        except UnicodeDecodeError:
            raise NotOursError("a message under an unreadable id") from None
        return Message(
            queue_name=self.queue_name,
            actor_name=envelope.actor,
            args=(envelope.payload,),
            kwargs={},
            options={"redis_message_id": own_id},
            message_id=envelope.message_id,
        )

    def _move_aside(self, taken: "Taken", why: str) -> bool:
        """Write a foreign body down, then forget it here; False while it cannot be written down."""
        redis_id, body = taken
        try:
            self.broker.note(Code.MESSAGE_UNKNOWN, why, body)
        except Exception:  # noqa: BLE001  whatever hinders writing it down, the body stays where it is
            return False
        self.broker.do_ack(self.queue_name, redis_id)
        return True

    def _wait(self) -> None:
        if self.queue_name not in self.broker.queues:  # delayed messages, of which we send none
            time.sleep(self._idle_s)
            return
        self.broker.client.blpop([BELL + self.queue_name], timeout=self._idle_s)


class DoorbellBroker(RedisBroker):
    """Let dramatiq's own broker ring for each message, and hand out consumers that listen for the bell.

    Its script learns to hand out a message together with the id under which it lies: what lies there may
    say anything of itself. `note` writes down what is no message of ours.
    """

    def __init__(self, *, note: NoteLetter | None, **options: Any) -> None:  # noqa: ANN401  dramatiq's own
        super().__init__(**options)  # type: ignore[no-untyped-call]  # dramatiq's
        self.note: NoteLetter = note or _nobody_notes
        learned = cast("bytes", self.scripts["dispatch"].script) + TAKE  # read by dramatiq from its own file
        self.scripts = {**self.scripts, "dispatch": self.client.register_script(learned)}

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


def _nobody_notes(_code: Code, _detail: str, _body: bytes) -> None:
    raise LookupError("only workers consume, and they write down what is no message")
