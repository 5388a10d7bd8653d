"""Introduce everybody to everybody: settings → store, queue, adapters → desk. By hand, no framework."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import redis

from adapters.budgets import LocalWindows
from adapters.clock import SystemClock, SystemIds
from adapters.database.errors import LostDatabaseError
from adapters.database.store import SqlStore, open_store
from adapters.queue.broker import build_broker
from adapters.queue.codec import UnknownMessageError
from adapters.queue.doorbell import DoorbellBroker
from adapters.queue.envelope import same_as, sealed, tenant_in
from adapters.queue.publisher import RedisPublisher
from adapters.queue.rung import Rung
from adapters.redis.connect import connect, connect_briefly
from adapters.redis.epoch import RedisEpoch
from adapters.redis.windows import RedisWindows
from adapters.vault import MasterKey, TenantVault
from bootstrap.accounts import TenantAccounts
from bootstrap.logging import log_event
from bootstrap.news_lines import log_news
from bootstrap.reach import policy_of
from bootstrap.settings import Settings
from domain.codes import Code
from domain.events import Event, Queue
from domain.ids import ChangeId, RunId, TenantId
from domain.ports import Transaction
from producers.remind import reminders_due
from producers.sweep import Swept, sweep
from schemas.log_line import Action, Fields
from workers.desk import USUAL_LIMITS, Desk, Limits, goes_on
from workers.giving_back import steps_died
from workers.park import Parked, park
from workers.ring import ring_more
from workers.settle import end_run

MOST_BELLS = 500
"""So many unheard bells are enough for a notify worker that comes back; what is due waits in the store."""

SIDE_BY_SIDE = 50
"""Calls that one process makes at the same time, for all tenants together: two full envelopes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One process's share of the house: the desk of its handlers, and what lies under it."""

    settings: Settings
    store: SqlStore
    redis: redis.Redis
    broker: DoorbellBroker
    desk: Desk
    ids: SystemIds

    @property
    def rung(self) -> Rung:
        """Tell what lies in the queues."""
        return Rung(self.redis, self.desk.limits.envelopes)

    def ring_more(self, tx: Transaction, tenant_id: TenantId) -> list[Event]:
        """Ring for the next envelopes of a tenant; producers are given this."""
        return ring_more(tx, tenant_id, self.desk)

    def sweep(self) -> Swept:
        """Sweep once."""
        return sweep(
            store=self.store,
            publisher=RedisPublisher(self.broker, log_event, self.rung, again=True),
            ids=self.ids,
            epoch=RedisEpoch(self.redis),
            ring_more=self.ring_more,
            end_run=self._end_run,
            after_deaths=self._after_deaths,
            ring_again=self.desk.limits.ring_again,
        )

    def remind(self) -> int:
        """Ring for messages to humans that are due, unless bells enough lie unheard; says for how many."""
        if self.broker.waiting(Queue.NOTIFY.value) >= MOST_BELLS:
            return 0
        events = reminders_due(self.store, self.settings.notices.reminders)
        self.desk.publisher.ring(events)
        return len(events)

    def _end_run(self, tx: Transaction, tenant_id: TenantId, run_id: RunId) -> list[Event]:
        return end_run(tx, tenant_id, run_id, self.ids)

    def _after_deaths(self, tx: Transaction, tenant_id: TenantId, died: Sequence[ChangeId]) -> None:
        steps_died(tx, tenant_id, died, self.desk)


def make_installation(settings: Settings) -> None:
    """Make the master key, where there is none yet, and an empty database under it."""
    if not settings.master_key_file.exists():
        MasterKey.generate(settings.master_key_file)
    open_installation(settings, may_be_new=True).close()


def open_installation(settings: Settings, *, may_be_new: bool = False) -> SqlStore:
    """Open the store under the right master key, or raise: without it nothing starts.

    A living key says that there was a database. Where its file is gone, a new one would know no account, so
    none is made unless it `may_be_new`.
    """
    vault = TenantVault(MasterKey.from_file(settings.master_key_file))
    file = settings.database_file
    if file is not None and not may_be_new and not (file.exists() and file.stat().st_size):
        raise LostDatabaseError(
            f"the database {file} is {'empty' if file.exists() else 'gone'}, though its master key"
            f" {settings.master_key_file} is there"
        )
    store = open_store(settings.database_url, vault, tell=log_news)
    store.migrate()
    store.check_master_key()
    return store


@contextlib.contextmanager
def house(
    settings: Settings,
    redis_url: str,
    limits: Limits = USUAL_LIMITS,
    stopping: Callable[[], bool] = goes_on,
) -> Iterator[House]:
    """Build a process's share of the house, and close it again once its last call has ended."""
    store = open_installation(settings)
    client = connect(redis_url)
    clock, ids = SystemClock(), SystemIds()
    broker = build_broker(client, partial(note_letter, store, ids))
    windows = shared_windows(redis_url, ids)
    accounts = TenantAccounts(
        store,
        clock,
        policy=policy_of(settings),
        rate_limits=settings.rate_limits,
        windows=windows,
        address=settings.source_address,
    )
    with contextlib.ExitStack() as until_the_end:
        for each in (store, client, windows):
            until_the_end.callback(each.close)
        hands = until_the_end.enter_context(ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="hand"))
        desk = Desk(
            store=store,
            accounts=accounts,
            vault=store.vault,
            publisher=RedisPublisher(broker, log_event, Rung(client, limits.envelopes)),
            ids=ids,
            clock=clock,
            hands=hands,
            limits=limits,
            stopping=stopping,
        )
        yield House(settings=settings, store=store, redis=client, broker=broker, desk=desk, ids=ids)


def shared_windows(redis_url: str, ids: SystemIds) -> RedisWindows:
    """Count requests to Personio together with all other processes."""
    return RedisWindows(connect_briefly(redis_url), ids.new(), LocalWindows(time.monotonic))


def note_letter(store: SqlStore, ids: SystemIds, code: Code, detail: str, body: bytes) -> None:
    """Park a dead message as it was on the queue; raises while the store is away."""
    parked = Parked(
        code=code, detail=detail, body=body, tenant=tenant_in(body), same_as=same_as(body, code, detail)
    )
    whose = park(parked, store=store, ids=ids)
    told: Fields = {"tenant_id": whose, "error_code": code.value, "reason": detail, "outcome": "failure"}
    if code is Code.MESSAGE_UNKNOWN:
        log_event(Action.MESSAGE_PARKED, **told)
    else:
        log_event(Action.MESSAGE_DEADLETTERED, **told)


def give_up(store: SqlStore, ids: SystemIds, payload: object, error: Exception) -> None:
    """Park a payload that this release does not understand, for the release that does."""
    detail = str(error) if isinstance(error, UnknownMessageError) else type(error).__name__
    note_letter(store, ids, Code.MESSAGE_UNKNOWN, detail, sealed(payload))
