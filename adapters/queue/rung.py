"""Remember which bells still lie in their queues, so that the sweeper rings for nothing twice.

While nobody takes messages, each sweep would add the same bells again; after half an hour a tenant's window
would lie there thirty times.
"""

import hashlib
import json

import redis

from adapters.queue.broker import NAMESPACE
from adapters.queue.codec import encode
from domain.events import EmployeeChanged, Event, queue_of

KEPT = 4
"""So many of the last bells of one matter are remembered."""

FORGOTTEN_AFTER_S = 600
"""The sweeper looks much more often, and remembers anew what still lies there."""


class Rung:
    """Know for each matter which messages rang for it last, and whether they still wait for a worker.

    `envelopes` of one tenant and queue may lie there. A message that a worker took is none that waits, also
    if that worker died with it.
    """

    def __init__(self, client: redis.Redis, envelopes: int) -> None:
        self._client = client
        self._envelopes = envelopes

    def remember(self, event: Event, message_id: str) -> None:
        """Note that a message rings for this. Raises RedisError."""
        key = self._key(event)
        pipeline = self._client.pipeline(transaction=False)
        pipeline.lpush(key, message_id)
        pipeline.ltrim(key, 0, KEPT - 1)
        pipeline.expire(key, FORGOTTEN_AFTER_S)
        pipeline.execute()

    def waits(self, event: Event) -> bool:
        """Tell whether enough bells for this lie in the queue already. Raises RedisError."""
        key, most = self._key(event), self._envelopes if isinstance(event, EmployeeChanged) else 1
        known = [
            each.decode() if isinstance(each, bytes) else each for each in self._client.lrange(key, 0, -1)
        ]
        if not known:
            return False
        pipeline = self._client.pipeline(transaction=False)
        for message_id in known:
            pipeline.lpos(f"{NAMESPACE}:{queue_of(event).value}", message_id)
        pipeline.expire(key, FORGOTTEN_AFTER_S)
        *places, _ = pipeline.execute()
        return sum(place is not None for place in places) >= most

    def _key(self, event: Event) -> str:
        """Name a matter: all envelopes of one tenant and queue are one, each other event is its own."""
        queue = queue_of(event).value
        if isinstance(event, EmployeeChanged):
            return f"{NAMESPACE}:rung:{queue}:{event.tenant_id}"
        told = json.dumps(encode(event), sort_keys=True, default=str)
        return f"{NAMESPACE}:rung:{queue}:{hashlib.sha256(told.encode()).hexdigest()[:24]}"
