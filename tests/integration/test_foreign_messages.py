"""What is no message of ours is moved aside with an alarm, and the next good one runs within seconds."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import dramatiq
import pytest
import redis
from dramatiq import Worker

from adapters.queue.broker import NAMESPACE, build_broker
from adapters.queue.codec import UnknownMessageError
from adapters.queue.envelope import ACTOR
from adapters.queue.publisher import RedisPublisher
from adapters.redis.connect import connect
from bootstrap.container import House, give_up, house, make_installation
from bootstrap.logging import configure_logging, log_event
from bootstrap.settings import read_settings
from bootstrap.worker import start
from domain.codes import Code
from domain.events import Queue, RunDue
from domain.ids import INSTALLATION, RunId, TenantId

pytestmark = pytest.mark.redis
QUEUE = Queue.FETCH.value
LIST, MESSAGES = f"{NAMESPACE}:{QUEUE}", f"{NAMESPACE}:{QUEUE}.msgs"
ACME = TenantId("acme")
CANARY = "anna.muster@example.com"
GOOD = RunDue(ACME, RunId("run-1"))
SECONDS = 20.0
GOLDEN = Path(__file__).parents[1] / "fixtures" / "messages"


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with closing(connect(redis_url)) as client:
        client.flushdb()
        yield client


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    written, root = io.StringIO(), logging.getLogger()
    before = list(root.handlers)
    configure_logging("debug", True, "staffetta-test", written)
    yield written
    root.handlers[:] = before


@pytest.fixture
def inside(tmp_path: Path, redis_url: str, client: redis.Redis, log: io.StringIO) -> Iterator[House]:
    """A house with one tenant, over the real Redis; nobody works in it yet."""
    assert client.ping()
    assert log.getvalue() == ""
    settings = read_settings({"STAFFETTA_HOME": str(tmp_path)})
    make_installation(settings)
    with house(settings, redis_url) as built:
        with built.store.write() as tx:
            tx.tenants.add(ACME, "Acme", "en", [])
        yield built


@contextmanager
def at_work(built: House, role: str = "fetch") -> Iterator[Worker]:
    worker = start(built, role)
    try:
        yield worker
    finally:
        worker.stop(timeout=5_000)


def until(true: Callable[[], bool]) -> bool:
    ends = time.monotonic() + SECONDS
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def push(client: redis.Redis, redis_id: bytes | str, body: bytes | None) -> None:
    """Put something on the queue as anybody could who reaches Redis."""
    if body is not None:
        client.hset(MESSAGES, redis_id, body)
    client.rpush(LIST, redis_id)


def envelope(**changed: object) -> bytes:
    told: dict[str, object] = {
        "queue_name": QUEUE,
        "actor_name": ACTOR,
        "args": [{"type": "run-due/1", "tenant": "acme", "run": "run-1"}],
        "kwargs": {},
        "options": {"redis_message_id": "another-one"},
        "message_id": "m",
        "message_timestamp": 1,
    }
    return json.dumps(told | changed).encode()


def is_empty(client: redis.Redis) -> bool:
    """Tell whether nothing is left anywhere: queued, taken, or dead in Redis."""
    return not client.exists(LIST, MESSAGES, f"{LIST}.XQ", f"{LIST}.XQ.msgs") and not list(
        client.scan_iter(f"{NAMESPACE}:__acks__*")
    )


def everything(client: redis.Redis) -> bytes:
    """Return all that lies in Redis, names and values."""
    dumped = b""
    for key in client.scan_iter():
        dumped += key + (client.dump(key) or b"")
    return dumped


def send_good(built: House) -> None:
    RedisPublisher(built.broker, log_event).ring([GOOD])


def handled(log: io.StringIO) -> int:
    return log.getvalue().count('"event.action":"event.handled"')


FOREIGN = [
    pytest.param("bad", b"{not json " + CANARY.encode(), id="A7 no json"),
    pytest.param("bad", b"", id="A7 empty"),
    pytest.param(b"\xff\xfe", envelope(), id="A7 an id that is no text"),
    pytest.param("bad", envelope(queue_name="urgent"), id="A7 of another queue"),
    pytest.param("bad", envelope(args=CANARY), id="A7 no arguments"),
    pytest.param("bad", envelope(actor_name="sync_employee"), id="A8 an actor of another release"),
    pytest.param("bad", envelope(args=[CANARY * 10_000]), id="B10 huge"),
    pytest.param("bad", envelope(args=[{"type": "run-due/1", "tenant": ["acme"]}]), id="B10 wrong types"),
    pytest.param(
        "bad",
        (GOLDEN / "team-changed.1.json").read_bytes().replace(b'"reconcile"', b'"fetch"'),
        id="A9 newer",
    ),
]


@pytest.mark.parametrize(("redis_id", "body"), FOREIGN)
def test_a_foreign_message_is_moved_aside_with_an_alarm_and_the_next_one_runs(
    inside: House, client: redis.Redis, log: io.StringIO, redis_id: bytes | str, body: bytes
) -> None:
    push(client, redis_id, body)
    send_good(inside)
    with at_work(inside):
        assert until(lambda: handled(log) == 1 and is_empty(client))
    with inside.store.read() as tx:
        found = [*tx.letters.list(INSTALLATION, 9), *tx.letters.list(ACME, 9)]
        incidents = [*tx.incidents.standing(INSTALLATION), *tx.incidents.standing(ACME)]
    assert [letter.code for letter in found] == [Code.MESSAGE_UNKNOWN]
    assert [incident.code for incident in incidents] == [Code.MESSAGE_UNKNOWN]
    told = log.getvalue() + "".join(letter.detail for letter in found)
    assert '"event.action":"message.parked"' in told
    assert CANARY not in told
    assert CANARY.encode() not in everything(client)


def test_a7_a_human_hears_of_a_foreign_message_and_telling_it_makes_no_other_one(
    inside: House, client: redis.Redis, log: io.StringIO
) -> None:
    give_up(inside.store, inside.ids, {"type": "run-due/9"}, UnknownMessageError("of a newer release"))
    inside.sweep()
    mails = inside.settings.outbox
    with at_work(inside, "notify"):
        assert until(lambda: mails.is_dir() and any(mails.iterdir()) and is_empty(client))
    assert log.getvalue().count("message.parked") == 1
    with inside.store.read() as tx:
        assert len(tx.letters.list(INSTALLATION, 9)) == 1
        assert list(tx.incidents.untold()) == []


def test_a7_a_body_that_lies_about_its_id_is_carried_out_once_and_takes_no_other_along(
    inside: House, client: redis.Redis, log: io.StringIO
) -> None:
    push(client, "liar", envelope(options={"redis_message_id": "honest", "eta": 4_102_444_800_000}))
    push(client, "honest", envelope(options={"redis_message_id": "honest"}, message_id="other"))
    push(client, "gone", None)
    with at_work(inside):
        assert until(lambda: handled(log) == 2 and is_empty(client))


def test_a7_what_cannot_be_written_down_stays_until_it_can(client: redis.Redis) -> None:
    written: list[str] = []
    failures = iter([ConnectionError(CANARY), ConnectionError(CANARY)])

    def note(_code: Code, detail: str, _body: bytes) -> None:
        for failure in failures:
            raise failure
        written.append(detail)

    broker = build_broker(client, note)
    push(client, "bad", b"{not json")
    consumer = broker.consume(QUEUE, prefetch=2, timeout=10)
    assert next(consumer) is None
    assert client.hlen(MESSAGES) == 1
    assert next(consumer) is None
    assert next(consumer) is None
    assert written == ["no JSON"]
    assert is_empty(client)


@pytest.mark.parametrize("fault", ["K2 in the exception", "K4 in the arguments"])
def test_what_a_failure_says_reaches_neither_redis_nor_letters_nor_the_log(
    inside: House, client: redis.Redis, log: io.StringIO, fault: str
) -> None:
    def fail(payload: object) -> None:
        raise ValueError(f"{CANARY} {payload}" if fault.startswith("K2") else str(payload))

    dramatiq.Actor(fail, broker=inside.broker, actor_name=ACTOR, queue_name=QUEUE, priority=0, options={})
    send_good(inside)
    worker = Worker(inside.broker, queues={QUEUE}, worker_timeout=50, worker_threads=1)
    worker.start()
    assert until(lambda: is_empty(client))
    worker.stop(timeout=5_000)
    with inside.store.read() as tx:
        (letter,) = tx.letters.list(ACME, 9)
        body = tx.letters.message(ACME, letter.letter_id) or b""
        (incident,) = tx.incidents.standing(ACME)
    assert (letter.code, letter.detail, incident.code) == (Code.INTERNAL, "ValueError", Code.INTERNAL)
    assert "Traceback" not in log.getvalue() + body.decode()
    assert CANARY not in log.getvalue() + body.decode()
    assert CANARY.encode() not in everything(client)


def test_a23_no_message_is_delayed(inside: House) -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name=QUEUE, actor_name=ACTOR, args=({},), kwargs={}, options={}
    )
    with pytest.raises(ValueError, match="due times live in the store"):
        inside.broker.enqueue(message, delay=8 * 24 * 3600 * 1000)
