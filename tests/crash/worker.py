"""A process of the house that may die: it does what an operator asks, works off the queue, and sweeps.

The same handlers, store, adapters and broker as in `bootstrap.worker`, in one thread, so that a boundary has
the same name each time. Started by `tests.crash.drive`, which lives on when this one dies.
"""

import gc
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Unpack

from dramatiq import Consumer
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer

from adapters.clock import SystemIds
from adapters.database.errors import StoreAwayError
from adapters.database.store import SqlStore, open_store
from adapters.http import AddressPolicy
from adapters.queue.broker import build_broker
from adapters.queue.codec import decode
from adapters.queue.envelope import event_in
from adapters.queue.publisher import RedisPublisher
from adapters.redis.connect import connect
from adapters.redis.epoch import RedisEpoch
from adapters.vault import MasterKey, TenantVault
from bootstrap.container import give_up, note_letter
from domain.changes import ChangeState
from domain.events import Event, NoticesDue, Queue
from domain.ids import ChangeId, RunId, TenantId
from domain.outcomes import Did, HandlerOutcome, Nothing
from domain.ports import Transaction
from domain.run import Run
from producers.activate import activate
from producers.approve import approve
from producers.on_demand import NotPossibleError, ask_for_feed
from producers.replay import Postman, requeue
from producers.sweep import sweep
from schemas.log_line import Action, Fields
from tests.crash.points import Blow, MortalAccounts, MortalPublisher, MortalStore, Point, Points
from tests.flow.misfortunes import EXPLAINING
from tests.flow.relay import ACME, Inline, ShiftedClock
from workers.actors import declare
from workers.desk import Desk, Limits
from workers.giving_back import steps_died
from workers.notify import NotifyEvent
from workers.ring import ring_more
from workers.settle import end_run

GOING = (ChangeState.PLANNED, ChangeState.RELEASED, ChangeState.WORKING, ChangeState.WAITING)
REDELIVER_AFTER_MS = 1
"""A message that a dead process held is given out again at once, as late as that may be in life."""

A_LEASE = timedelta(seconds=76)
ROUNDS = 12
MOST_ROWS = 100_000
SMALL = Limits(list_from=3, people=4, patience=(0, 0, 0, 0))
"""Several envelopes and a listing, although the company is small; in one thread nobody is waited for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process of the house finds everything. `turn` is how long one message may go on."""

    database_url: str
    redis_url: str
    key_file: Path
    turn: timedelta = SMALL.turn


@dataclass(frozen=True, slots=True)
class Ending:
    """What a process tells that lived: what it passed, and how things stand."""

    passed: Sequence[Point]
    explained: frozenset[str]
    going: int
    unended: int
    recovered: int
    struck: bool
    troubles: frozenset[str]

    @property
    def calm(self) -> bool:
        """Say that nothing is on its way any more."""
        return not (self.going or self.unended)


