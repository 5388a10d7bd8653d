"""Ask Redis how full its memory is: one that is full refuses messages, and the word that they are done."""

import redis

from domain.fullness import Fullness


def fullness(client: redis.Redis) -> Fullness:
    """Return what is used and allowed, as INFO tells it; 0 of 0 where it tells nothing. Raises RedisError."""
    told = client.info("memory")
    return Fullness(int(told.get("used_memory", 0)), int(told.get("maxmemory", 0)))
