"""The bell wakes one idle process and is only a hint; whoever is busy leaves a message to the others."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import dramatiq
import pytest
import redis
from dramatiq.errors import ConnectionClosed

from adapters.queue.broker import build_broker
from adapters.queue.doorbell import BELL, KEPT, DoorbellBroker, DoorbellConsumer
from adapters.redis.connect import connect
from domain.events import Queue

pytestmark = pytest.mark.redis
QUEUE = Queue.RECONCILE.value
LONG_MS, SHORT_MS = 4_000, 10
FOR_EVER_S, PATIENCE_S = 60, 30


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with closing(connect(redis_url)) as client:
        client.flushdb()
        yield client


@pytest.fixture
def broker(client: redis.Redis) -> DoorbellBroker:
    built = build_broker(client)
    dramatiq.Actor(print, broker=built, actor_name="a", queue_name=QUEUE, priority=0, options={})
    return built


def send(broker: DoorbellBroker, times: int) -> list[str]:
    sent = [
        broker.enqueue(dramatiq.Message(queue_name=QUEUE, actor_name="a", args=({},), kwargs={}, options={}))
        for _ in range(times)
    ]
    return [message.message_id for message in sent]


def listener(broker: DoorbellBroker, idle_ms: int = SHORT_MS) -> dramatiq.Consumer:
    return broker.consume(QUEUE, prefetch=6, timeout=idle_ms)


def taken(consumer: dramatiq.Consumer) -> str:
    message = next(consumer)
    while message is None:
        message = next(consumer)
    return str(message.message_id)


def test_messages_that_nobody_has_taken_are_counted(broker: DoorbellBroker) -> None:
    assert broker.waiting(QUEUE) == 0
    send(broker, 3)
    assert broker.waiting(QUEUE) == 3
    assert taken(listener(broker))
    assert broker.waiting(QUEUE) == 2


def test_of_a_queue_that_is_away_none_are_counted() -> None:
    gone = build_broker(redis.Redis.from_url("redis://127.0.0.1:1"))
    assert gone.waiting(QUEUE) == 0
    gone.close()


def test_two_processes_share_two_messages_although_each_has_room_for_both(broker: DoorbellBroker) -> None:
    first, second = send(broker, 2)
    one, other = listener(broker), listener(broker)
    assert taken(one) == first
    assert taken(other) == second


def test_a_process_alone_takes_as_many_as_it_has_room_for_one_after_the_other(broker: DoorbellBroker) -> None:
    sent, alone = send(broker, 7), listener(broker)
    assert [taken(alone) for _ in range(6)] == sent[:6]
    assert next(alone) is None


def test_a_process_that_is_done_gives_nobody_a_head_start_any_more(broker: DoorbellBroker) -> None:
    first, second = send(broker, 2)
    alone = DoorbellConsumer(broker, QUEUE, prefetch=6, timeout=SHORT_MS)
    alone.head_start_s = FOR_EVER_S
    in_hand = next(alone)
    assert in_hand is not None
    assert in_hand.message_id == first
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(taken, alone)
        alone.ack(in_hand)
        assert looking.result(PATIENCE_S) == second


def test_an_idle_process_answers_the_bell_and_looks(broker: DoorbellBroker, client: redis.Redis) -> None:
    idle = listener(broker, LONG_MS)
    client.rpush(BELL + QUEUE, 1)
    assert next(idle) is None
    assert client.llen(BELL + QUEUE) == 0
    [message_id] = send(broker, 1)
    assert taken(idle) == message_id


def test_a_bell_that_was_lost_costs_a_moment_and_no_message(
    broker: DoorbellBroker, client: redis.Redis
) -> None:
    idle, [message_id] = listener(broker), send(broker, 1)
    client.delete(BELL + QUEUE)
    assert taken(idle) == message_id


def test_bells_that_nobody_hears_do_not_pile_up_and_are_forgotten(
    broker: DoorbellBroker, client: redis.Redis
) -> None:
    send(broker, KEPT + 5)
    assert client.llen(BELL + QUEUE) == KEPT
    assert 0 < int(str(client.ttl(BELL + QUEUE))) <= 60


def test_a_bell_that_cannot_be_rung_leaves_the_message_on_its_queue(
    broker: DoorbellBroker, client: redis.Redis
) -> None:
    client.set(BELL + QUEUE, "no list")
    [message_id] = send(broker, 1)
    client.delete(BELL + QUEUE)
    assert taken(listener(broker)) == message_id


def test_waiting_for_a_server_that_is_gone_is_told_as_a_closed_connection(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    waiting = listener(build_broker(client))
    client.connection_pool.connection_kwargs["path"] = "/nowhere"
    client.connection_pool.disconnect()
    with pytest.raises(ConnectionClosed):
        next(waiting)


def test_a_delayed_message_is_refused(broker: DoorbellBroker) -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name=QUEUE, actor_name="a", args=({},), kwargs={}, options={}
    )
    with pytest.raises(ValueError, match="due times live in the store"):
        broker.enqueue(message, delay=1_000)
