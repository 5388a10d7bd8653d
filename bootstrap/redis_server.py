"""Find the Redis of this installation: the one that was named, or the embedded one, which is looked after."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import redis

from adapters.redis.connect import check_server, connect
from adapters.redis.embedded import EmbeddedServer, EmbeddedServerError, answering, start_embedded
from adapters.redis.embedded_folder import prepare_folder, read_record
from bootstrap.settings import Settings

ASK_EVERY_SECONDS = 2.0
SILENCES = 5
"""How many questions in a row may stay without an answer: a disk may hold a server up for some seconds."""

REST_SECONDS = 5.0
GLIMPSE_SECONDS = 1.0
"""So long the watch over the other processes may stand still for a server that hangs; it is asked again."""


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


class UnfitRedisError(Exception):
    """Say why this Redis is no place for the queue of a production house, and what to set."""


def durability_warning(url: str, *, production: bool = False) -> str | None:
    """Say how a Redis that was named may lose messages, or that it does not answer; None means well.

    In production nothing starts on one that may lose them: raises UnfitRedisError.
    """
    with closing(connect(url)) as client:
        try:
            return fit_for(client, production=production)
        except redis.RedisError as error:
            return f"The Redis that was named does not answer ({type(error).__name__}); all wait for it."


def fit_for(client: redis.Redis, *, production: bool) -> str | None:
    """Say what makes a server unfit for the queue; in production, raise UnfitRedisError. None means well."""
    problems = " ".join(check_server(client)) or None
    if problems and production:
        raise UnfitRedisError(problems)
    return problems


@dataclass(slots=True)
class EmbeddedKeeper:
    """Start the embedded server again when it ends or falls silent; address and data stay."""

    server: EmbeddedServer
    folder: Path
    words: TextIO
    ask_every: float = ASK_EVERY_SECONDS
    _ask_at: float = 0.0
    _rest_until: float = 0.0
    _silences: int = 0

    def look(self) -> None:
        """Do what is needed now; called again and again. A failure is told, and tried again later."""
        now = time.monotonic()
        if now < self._rest_until:
            return
        if not self.server.alive:
            self._start_again("ended")
        elif now >= self._ask_at and self._is_silent():
            self._start_again("does not answer")

    def _is_silent(self) -> bool:
        self._ask_at = time.monotonic() + self.ask_every
        self._silences = 0 if answering(self.server.url) else self._silences + 1
        return self.server.owned and self._silences >= SILENCES

    def _start_again(self, why: str) -> None:
        print(f"the embedded server {why}; it is started again", file=self.words)
        self._silences = 0
        try:
            self.server.stop()
            self.server = start_embedded(self.folder, patience=GLIMPSE_SECONDS)
        except EmbeddedServerError as error:
            print(f"the embedded server does not start: {error}", file=self.words)
            self._rest_until = time.monotonic() + REST_SECONDS
