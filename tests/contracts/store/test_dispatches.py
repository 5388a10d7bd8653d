"""Dispatches: taken by one at a time, settled by whoever has the lease, never asked for twice."""

from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.codes import Code
from domain.dispatches import (
    LEASE,
    Dispatch,
    DispatchState,
    Ending,
    NewDispatch,
    Sent,
    Undelivered,
    Waits,
    Withdrawn,
)
from domain.ids import IncidentId, TenantId
from domain.notices import Audience, Stage
from domain.tenant import TenantState
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant

INCIDENT = IncidentId("inc-1")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def tenants(store: SqlStore) -> None:
    add_tenant(store)
    add_tenant(store, OTHER)


def ask(
    store: SqlStore,
    notice_id: str = "n-1",
    channel: str = "email",
    tenant: TenantId = ACME,
    stage: Stage = Stage.OPENED,
) -> int:
    new = NewDispatch(notice_id, channel, stage, INCIDENT, Audience.OWNERS)
    with store.write() as tx:
        return tx.dispatches.add(tenant, [new])


def take(store: SqlStore, token: str = "t-1", tenant: TenantId = ACME) -> Dispatch | None:
    with store.write() as tx:
        return tx.dispatches.take(tenant, token)


def taken(store: SqlStore, token: str = "t-1") -> Dispatch:
    found = take(store, token)
    assert found is not None
    return found


def settle(store: SqlStore, row: Dispatch, ending: Ending, token: str = "t-1") -> bool:
    with store.write() as tx:
        return tx.dispatches.settle(row, token, ending)


def listed(store: SqlStore, tenant: TenantId = ACME) -> list[Dispatch]:
    with store.read() as tx:
        return list(tx.dispatches.of(tenant, 100))


def due(store: SqlStore) -> list[TenantId]:
    with store.read() as tx:
        return list(tx.dispatches.due())


def open_incident(store: SqlStore, code: Code = Code.TARGET_REFUSED, tenant: TenantId = ACME) -> IncidentId:
    with store.write() as tx:
        return tx.incidents.open(tenant, IncidentId(f"{tenant}-{code}"), code, "", 1, None).incident_id


def test_a_message_is_asked_for_once(store: SqlStore) -> None:
    assert [ask(store), ask(store), ask(store, channel="slack"), ask(store, tenant=OTHER)] == [1, 0, 1, 1]
    assert len(listed(store)) == 2


def test_what_is_asked_for_is_due_at_once_with_everything_known(store: SqlStore) -> None:
    ask(store)
    assert due(store) == [ACME]
    assert listed(store) == [
        Dispatch(
            tenant_id=ACME,
            notice_id="n-1",
            channel="email",
            stage=Stage.OPENED,
            about=INCIDENT,
            audience=Audience.OWNERS,
            state=DispatchState.DUE,
            tries=0,
            doubtful=0,
            made_at=NOON,
            due_at=NOON,
            settled_at=None,
            code=None,
            detail="",
        )
    ]


def test_one_worker_has_it_until_its_lease_is_over(store: SqlStore, clock: HandClock) -> None:
    ask(store)
    first = taken(store)
    assert (first.tries, first.doubtful) == (1, 1)
    assert take(store, "t-2") is None
    assert due(store) == []
    clock.advance(LEASE)
    assert due(store) == [ACME]
    second = taken(store, "t-2")
    assert (second.tries, second.doubtful) == (2, 2), "nobody knows what the first did"
    assert not settle(store, first, Sent(), "t-1")
    assert settle(store, second, Sent(), "t-2")
    assert not settle(store, second, Sent(), "t-2")


def test_the_longest_due_is_taken_first_and_another_tenants_is_not(store: SqlStore, clock: HandClock) -> None:
    ask(store, "n-2", tenant=OTHER)
    ask(store, "n-3")
    clock.advance()
    ask(store, "n-1")
    assert [taken(store, token).notice_id for token in ("a", "b")] == ["n-3", "n-1"]
    assert take(store) is None


def test_what_waits_is_due_again_later_and_counts_only_doubtful_tries(
    store: SqlStore, clock: HandClock
) -> None:
    ask(store)
    settle(store, taken(store), Waits(Code.NOTICE_AWAY, "away", HOUR, doubtful=False))
    assert take(store) is None
    clock.advance(HOUR)
    again = taken(store)
    assert (again.tries, again.doubtful, again.code, again.detail) == (2, 1, Code.NOTICE_AWAY, "away")
    settle(store, again, Waits(Code.NOTICE_AWAY, "cut", HOUR, doubtful=True))
    clock.advance(HOUR)
    assert taken(store).doubtful == 2


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (Sent(), DispatchState.SENT),
        (Undelivered(Code.NOTICE_REFUSED, "no"), DispatchState.UNDELIVERED),
        (Withdrawn("over"), DispatchState.WITHDRAWN),
    ],
)
def test_what_is_settled_is_not_taken_again(
    store: SqlStore, clock: HandClock, ending: Ending, state: DispatchState
) -> None:
    ask(store)
    assert settle(store, taken(store), ending)
    clock.advance(HOUR)
    assert take(store) is None
    [row] = listed(store)
    assert (row.state, row.settled_at) == (state, NOON)


