"""A Redis whose memory fills up is told in time; one that is full costs time only (B5)."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import dramatiq
import pytest
import redis

from adapters.clock import SystemIds
from adapters.database.store import SqlStore
from adapters.queue.broker import NAMESPACE, build_broker
from adapters.queue.codec import decode
from adapters.queue.doorbell import DoorbellBroker
from adapters.queue.envelope import ACTOR
from adapters.queue.publisher import RedisPublisher
from adapters.redis.connect import connect_briefly
from adapters.redis.embedded import start_embedded
from adapters.redis.memory import fullness
from bootstrap.cli.doctor_command import room
from bootstrap.cli.findings import Health
from bootstrap.logging import log_event
from domain.cause import Addressee
from domain.causes import cause_of
from domain.codes import Code
from domain.events import IncidentChanged, Queue, RunDue
from domain.fullness import ALARMING, Fullness, is_high, told
from domain.ids import INSTALLATION, RunId, TenantId
from domain.records import Incident
from domain.remedies import remedy
from producers.alarms import watch_the_queue
from schemas.log_line import Action
from tests.fakes.log import lines_of, logged
from tests.fakes.notify_house import NotifyHouse
from tests.flow.relay import Bells

BELL = RunDue(TenantId("acme"), RunId("r1"))
GIGABYTE = 2**30


@pytest.fixture
def client(tmp_path: Path) -> Iterator[redis.Redis]:
    with start_embedded(tmp_path / "redis") as server, closing(connect_briefly(server.url)) as one:
        yield one


@pytest.fixture
def house(tmp_path: Path) -> Iterator[NotifyHouse]:
    built = NotifyHouse(tmp_path)
    with closing(built.store):
        yield built


def process(client: redis.Redis) -> DoorbellBroker:
    """Build what one process has of the queue."""
    built = build_broker(client)
    dramatiq.Actor(print, broker=built, actor_name=ACTOR, queue_name="fetch", priority=0, options={})
    return built


def limit(client: redis.Redis, share: float) -> None:
    """Let what is used be this share of what may be used."""
    client.config_set("maxmemory", int(fullness(client).used / share))


def watch(store: SqlStore, now: Fullness, bells: Bells) -> list[Incident]:
    watch_the_queue(now, store=store, publisher=bells, ids=SystemIds())
    with store.read() as tx:
        return list(tx.incidents.standing(INSTALLATION))


@pytest.mark.redis
def test_b5_memory_that_fills_up_is_told_once_with_the_cure_and_ends_by_itself(
    client: redis.Redis, house: NotifyHouse
) -> None:
    bells = Bells()
    assert watch(house.store, fullness(client), bells) == [], "without a limit there is nothing to say"
    assert list(room(client)) == []
    limit(client, 0.5)
    assert watch(house.store, fullness(client), bells) == []
    limit(client, 0.9)
    (incident,) = watch(house.store, fullness(client), bells)
    assert (incident.code, incident.detail[:4]) == (Code.QUEUE_FILLING, told(fullness(client))[:4])
    assert cause_of(incident.code).addressee is Addressee.OPERATOR
    assert remedy(incident.code, INSTALLATION) == "staffetta doctor"
    (finding,) = room(client)
    assert (finding.health, "maxmemory" in finding.cure) == (Health.PROBLEM, True)
    client.config_set("maxmemory", "0")
    assert watch(house.store, fullness(client), bells) == [], "whoever takes the limit away has the cure"
    assert bells.rung == [IncidentChanged(INSTALLATION, incident.incident_id)] * 2, "opened, and over"


def test_an_alarm_that_stands_is_written_down_anew_only_for_another_figure(house: NotifyHouse) -> None:
    bells = Bells()
    (first,) = watch(house.store, Fullness(GIGABYTE * 71 // 100, GIGABYTE), bells)
    house.clock.advance(timedelta(minutes=1))
    assert watch(house.store, Fullness(GIGABYTE * 74 // 100, GIGABYTE), bells) == [first]
    (worse,) = watch(house.store, Fullness(GIGABYTE * 99 // 100, GIGABYTE), bells)
    assert (first.detail, worse.detail) == ("70 % or more of 1024 MiB", "95 % or more of 1024 MiB")
    assert worse.last_seen_at > first.last_seen_at


@pytest.mark.parametrize(
    ("used", "most", "high"),
    [(ALARMING, 100, False), (ALARMING + 1, 100, True), (10**9, 0, False), (200, 100, True)],
)
def test_b5_the_alarm_begins_above_the_share_and_needs_a_limit(used: int, most: int, high: bool) -> None:
    assert is_high(Fullness(used, most)) is high


@pytest.mark.redis
def test_b5_a_full_redis_loses_a_bell_and_repeats_a_message_and_then_goes_on(client: redis.Redis) -> None:
    broker, later = process(client), process(client)
    publisher = RedisPublisher(broker, log_event)
    publisher.ring([BELL])
    taken = next(broker.consume(Queue.FETCH.value, prefetch=1, timeout=1))
    assert taken is not None
    client.config_set("maxmemory", "1")
    with logged() as stream:
        publisher.ring([BELL])
    assert [line.action for line in lines_of(stream)] == [Action.BELL_LOST]
    consumer = broker.consume(Queue.FETCH.value, prefetch=1, timeout=1)
    with pytest.raises(redis.ResponseError):
        consumer.ack(taken)
    client.config_set("maxmemory", "0")
    client.zadd(f"{NAMESPACE}:__heartbeats__", {broker.broker_id: 1})  # it ended, long ago
    again = next(later.consume(Queue.FETCH.value, prefetch=1, timeout=1))
    assert again is not None
    assert decode(again.args[0]) == BELL
