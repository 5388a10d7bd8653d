"""Tell which of our processes are alive: each one renews a key that forgets itself."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import redis

PREFIX = "{staffetta}:up:"
LIFETIME = timedelta(seconds=6)
MILLISECOND = timedelta(milliseconds=1)


class Presence:
    """Show that a process lives, and see which roles do."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def beat(self, role: str, instance: str, now: datetime) -> None:
        """Renew the sign of life of one process, with the time by its own clock. Raises RedisError."""
        told = now.astimezone(UTC).isoformat()
        self._client.set(f"{PREFIX}{role}:{instance}", told, px=LIFETIME // MILLISECOND)

    def leave(self, role: str, instance: str) -> None:
        """Take the sign of life away on a clean stop. Raises RedisError."""
        self._client.delete(f"{PREFIX}{role}:{instance}")

    def roles(self) -> frozenset[str]:
        """Return the roles that at least one living process has. Raises RedisError."""
        keys = self._client.scan_iter(match=f"{PREFIX}*", count=500)
        return frozenset(key.decode().removeprefix(PREFIX).split(":")[0] for key in keys)

    def here(self, role: str, host: str) -> bool:
        """Tell whether a living process of a role runs on this host or container. Raises RedisError."""
        keys = self._client.scan_iter(match=f"{PREFIX}{role}:*", count=500)
        return any(key.decode().startswith(f"{PREFIX}{role}:{host}-") for key in keys)

    def skews(self) -> Mapping[str, timedelta]:
        """Tell by how much the clock of each living process is ahead of that of Redis. Raises RedisError."""
        found: dict[str, timedelta] = {}
        for key in self._client.scan_iter(match=f"{PREFIX}*", count=500):
            with self._client.pipeline(transaction=True) as pipe:
                pipe.get(key)
                pipe.pttl(key)
                pipe.time()
                told, left, (seconds, micros) = pipe.execute()
            if told is not None and left >= 0:
                age = LIFETIME - int(left) * MILLISECOND
                here = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(micros))
                name = key.decode().removeprefix(PREFIX).replace(":", " on ", 1)
                found[name] = datetime.fromisoformat(told.decode()) + age - here
        return found
