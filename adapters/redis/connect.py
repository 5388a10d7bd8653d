"""Connect to Redis so that a short absence is waited out, and check that the server forgets nothing."""

import redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.retry import Retry

_ATTEMPTS = 10
_LONGEST_PAUSE = 1.0
_FIRST_PAUSE = 0.01
_SILENCE = 5.0
_IMPATIENCE = 0.5
_CHECK_IDLE_AFTER = 30
_NO_KEYS = (
    "The server forbids KEYS, and queues jam as soon as a process dies: allow KEYS to this user, or use a "
    "server that has it."
)
_NOBODYS = "{staffetta}:nobody"
"""A key that does not exist."""


def connect(url: str) -> redis.Redis:
    """Build a client that tries again: one made from a URL alone would give up at the first error."""
    return redis.Redis.from_url(
        url,
        retry=Retry(ExponentialWithJitterBackoff(cap=_LONGEST_PAUSE, base=_FIRST_PAUSE), _ATTEMPTS),
        socket_timeout=_SILENCE,
        socket_connect_timeout=_SILENCE,
        health_check_interval=_CHECK_IDLE_AFTER,
    )


def connect_briefly(url: str) -> redis.Redis:
    """Build a client for what can be done without Redis: it gives up fast instead of waiting."""
    return redis.Redis.from_url(
        url, retry=Retry(NoBackoff(), 1), socket_timeout=_IMPATIENCE, socket_connect_timeout=_IMPATIENCE
    )


def check_server(client: redis.Redis) -> list[str]:
    """Name all that makes a server unfit for the queue, with the cure; nothing to say means well."""
    return [*check_durability(client), *check_commands(client)]


def check_commands(client: redis.Redis) -> list[str]:
    """Say whether KEYS is forbidden: with it a queue takes back the messages of a process that died.

    Where it is forbidden, as some hosted servers do, every look into the queue fails from that death on.
    """
    try:
        client.keys(_NOBODYS)
    except redis.ResponseError:
        return [_NO_KEYS]
    return []


def check_durability(client: redis.Redis) -> list[str]:
    """Name what would make the server lose messages, with the cure; nothing to say means well.

    Asks by INFO, which hosted servers answer where they forbid CONFIG.
    """
    try:
        told = client.info("persistence") | client.info("memory")
    except redis.ResponseError:
        return [
            "The server does not tell how it keeps data: allow INFO to this user, so that we can check it."
        ]
    return [*_kept_on_disk(told.get("aof_enabled")), *_kept_when_full(told.get("maxmemory_policy"))]


def _kept_on_disk(enabled: object) -> list[str]:
    if enabled in {1, "1"}:
        return []
    return ["Redis keeps messages in memory only and loses them with its process: set «appendonly yes»."]


def _kept_when_full(policy: object) -> list[str]:
    if policy == "noeviction":
        return []
    return [
        f"Redis throws messages away when it is full (policy {policy}): set «maxmemory-policy noeviction»."
    ]
