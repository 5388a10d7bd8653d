"""Find the Redis of this installation: the one that was named, or the embedded one of this folder."""

from adapters.redis.embedded import EmbeddedServer, answering, start_embedded
from adapters.redis.embedded_folder import prepare_folder, read_record
from bootstrap.settings import Settings


class NoRedisError(Exception):
    """Say that nothing answers, and how to start it."""


def redis_url_of(settings: Settings) -> str:
    """Return the URL of a Redis that should be there already; raises NoRedisError if none is."""
    if settings.redis_url is not None:
        return settings.redis_url
    record = read_record(prepare_folder(settings.redis_folder))
    if record is None or not answering(record.url):
        raise NoRedisError("Staffetta is not running here. Start it with: staffetta up")
    return record.url


def embedded(settings: Settings) -> EmbeddedServer | None:
    """Start the embedded server, or adopt the one of this folder; None where another Redis is named."""
    return None if settings.redis_url is not None else start_embedded(settings.redis_folder)
