"""Setbacks and outages: one for each tenant, due at their moment, gone with their tenant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.codes import Code
from domain.ids import ChangeId, RunId, SetbackId
from domain.outages import Outage
from domain.setbacks import Reason, Setback
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant

STANDS = Setback(
    setback_id=SetbackId("s1"),
    reason=Reason.SOURCE,
    code=Code.PAUSE_RUNS,
    failure=Code.FEED_BROKEN,
    detail="a web page",
    since=NOON,
    failures=3,
    probes=2,
    due_at=NOON + timedelta(hours=6),
    warned=False,
    on_trial=False,
    by_hand=True,
    announced=True,
    run_id=RunId("r1"),
    rows=(ChangeId("c1"), ChangeId("c2")),
)


@pytest.fixture(autouse=True)
def two_tenants(store: SqlStore) -> None:
    add_tenant(store)
    add_tenant(store, OTHER)


def test_what_is_stored_comes_back_the_same_and_apart_by_tenant(store: SqlStore) -> None:
    with store.write() as tx:
        tx.setbacks.put(ACME, STANDS)
    with store.read() as tx:
        assert tx.setbacks.get(ACME) == STANDS
        assert tx.setbacks.get(OTHER) is None


def test_a_newer_one_replaces_the_older(store: SqlStore) -> None:
    newer = replace(STANDS, reason=Reason.CREDENTIALS, due_at=None, rows=())
    with store.write() as tx:
        tx.setbacks.put(ACME, STANDS)
        tx.setbacks.put(ACME, newer)
        assert tx.setbacks.get(ACME) == newer


def test_l8_it_is_due_at_its_moment(store: SqlStore, clock: HandClock) -> None:
    with store.write() as tx:
        tx.setbacks.put(ACME, STANDS)
        assert tx.setbacks.due() == []
    clock.advance(timedelta(hours=6))
    with store.read() as tx:
        assert tx.setbacks.due() == [(ACME, STANDS)]


def test_one_that_is_over_stands_no_more_and_is_forgotten_once(store: SqlStore) -> None:
    with store.write() as tx:
        tx.setbacks.put(ACME, STANDS)
        assert not tx.setbacks.forget(ACME)
        assert tx.setbacks.end(ACME) == STANDS
        assert tx.setbacks.end(ACME) is None
        assert tx.setbacks.get(ACME) is None
        assert [tenant_id for tenant_id, _ in tx.setbacks.due()] == [ACME]
        assert tx.setbacks.forget(ACME)
        assert not tx.setbacks.forget(ACME)


def test_an_outage_keeps_its_beginning_until_an_answer_comes(store: SqlStore, clock: HandClock) -> None:
    with store.write() as tx:
        tx.outages.begin(ACME)
    clock.advance(timedelta(hours=2))
    with store.write() as tx:
        tx.outages.begin(ACME)
        tx.outages.told(ACME)
        assert tx.outages.standing() == {ACME: Outage(NOON, told=True)}
        assert tx.outages.waiting(ACME) == 0
        assert tx.outages.end(ACME)
        assert not tx.outages.end(ACME)
        assert tx.outages.get(ACME) is None


def test_nobody_waits_where_nothing_is_to_be_closed(store: SqlStore) -> None:
    with store.read() as tx:
        assert tx.outages.leavers() == {}


def test_incidents_are_found_by_their_cause(store: SqlStore) -> None:
    with store.read() as tx:
        assert tx.incidents.of(Code.LEAVERS_WAIT) == []
