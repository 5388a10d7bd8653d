"""Redis that answers «not now» is asked again (B8); one that forbids KEYS is named before it jams (B11)."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import dramatiq
import pytest
import redis
from dramatiq.errors import ConnectionClosed

from adapters.queue.broker import NAMESPACE, build_broker
from adapters.queue.codec import decode
from adapters.queue.envelope import ACTOR
from adapters.queue.publisher import RedisPublisher
from adapters.redis.connect import check_server, connect_briefly
from adapters.redis.embedded import start_embedded
from bootstrap.logging import log_event
from domain.events import Queue, RunDue
from domain.ids import RunId, TenantId
from schemas.log_line import Action
from tests.fakes.log import lines_of, logged

pytestmark = pytest.mark.redis

BELL = RunDue(TenantId("acme"), RunId("r1"))
NOBODY_THERE = ("127.0.0.1", "1")
LOADING = b"-LOADING Redis is loading the dataset in memory\r\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[redis.Redis]:
    with start_embedded(tmp_path / "redis") as server, contextlib.closing(connect_briefly(server.url)) as one:
        yield one


def demote(client: redis.Redis, *, stale: bool) -> None:
    """Make the server a replica of nobody, as after a failover that is not finished."""
    client.config_set("replica-serve-stale-data", "yes" if stale else "no")
    client.replicaof(*NOBODY_THERE)


def promote(client: redis.Redis) -> None:
    client.replicaof("NO", "ONE")


@pytest.mark.parametrize(
    "stale", [pytest.param(True, id="B8 READONLY"), pytest.param(False, id="B8 MASTERDOWN")]
)
def test_a_server_that_is_a_replica_for_a_while_costs_time_only(client: redis.Redis, stale: bool) -> None:
    broker = build_broker(client)
    dramatiq.Actor(print, broker=broker, actor_name=ACTOR, queue_name="fetch", priority=0, options={})
    consumer = broker.consume(Queue.FETCH.value, prefetch=1, timeout=1)
    demote(client, stale=stale)
    with logged() as stream:
        RedisPublisher(broker, log_event).ring([BELL])
    assert [line.action for line in lines_of(stream)] == [Action.BELL_LOST]
    with pytest.raises(ConnectionClosed):
        next(consumer)
    promote(client)
    RedisPublisher(broker, log_event).ring([BELL])
    message = next(broker.consume(Queue.FETCH.value, prefetch=1, timeout=1))
    assert message is not None
    assert decode(message.args[0]) == BELL


def test_b8_a_server_that_still_loads_its_data_is_one_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_load_for_ever, args=(listener,), daemon=True).start()
        url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        with contextlib.closing(connect_briefly(url)) as client:
            consumer = build_broker(client).consume(Queue.FETCH.value, prefetch=1, timeout=1)
            with pytest.raises(ConnectionClosed):
                next(consumer)


def _load_for_ever(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            while said := connection.recv(65_536):
                connection.sendall(LOADING * said.count(b"*"))


def test_b11_a_server_that_forbids_keys_is_named_and_would_jam(client: redis.Redis) -> None:
    assert check_server(client) == []
    client.acl_setuser("default", enabled=True, nopass=True, commands=["-keys"])
    [warning] = check_server(client)
    assert "allow KEYS" in warning
    long_ago, dead = 1, "a-worker-that-died"
    client.zadd(f"{NAMESPACE}:__heartbeats__", {dead: long_ago})
    with pytest.raises(redis.ResponseError, match=r"(?i)keys"):
        next(build_broker(client).consume(Queue.FETCH.value, prefetch=1, timeout=1))
