"""The publisher rings for every event, and shrugs when the queue is away: the sweeper rings later."""

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerError, ConnectionClosed
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.queue.broker import build_broker
from adapters.queue.codec import decode
from adapters.queue.envelope import ACTOR
from adapters.queue.publisher import RedisPublisher
from domain.events import Event, IncidentChanged, Queue, RunDue
from domain.ids import IncidentId, RunId, TenantId
from schemas.log_line import Action, Fields

ACME = TenantId("acme")
EVENTS: Sequence[Event] = (
    RunDue(ACME, RunId("run-1")),
    IncidentChanged(ACME, IncidentId("inc-1")),
    RunDue(ACME, RunId("run-2")),
)


class FakeBroker(RedisBroker):
    """Keep what is enqueued; from a certain message on, be away."""

    def __init__(self, failure: Exception | None = None, *, takes: int = 0) -> None:
        self.failure, self.takes = failure, takes
        self.taken: list[dramatiq.Message[None]] = []
        self.tries = 0

    def enqueue(
        self, message: "dramatiq.Message[None]", *, delay: int | None = None
    ) -> "dramatiq.Message[None]":
        assert delay is None
        self.tries += 1
        if self.failure is not None and len(self.taken) >= self.takes:
            raise self.failure
        self.taken.append(message)
        return message


class Diary:
    """Remember what was logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[Action, Fields]] = []

    def __call__(
        self, action: Action, *, failure: BaseException | None = None, **fields: Unpack[Fields]
    ) -> None:
        assert failure is None
        self.lines.append((action, fields))


def test_every_event_becomes_one_message_on_its_queue_in_order() -> None:
    broker, diary = FakeBroker(), Diary()
    RedisPublisher(broker, diary).ring(EVENTS)
    assert [message.queue_name for message in broker.taken] == [Queue.FETCH, Queue.NOTIFY, Queue.FETCH]
    assert [decode(message.args[0]) for message in broker.taken] == [*EVENTS]
    assert {message.actor_name for message in broker.taken} == {ACTOR}
    assert [(action, fields["message_id"]) for action, fields in diary.lines] == [
        (Action.EVENT_EMITTED, message.message_id) for message in broker.taken
    ]


@pytest.mark.parametrize("takes", [0, 1])
@pytest.mark.parametrize(
    "failure", [redis.ConnectionError, redis.TimeoutError, ConnectionClosed, BrokerError]
)
def test_a_queue_that_is_away_is_told_once_and_raises_nothing(failure: type[Exception], takes: int) -> None:
    broker, diary = FakeBroker(failure("canary"), takes=takes), Diary()
    RedisPublisher(broker, diary).ring(EVENTS)
    assert [action for action, _ in diary.lines] == [*[Action.EVENT_EMITTED] * takes, Action.BELL_LOST]
    assert diary.lines[-1][1] == {"tenant_id": "acme", "error_type": failure.__name__}
    assert broker.tries == takes + 1


def test_a_failure_of_ours_is_not_taken_for_an_absence() -> None:
    with pytest.raises(ZeroDivisionError):
        RedisPublisher(FakeBroker(ZeroDivisionError()), Diary()).ring(EVENTS)


def test_a_real_broker_without_a_server_behind_it_is_away(tmp_path: Path) -> None:
    client = redis.Redis(unix_socket_path=str(tmp_path / "none.sock"), retry=Retry(NoBackoff(), 0))
    diary = Diary()
    RedisPublisher(build_broker(client), diary).ring(EVENTS)
    client.close()
    assert [action for action, _ in diary.lines] == [Action.BELL_LOST]