def test_a_message_is_withdrawn_unless_somebody_sends_it_just_now(store: SqlStore, clock: HandClock) -> None:
    ask(store, "n-1")
    being_sent = taken(store)
    ask(store, "n-2")
    with store.write() as tx:
        assert tx.dispatches.withdraw(ACME, INCIDENT, "over") == 1
        assert tx.dispatches.withdraw(OTHER, INCIDENT, "over") == 0
    assert settle(store, being_sent, Sent())
    assert {row.notice_id: row.state for row in listed(store)} == {
        "n-1": DispatchState.SENT,
        "n-2": DispatchState.WITHDRAWN,
    }


def test_messages_of_a_stage_are_counted_over_all_channels_as_one(store: SqlStore) -> None:
    ask(store, "n-1", "email")
    ask(store, "n-1", "slack")
    ask(store, "n-2", "email", stage=Stage.RESOLVED)
    with store.read() as tx:
        assert tx.dispatches.tellings(ACME, INCIDENT, Stage.OPENED) == 1
        assert tx.dispatches.tellings(ACME, INCIDENT, Stage.ESCALATED) == 0
        assert tx.dispatches.tellings(OTHER, INCIDENT, Stage.OPENED) == 0


def test_what_was_undelivered_starts_afresh_on_request(store: SqlStore, clock: HandClock) -> None:
    ask(store)
    ask(store, "n-2", tenant=OTHER)
    settle(store, taken(store), Undelivered(Code.NOTICE_REFUSED, "no"))
    clock.advance(HOUR)
    with store.write() as tx:
        assert tx.dispatches.again(ACME) == 1
        assert tx.dispatches.again(ACME) == 0
    again = taken(store)
    assert (again.tries, again.doubtful, again.made_at) == (1, 1, NOON + HOUR)


def test_undelivered_ones_are_listed_first_and_open_ones_of_all_tenants(
    store: SqlStore, clock: HandClock
) -> None:
    ask(store, "n-1")
    settle(store, taken(store), Sent())
    ask(store, "n-2")
    settle(store, taken(store), Undelivered(Code.NOTICE_REFUSED, "no"))
    clock.advance()
    ask(store, "n-3")
    ask(store, "n-4", tenant=OTHER)
    assert [row.notice_id for row in listed(store)] == ["n-2", "n-3", "n-1"]
    with store.read() as tx:
        assert [row.notice_id for row in tx.dispatches.open_ones()] == ["n-2", "n-3", "n-4"]
        assert [row.notice_id for row in tx.dispatches.undelivered(ACME)] == ["n-2"]
        assert tx.dispatches.undelivered(OTHER) == []


def test_of_a_stopped_tenant_nobody_is_reminded(store: SqlStore) -> None:
    open_incident(store)
    with store.write() as tx:
        tx.tenants.move(ACME, TenantState.STOPPED, None)
        assert tx.dispatches.without_digest(NOON, "2026-03-02") == []
        assert tx.dispatches.unescalated([Code.TARGET_REFUSED], NOON) == []


def test_who_has_something_open_and_no_digest_of_the_day_is_found(store: SqlStore, clock: HandClock) -> None:
    open_incident(store)
    clock.advance(HOUR)
    open_incident(store, tenant=OTHER)
    new = NewDispatch("acme-digest-2026-03-02", "email", Stage.DIGEST, "2026-03-02", Audience.OWNERS)
    with store.read() as tx:
        assert tx.dispatches.without_digest(NOON, "2026-03-02") == [ACME]
        assert tx.dispatches.without_digest(NOON + HOUR, "2026-03-02") == [ACME, OTHER]
    with store.write() as tx:
        tx.dispatches.add(ACME, [new])
        assert tx.dispatches.without_digest(NOON + HOUR, "2026-03-02") == [OTHER]
        assert tx.dispatches.without_digest(NOON + HOUR, "2026-03-03") == [ACME, OTHER]
        tx.incidents.resolve(OTHER, [Code.TARGET_REFUSED])
        assert tx.dispatches.without_digest(NOON + HOUR, "2026-03-02") == []


def test_who_has_an_old_failure_that_was_not_told_once_more_is_found(store: SqlStore) -> None:
    incident = open_incident(store)
    open_incident(store, Code.TARGET_BUSY, OTHER)
    loud = [Code.TARGET_REFUSED]
    with store.write() as tx:
        assert tx.dispatches.unescalated(loud, NOON) == [ACME]
        assert tx.dispatches.unescalated(loud, NOON - HOUR) == []
        tx.dispatches.add(ACME, [NewDispatch("e", "email", Stage.ESCALATED, incident, Audience.OWNERS)])
        assert tx.dispatches.unescalated(loud, NOON) == []


def test_owners_are_named_anew_for_one_tenant_and_sealed(store: SqlStore) -> None:
    with store.write() as tx:
        tx.tenants.name_owners(ACME, ["ada@acme.example", "bob@acme.example"])
    with store.read() as tx:
        both = {tenant.tenant_id: tenant.owners for tenant in tx.tenants.everyone()}
    assert both == {ACME: ("ada@acme.example", "bob@acme.example"), OTHER: ("owner@acme.example",)}


def test_messages_go_with_their_tenant(store: SqlStore) -> None:
    ask(store)
    with store.write() as tx:
        names = set(tx.session.connection.exec_driver_sql("SELECT notice_id FROM dispatches").scalars())
        tx.session.connection.exec_driver_sql("DELETE FROM tenants WHERE tenant_id = 'acme'")
        left = set(tx.session.connection.exec_driver_sql("SELECT notice_id FROM dispatches").scalars())
    assert (names, left) == ({"n-1"}, set())
