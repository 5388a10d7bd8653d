"""What a review found about a store that is away for a moment: nothing is lost, nothing is done twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event as Flag
from typing import cast

from adapters.database.errors import StoreAwayError
from domain.account import Account, AccountDraft
from domain.changes import ChangeState
from domain.events import EmployeeChanged
from domain.ports import Store, Transaction
from domain.ports_world import Target
from domain.run import Outcome
from tests.flow.misfortunes import Ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import (
    begin,
    hire_many,
)
from tests.flow.truth import differences
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]


class FalteringStore:
    """Be away for some writes, once told so."""

    def __init__(self, inner: Store, *, on_failure: Callable[[int], object] = lambda _: None) -> None:
        self._inner = inner
        self._on_failure = on_failure
        self.away = 0
        self.failed = 0

    def read(self) -> AbstractContextManager[Transaction]:
        """Read as ever."""
        return self._inner.read()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Write, or be away."""
        if self.away:
            self.away -= 1
            self.failed += 1
            self._on_failure(self.failed)
            raise StoreAwayError("the store is away for a moment")
        with self._inner.write() as tx:
            yield tx


class WatchedTarget:
    """Tell of each create after it was done."""

    def __init__(self, inner: Target, told: Callable[[], object]) -> None:
        self._inner = inner
        self._told = told

    def create(self, draft: AccountDraft) -> Account:
        """Create, and tell."""
        account = self._inner.create(draft)
        self._told()
        return account

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def use_store(relay: Relay, store: FalteringStore, told: Callable[[], object]) -> None:
    """Work over another store, and hear of each create."""
    target = WatchedTarget(relay.desk.accounts.target(ACME), told)
    ends = Ends(relay.desk.accounts, target=cast("Target", target))
    relay.desk = replace(relay.desk, store=store, accounts=ends, sleep=lambda _: None)


def test_6_a_store_that_is_away_after_the_calls_costs_no_crash_and_no_second_account(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    store = FalteringStore(live.store)
    use_store(live, store, lambda: setattr(store, "away", 3))
    run = live.sync()
    assert store.failed == 3
    assert run.outcome is Outcome.OK
    assert [(row.state, row.crashes) for row in live.rows() if row.person_id == joiner] == [
        (ChangeState.APPLIED, 0)
    ]
    assert live.app.counters.requests(method="POST") == 1


def test_6_rows_that_were_not_begun_when_the_lease_was_lost_are_given_back(live: Relay) -> None:
    joiners, gone_twice = hire_many(live, 4), Flag()
    store = FalteringStore(live.store, on_failure=lambda times: gone_twice.set() if times == 2 else None)

    def lease_cannot_be_kept() -> None:
        if not gone_twice.is_set():
            store.away = 2
            assert gone_twice.wait(timeout=10)

    use_store(live, store, lease_cannot_be_kept)
    begin(live)
    envelope = next_envelope(live)
    one_envelope = replace(live.desk.limits, renew_every=timedelta(milliseconds=20), turn=timedelta(0))
    patient = live.desk
    with ThreadPoolExecutor(1) as hands:
        live.desk = replace(patient, hands=hands, limits=one_envelope)
        live.take(envelope)
        live.desk = patient
    applied = [row.person_id for row in live.rows(ChangeState.APPLIED) if row.person_id in joiners]
    released = [row for row in live.rows(ChangeState.RELEASED) if row.person_id in joiners]
    assert (len(applied), len(released)) == (1, 3)
    assert live.app.counters.requests(method="POST") == 1
    live.drain()
    live.later(minutes=2)
    live.later(minutes=2)
    assert differences(live) == []
    assert {row.crashes for row in live.rows() if row.person_id in joiners} == {0}
    assert live.app.counters.requests(method="POST") == len(joiners)


def next_envelope(relay: Relay) -> EmployeeChanged:
    """Carry everything out until there is an envelope."""
    while True:
        event = relay.bells.rung.pop(0)
        if isinstance(event, EmployeeChanged):
            return event
        relay.take(event)
