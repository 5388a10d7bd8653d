"""Everything that the handlers of this house work with, introduced to them by bootstrap."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.absence import MOST_PROBED
from domain.ids import RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.ports_world import Accounts, Clock, Vault
from domain.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one message may take on, and how long its leases are (design §4.5, §4.6).

    A write begins at most `begin` after its lease was taken or renewed: with the target's own deadline of
    30 seconds it has ended before anybody else may take the row.
    """

    page_lease: timedelta = timedelta(seconds=75)
    turn: timedelta = timedelta(seconds=5)
    target_lease: timedelta = timedelta(seconds=45)
    renew_every: timedelta = timedelta(seconds=5)
    begin: timedelta = timedelta(seconds=15)
    ring_again: timedelta = timedelta(seconds=60)
    patience: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0)
    envelopes: int = 2
    people: int = 25
    list_from: int = 20
    most_probed: int = MOST_PROBED
    most_owners_asked: int = 500


USUAL_LIMITS = Limits()

TURN_LOST = "the turn was lost to another worker"


def not_done(futures: Collection[Future[Any]], at_most: timedelta) -> set[Future[Any]]:
    """Wait until one of these is over, or for so long, and return those that are not."""
    return wait(futures, timeout=at_most.total_seconds(), return_when=FIRST_COMPLETED).not_done


def goes_on() -> bool:
    """Say of a process that nobody asked it to stop."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The ports of one process. `hands` run the calls of a turn side by side, `wait` waits for them.

    Once `stopping` says so, calls in flight end and are recorded, and nothing else is begun.
    """

    store: Store
    accounts: Accounts
    vault: Vault
    publisher: Publisher
    ids: Ids
    clock: Clock
    hands: Executor
    sleep: Callable[[float], None] = time.sleep
    wait: Callable[[Collection[Future[Any]], timedelta], set[Future[Any]]] = not_done
    limits: Limits = USUAL_LIMITS
    stopping: Callable[[], bool] = goes_on


def keep_turn(run: Run, token: str, desk: Desk) -> bool:
    """Renew the lease of a run's turn that takes long; False if it was lost."""
    with desk.store.write() as tx:
        return tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease)


def count_requests(tx: Transaction, tenant_id: TenantId, run_id: RunId, desk: Desk) -> None:
    """Book the requests that this process sent for a tenant since the last booking on a run."""
    source, target = desk.accounts.take_requests(tenant_id)
    if source or target:
        tx.runs.add_requests(tenant_id, run_id, source, target)