@dataclass
class Worker:
    """One process: a desk with boundaries, and the queue that it works off."""

    desk: Desk
    store: SqlStore
    clock: ShiftedClock
    points: Points
    broker: RedisBroker
    epoch: RedisEpoch
    troubles: set[str] = field(default_factory=set)
    """The causes of everything that went wrong and did not end the process."""

    def obey(self, deed: str) -> None:
        """Do what an operator asks; each deed is asked for once, however often it is said."""
        self.points.work = deed
        with suppress(NotPossibleError):
            DEEDS[deed](self)

    def work(self) -> None:
        """Handle messages until none of the queues has one."""
        # dramatiq's own consumer, which does not wait at an empty queue for somebody to ring.
        consumers: list[Consumer] = [_RedisConsumer(self.broker, queue.value, 1, 0) for queue in Queue]  # type: ignore[no-untyped-call]
        while any(self._took(consumer) for consumer in consumers):
            pass

    def _took(self, consumer: Consumer) -> bool:
        message = next(consumer)
        if message is None:
            return False
        self.points.work = str(message.args[0]["type"])
        self.broker.get_actor(message.actor_name)(*message.args)
        self.points.reach("before ack")
        consumer.ack(message)
        self.points.reach("after ack")
        return True

    def sweep(self) -> None:
        """Sweep once."""
        self.points.work = "sweep"
        swept = sweep(
            store=self.desk.store,
            publisher=self.desk.publisher,
            ids=self.desk.ids,
            epoch=self.epoch,
            ring_more=self.ring_more,
            end_run=self._end_run,
            after_deaths=self._after_deaths,
        )
        for error in swept.failed.values():
            raise error

    def ring_more(self, tx: Transaction, tenant_id: TenantId) -> list[Event]:
        """Ring for the next envelopes."""
        return ring_more(tx, tenant_id, self.desk)

    def _end_run(self, tx: Transaction, tenant_id: TenantId, run_id: RunId) -> list[Event]:
        return end_run(tx, tenant_id, run_id, self.desk.ids)

    def _after_deaths(self, tx: Transaction, tenant_id: TenantId, died: Sequence[ChangeId]) -> None:
        steps_died(tx, tenant_id, died, self.desk)

    def ending(self) -> Ending:
        """Tell how things stand."""
        with self.store.read() as tx:
            told = tx.changes.rows(ACME, states=(*EXPLAINING, ChangeState.PROPOSED), limit=MOST_ROWS)
            going = len(tx.changes.rows(ACME, states=GOING, limit=MOST_ROWS))
            done = tx.changes.rows(
                ACME, states=(ChangeState.APPLIED, ChangeState.ALREADY_SO), limit=MOST_ROWS
            )
            unended = [run for run in tx.runs.newest(ACME, MOST_ROWS) if run.outcome is None]
        return Ending(
            passed=tuple(self.points.passed),
            explained=frozenset(str(row.person_id) for row in told),
            going=going,
            unended=len(unended),
            recovered=len([row for row in done if row.crashes]),
            struck=self.points.struck,
            troubles=frozenset(self.troubles),
        )

    def told(self, event: NotifyEvent) -> HandlerOutcome:
        """Take note that a human heard of an incident."""
        if isinstance(event, NoticesDue):
            return Nothing("no channel")
        with self.desk.store.write() as tx:
            incident = tx.incidents.get(event.tenant_id, event.incident_id)
            if incident is not None:
                resolved = incident.resolved_at is not None
                tx.incidents.told(event.tenant_id, event.incident_id, resolved=resolved)
        return Did("told")


def _sync(worker: Worker) -> Run:
    desk = worker.desk
    key = f"{worker.clock.ahead}"
    return ask_for_feed(
        ACME, by="test", key=key, plan_only=False, store=desk.store, publisher=desk.publisher, ids=desk.ids
    ).run


def _as_operator(deed: Callable[..., object], worker: Worker) -> object:
    desk = worker.desk
    return deed(
        ACME,
        by="test",
        store=desk.store,
        publisher=desk.publisher,
        ids=desk.ids,
        ring_more=worker.ring_more,
    )


def _requeue(worker: Worker) -> object:
    desk = worker.desk
    postman = Postman(
        by="test",
        store=desk.store,
        publisher=desk.publisher,
        ring_more=worker.ring_more,
        decode=event_in,
        at_once=1,
    )
    return requeue(ACME, postman=postman)


DEEDS: dict[str, Callable[[Worker], object]] = {
    "sync": _sync,
    "activate": partial(_as_operator, activate),
    "approve": partial(_as_operator, approve),
    "requeue": _requeue,
}
"""What an operator asks for, by the word that they type."""


