"""Notice that Redis was emptied: a key that only we write, and that vanishes with everything else."""

import redis

KEY = "{staffetta}:epoch"


class RedisEpoch:
    """Read and write the epoch of this Redis; all rung bells of another epoch are lost."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def read(self) -> str | None:
        """Return the epoch, or None if this Redis is new or was emptied. Raises RedisError."""
        found = self._client.get(KEY)
        return found.decode() if isinstance(found, bytes) else None

    def write(self, epoch: str) -> None:
        """Begin an epoch, unless somebody just did."""
        self._client.set(KEY, epoch, nx=True)
