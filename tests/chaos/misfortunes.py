"""Whatever may befall a house: how each misfortune strikes, and how soon work must go on after it."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from tests.chaos.household import still_is, tell
from tests.chaos.stage import Stage
from tests.fakes.tcp_proxy import TcpProxy

AFTER_KILL_SECONDS = 90.0
AFTER_OTHERS_SECONDS = 120.0
WORKERS = ("fetch", "reconcile", "reconcile-2")
LEASE_SECONDS = 45.0
"""A frozen worker sleeps longer than this, so that somebody else gets what it holds."""


@dataclass(frozen=True, slots=True)
class Misfortune:
    """What happens. `strike` returns when the world is whole again; what it broke may still be broken.

    `takes_the_world` is true where Redis, the database or a simulator cannot be reached meanwhile: the clock
    of recovery begins when they are back.
    """

    name: str
    strike: Callable[[Stage, Random], object]
    within: float = AFTER_OTHERS_SECONDS
    takes_the_world: bool = True


def kill(role: str) -> Misfortune:
    """Kill -9 one process of the house."""

    def strike(stage: Stage, _: Random) -> None:
        stage.house.kill(role)

    return Misfortune(f"kill -9 {role}", strike, AFTER_KILL_SECONDS, takes_the_world=False)


def kill_redis(stage: Stage, dice: Random, *, away: float = 1.0) -> None:
    """Kill -9 the server; it is started again after a while."""
    del dice
    stage.redis.kill()
    time.sleep(away)
    stage.redis.start()


def cut_redis_file(stage: Stage, dice: Random) -> None:
    """Lose the last moments of the append-only file, as a power cut does."""
    stage.redis.kill()
    stage.redis.truncate(dice.randrange(1, 20_000))
    stage.redis.start()


def empty_redis(stage: Stage, dice: Random) -> None:
    """Forget everything."""
    del dice
    with stage.redis.client() as client:
        client.flushall()


def fill_redis(stage: Stage, dice: Random, *, seconds: float = 20.0) -> None:
    """Leave no memory for anything, and give it back."""
    del dice
    with stage.redis.client() as client:
        client.config_set("maxmemory", "1mb")
        time.sleep(seconds)
        client.config_set("maxmemory", "0")


def pause_redis(stage: Stage, dice: Random, *, seconds: float = 30.0) -> None:
    """Let the server accept everything and answer nobody."""
    del dice
    with stage.redis.client() as client:
        client.client_pause(int(seconds * 1000))
    time.sleep(seconds)


def restart_postgres(stage: Stage, dice: Random) -> None:
    """Restart the database at once, three times within a few seconds."""
    assert stage.postgres is not None
    for _ in range(3):
        stage.postgres.restart_at_once()
        time.sleep(dice.uniform(0.1, 2))


def freeze(stage: Stage, dice: Random, *, seconds: float = LEASE_SECONDS + 10) -> None:
    """Stop a worker in the middle of whatever it does, for longer than its leases last."""
    role = dice.choice(WORKERS)
    pid = tell(stage.house.processes(), role, signal.SIGSTOP)
    if pid is not None:
        stage.later(seconds, partial(_thaw, pid, role))


def _thaw(pid: int, role: str) -> None:
    if still_is(pid, role):
        os.kill(pid, signal.SIGCONT)


def ask_one_to_stop(stage: Stage, dice: Random) -> None:
    """Send SIGTERM to one process."""
    tell(stage.house.processes(), dice.choice(WORKERS), signal.SIGTERM)


def deploy(stage: Stage, dice: Random) -> None:
    """Send SIGTERM to everybody at once."""
    del dice
    processes = stage.house.processes()
    for role in processes:
        tell(processes, role, signal.SIGTERM)


WEATHERS: Mapping[str, Callable[[TcpProxy], object]] = {
    "cuts": TcpProxy.refuse,
    "drips": lambda wire: wire.drip(piece=64, pause=0.02),
    "half-closes": TcpProxy.half_close,
    "freezes": TcpProxy.freeze,
}
AGAIN_SECONDS = 0.5


def spoil(wire: str, weather: str, seconds: float = 8.0) -> Misfortune:
    """Let one wire misbehave for a while, new connections as well."""

    def strike(stage: Stage, _: Random) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            WEATHERS[weather](stage.wires[wire])
            time.sleep(AGAIN_SECONDS)
        stage.wires[wire].heal()

    return Misfortune(f"wire to {wire} {weather}", strike)


def others(database: str) -> list[Misfortune]:
    """List every misfortune but kill -9 of our own processes."""
    wires = ["redis", "personio", "app", *(["postgres"] if database == "postgres" else [])]
    restarts = [Misfortune("database restarted at once", restart_postgres)] if database == "postgres" else []
    return [
        Misfortune("kill -9 redis", kill_redis, AFTER_KILL_SECONDS),
        Misfortune("redis away for 25 s", partial(kill_redis, away=25.0)),
        Misfortune("redis file cut", cut_redis_file),
        Misfortune("FLUSHALL", empty_redis),
        Misfortune("maxmemory for 20 s", fill_redis),
        Misfortune("CLIENT PAUSE 30 s", pause_redis),
        Misfortune("SIGSTOP 55 s", freeze, takes_the_world=False),
        Misfortune("SIGTERM to one", ask_one_to_stop, takes_the_world=False),
        Misfortune("SIGTERM to all", deploy, takes_the_world=False),
        *restarts,
        *(spoil(wire, weather) for wire in wires for weather in WEATHERS),
    ]
