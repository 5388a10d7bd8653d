"""A tenant whose keys are lost keeps nobody else from being swept, pruned or looked after."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import update

from adapters.clock import SystemIds
from adapters.database.store import SqlStore, open_store
from adapters.database.tables import TENANTS
from adapters.vault import NoTenantKeysError, TenantVault
from domain.audit import About, Deed, Note
from domain.changes import ChangeState
from domain.codes import Code
from domain.errors import TemporaryError
from domain.events import EmployeeChanged, Event, Queue
from domain.ids import ChangeId, EnvelopeId, TenantId
from domain.ports import Transaction
from producers.apart import Failed, apart
from producers.prune import AUDIT_KEPT, prune
from producers.sweep import Swept, sweep
from tests.contracts.store.builders import ACME, LEASE, HandClock
from tests.contracts.store.conftest import MASTER
from tests.contracts.store.plans import Plans, create
from workers.block import block_tenant

FIRST = TenantId("aaa")
"""Comes before all others wherever tenants are gone through in order."""

SET = Note(Deed.OVERRIDE_SET, "operator:ina", About.PERSON, "4711")


class NoEpoch:
    """A Redis that nobody lost."""

    def read(self) -> None:
        """Know no epoch."""

    def write(self, epoch: str) -> None:
        """Keep none."""


class Bells:
    """Hear what was rung."""

    def __init__(self) -> None:
        self.rung: list[Event] = []

    def ring(self, events: Sequence[Event]) -> None:
        """Remember it."""
        self.rung += events


def ring_more(tx: Transaction, tenant_id: TenantId) -> list[Event]:
    """Open what is due, as envelopes of suspects and of configurations do."""
    tx.tenants.configuration(tenant_id)
    return list(tx.changes.fill_window(tenant_id, Queue.RECONCILE, iter([EnvelopeId("e1")]), 2, 25, None))


@pytest.fixture
def both(store: SqlStore, clock: HandClock) -> tuple[Plans, Plans]:
    return Plans(store, clock, FIRST), Plans(store, clock, ACME)


@pytest.fixture
def damaged(both: tuple[Plans, Plans], database_url: str, clock: HandClock) -> Iterator[SqlStore]:
    """Lose the first tenant's keys once everything else is in place; a new process finds it so."""
    opened = open_store(database_url, TenantVault(MASTER), clock=clock)
    yield opened
    opened.close()


def lose_keys(plans: Plans) -> None:
    lost = update(TENANTS).where(TENANTS.c.tenant_id == plans.tenant_id).values(keys=b"")
    with plans.store.write() as tx:
        tx.session.connection.execute(lost)


def swept(store: SqlStore, bells: Bells) -> Swept:
    return sweep(
        store=store,
        publisher=bells,
        ids=SystemIds(),
        epoch=NoEpoch(),
        ring_more=ring_more,
        end_run=lambda *_: [],
        after_deaths=lambda *_: None,
    )


def test_k12_lost_keys_of_one_tenant_leave_the_leases_of_others_to_expire_and_their_bells_to_ring(
    both: tuple[Plans, Plans], damaged: SqlStore, clock: HandClock
) -> None:
    rows: list[ChangeId] = []
    for plans in both:
        (row,) = plans.released("r1", create())
        plans.claim(row)
        rows.append(row)
    clock.advance(LEASE)
    lose_keys(both[0])
    bells = Bells()
    found = swept(damaged, bells)
    assert both[0].state(rows[0]) is ChangeState.WORKING, "nothing is lost if its keys come back"
    assert both[1].state(rows[1]) is ChangeState.RELEASED
    assert [event.tenant_id for event in bells.rung if isinstance(event, EmployeeChanged)] == [ACME]
    assert (found.expired, list(found.failed)) == (1, [FIRST])
    error = found.failed[FIRST]
    assert isinstance(error, NoTenantKeysError)
    with damaged.write() as tx:
        block_tenant(tx, FIRST, error, SystemIds())
        assert [each.code for each in tx.incidents.standing(FIRST)] == [Code.KEYS_UNREADABLE]


def test_k15_lost_keys_of_one_tenant_leave_the_history_of_others_to_be_pruned(
    both: tuple[Plans, Plans], damaged: SqlStore, clock: HandClock
) -> None:
    for plans in both:
        with plans.store.write() as tx:
            tx.audit.write(plans.tenant_id, SET)
    lose_keys(both[0])
    clock.advance(AUDIT_KEPT)
    step = prune(store=damaged)
    assert (step.audit, list(step.failed)) == (1, [FIRST])


def test_whoever_is_damaged_is_noted_and_a_store_that_is_away_stops_all(store: SqlStore) -> None:
    failed: Failed = {}
    with apart(store, FIRST, failed):
        raise TypeError("damaged")
    assert list(failed) == [FIRST]
    with pytest.raises(TemporaryError), apart(store, ACME, failed):
        raise TemporaryError(Code.STORE_AWAY)
    assert list(failed) == [FIRST]
