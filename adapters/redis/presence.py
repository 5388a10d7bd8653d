"""Tell which of our processes are alive: each one renews a key that forgets itself."""

import redis

PREFIX = "{staffetta}:up:"
LIFETIME_SECONDS = 6


class Presence:
    """Show that a process lives, and see which roles do."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def beat(self, role: str, instance: str) -> None:
        """Renew the sign of life of one process. Raises RedisError."""
        self._client.set(f"{PREFIX}{role}:{instance}", "1", ex=LIFETIME_SECONDS)

    def leave(self, role: str, instance: str) -> None:
        """Take the sign of life away on a clean stop. Raises RedisError."""
        self._client.delete(f"{PREFIX}{role}:{instance}")

    def roles(self) -> frozenset[str]:
        """Return the roles that at least one living process has. Raises RedisError."""
        keys = self._client.scan_iter(match=f"{PREFIX}*", count=500)
        return frozenset(key.decode().removeprefix(PREFIX).split(":")[0] for key in keys)
