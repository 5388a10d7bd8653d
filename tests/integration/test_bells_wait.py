"""While nobody takes messages, no more of them lie in Redis than a tenant's window has room for."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from adapters.clock import SystemIds
from adapters.database.store import SqlStore
from adapters.queue.broker import NAMESPACE, build_broker
from adapters.queue.envelope import ACTOR
from adapters.queue.publisher import RedisPublisher
from adapters.queue.rung import Rung
from adapters.redis.connect import connect
from adapters.vault import TenantVault
from domain.events import EmployeeChanged, Event, PageDue, Queue
from domain.ids import ChangeId, EnvelopeId, RunId, TenantId
from domain.ports import Transaction
from producers.sweep import sweep
from tests.contracts.store.builders import ACME, HandClock, add_run
from tests.contracts.store.conftest import MASTER
from tests.contracts.store.plans import Plans, create
from tests.flow.relay import MemoryEpoch
from tests.quick_store import new_sqlite, quick_store
from tests.unit.test_publisher import Diary

pytestmark = pytest.mark.redis
WINDOW = 2
PEOPLE = 25
EVERY = timedelta(seconds=60)


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with closing(connect(redis_url)) as client:
        client.flushdb()
        yield client


@pytest.fixture
def broker(client: redis.Redis) -> RedisBroker:
    built = build_broker(client)
    # A consumer hands out only what is for somebody who is there.
    dramatiq.Actor(print, broker=built, actor_name=ACTOR, queue_name="fetch", priority=0, options={})
    return built


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    with closing(quick_store(new_sqlite(tmp_path / "store.db"), TenantVault(MASTER), clock)) as opened:
        yield opened


def lying(client: redis.Redis, queue: Queue) -> int:
    return int(client.hlen(f"{NAMESPACE}:{queue.value}.msgs"))


def ring_more(tx: Transaction, tenant_id: TenantId) -> list[Event]:
    ids = SystemIds()
    fresh = (EnvelopeId(ids.new()) for _ in count())
    return [*tx.changes.fill_window(tenant_id, Queue.RECONCILE, fresh, WINDOW, PEOPLE)]


def look_after(store: SqlStore, broker: RedisBroker, epoch: MemoryEpoch) -> None:
    sweep(
        store=store,
        publisher=RedisPublisher(broker, Diary(), Rung(broker.client, WINDOW), again=True),
        ids=SystemIds(),
        epoch=epoch,
        ring_more=ring_more,
        end_run=lambda _tx, _tenant, _run: [],
        after_deaths=lambda _tx, _tenant, _died: None,
    )


def test_half_an_hour_without_workers_leaves_one_window_of_ten_thousand_due_rows_in_redis(
    store: SqlStore, clock: HandClock, broker: RedisBroker
) -> None:
    plans, epoch = Plans(store, clock), MemoryEpoch()
    plans.released("r1", *[create(f"{at:05}", f"p{at}") for at in range(10_000)])
    add_run(store, "r2")
    most = {Queue.RECONCILE: 0, Queue.FETCH: 0}
    for _ in range(timedelta(minutes=30) // EVERY):
        look_after(store, broker, epoch)
        clock.advance(EVERY)
        most = {queue: max(known, lying(broker.client, queue)) for queue, known in most.items()}
    assert most == {Queue.RECONCILE: WINDOW, Queue.FETCH: 1}


def test_what_lies_there_is_enough_and_what_was_taken_is_rung_for_again(
    client: redis.Redis, broker: RedisBroker
) -> None:
    sweeper = RedisPublisher(broker, Diary(), Rung(client, WINDOW), again=True)
    for _ in range(5):
        sweeper.ring([PageDue(ACME, RunId("r1"), 0)])
    assert lying(client, Queue.FETCH) == 1
    taken = next(broker.consume(Queue.FETCH.value, prefetch=1, timeout=10))
    assert taken is not None
    sweeper.ring([PageDue(ACME, RunId("r1"), 0)])
    assert lying(client, Queue.FETCH) == 2


def test_one_tenants_bells_keep_nobody_elses_away(client: redis.Redis, broker: RedisBroker) -> None:
    sweeper = RedisPublisher(broker, Diary(), Rung(client, WINDOW), again=True)
    for number in range(6):
        for tenant in ("acme", "other"):
            sweeper.ring([envelope(tenant, number)])
    assert lying(client, Queue.RECONCILE) == 2 * WINDOW


def test_whoever_has_news_rings_whatever_lies_there(client: redis.Redis, broker: RedisBroker) -> None:
    rung = Rung(client, WINDOW)
    for number in range(3):
        RedisPublisher(broker, Diary(), rung).ring([envelope("acme", number)])
    assert lying(client, Queue.RECONCILE) == 3


def test_a_redis_that_was_emptied_is_rung_in_again(client: redis.Redis, broker: RedisBroker) -> None:
    sweeper = RedisPublisher(broker, Diary(), Rung(client, WINDOW), again=True)
    sweeper.ring([PageDue(ACME, RunId("r1"), 0)])
    client.flushdb()
    sweeper.ring([PageDue(ACME, RunId("r1"), 0)])
    assert lying(client, Queue.FETCH) == 1


def envelope(tenant: str, number: int) -> EmployeeChanged:
    tenant_id, change = TenantId(tenant), ChangeId(f"c{number}")
    return EmployeeChanged(tenant_id, RunId("r1"), EnvelopeId(f"e{number}"), (change,))