@contextmanager
def hired(place: Place, shelf: "Shelf", blow: Blow | None) -> Iterator[Worker]:
    """Build a process's share of the house around boundaries."""
    troubles: set[str] = set()

    def log(action: Action, *, failure: BaseException | None = None, **fields: Unpack[Fields]) -> None:
        del action, failure
        troubles.update([fields["error_code"]] if "error_code" in fields else [])

    ids, points = SystemIds(), Points(blow)
    store, clock = shelf.store, shelf.clock
    mortal = MortalStore(store, points)
    client = connect(place.redis_url)
    broker = build_broker(client, partial(note_letter, store, ids))
    broker.heartbeat_timeout = REDELIVER_AFTER_MS
    accounts = MortalAccounts(mortal, clock, policy=AddressPolicy(allow_private=True), rate_limits=False)
    accounts.points = points
    desk = Desk(
        store=mortal,
        accounts=accounts,
        vault=store.vault,
        publisher=MortalPublisher(RedisPublisher(broker, log), points),
        ids=ids,
        clock=clock,
        hands=Inline(),
        limits=replace(SMALL, turn=place.turn),
    )
    worker = Worker(desk, store, clock, points, broker, RedisEpoch(client), troubles)
    declare(broker, desk, worker.told, decode, partial(give_up, store, ids), log)
    try:
        yield worker
    finally:
        client.close()
        store.close()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store without connections: whoever is forked finds its statements compiled."""

    store: SqlStore
    clock: ShiftedClock


@dataclass(frozen=True, slots=True)
class Live:
    """Do one thing from beginning to end, unless the process dies of the blow."""

    deed: str
    ahead: timedelta
    blow: Blow | None = None

    def obey(self, worker: Worker) -> None:
        """Act, work off the queue, and sweep."""
        worker.clock.ahead = self.ahead
        for step in (partial(worker.obey, self.deed), worker.work, worker.sweep, worker.work):
            try:
                step()
            except StoreAwayError as error:  # an operator reads it, and the scheduler sweeps again
                worker.troubles.add(error.code)


@dataclass(frozen=True, slots=True)
class Cramped(Live):
    """Do the same where no file may grow beyond so many bytes, as on a disk that is full."""

    room: int = 0

    def obey(self, worker: Worker) -> None:
        """Find no room until all was tried, then some for telling how things stand."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.room, resource.RLIM_INFINITY))
        Live.obey(self, worker)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Be the process that is started after one that died; time passes, and nobody helps.

    `deed`: what the operator asks for again, because it was never heard.
    """

    deed: str | None
    ahead: timedelta
    blow: None = None

    def obey(self, worker: Worker) -> None:
        """Work off the queue, then let leases run out and sweep, until nothing is on its way."""
        worker.clock.ahead = self.ahead
        if self.deed is not None:
            worker.obey(self.deed)
        worker.work()
        for _ in range(ROUNDS):
            worker.clock.ahead += A_LEASE
            worker.sweep()
            worker.work()
            if worker.ending().calm:
                return


Order = Live | Cramped | TakeOver


def serve(place: Place, line: Connection) -> None:
    """Fork a process for each order, and tell how it ended; a dry pass is done here, so that all is warm."""
    clock = ShiftedClock()
    store = open_store(place.database_url, TenantVault(MasterKey.from_file(place.key_file)), clock=clock)
    shelf = Shelf(store, clock)
    while (order := _next(line)) is not None:
        if type(order) is Live and order.blow is None:
            _carry_out(place, shelf, order, line)
            line.send(0)
            continue
        gc.freeze()
        child = os.fork()
        if child == 0:
            _carry_out(place, shelf, order, line)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        line.send(os.waitstatus_to_exitcode(status))


def _next(line: Connection) -> Order | None:
    """Wait for an order; whoever gives them may be gone."""
    try:
        order: Order = line.recv()
    except EOFError:
        return None
    return order


def _carry_out(place: Place, shelf: Shelf, order: Order, line: Connection) -> None:
    with hired(place, shelf, order.blow) as worker:
        order.obey(worker)
        line.send(worker.ending())
