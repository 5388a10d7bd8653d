"""Incidents: one open per cause, told once when it opens and once when it ends."""

from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.codes import Code
from domain.ids import INSTALLATION, IncidentId, TenantId
from domain.records import Incident
from tests.contracts.store.builders import ACME, NOON, OTHER, RUN, HandClock, add_tenant

BUSY, GONE = Code.TARGET_BUSY, Code.TARGET_UNREACHABLE
FIRST, SECOND = IncidentId("i-1"), IncidentId("i-2")


@pytest.fixture(autouse=True)
def tenant(store: SqlStore) -> None:
    add_tenant(store)


def open_incident(
    store: SqlStore,
    incident_id: IncidentId = FIRST,
    code: Code = BUSY,
    count: int = 1,
    tenant: TenantId = ACME,
) -> Incident:
    with store.write() as tx:
        return tx.incidents.open(tenant, incident_id, code, f"{count} rows", count, RUN)


def resolve(store: SqlStore, *codes: Code) -> list[IncidentId]:
    with store.write() as tx:
        return [incident.incident_id for incident in tx.incidents.resolve(ACME, codes)]


def tell(store: SqlStore, incident_id: IncidentId = FIRST, *, resolved: bool = False) -> bool:
    with store.write() as tx:
        return tx.incidents.told(ACME, incident_id, resolved=resolved)


def untold(store: SqlStore) -> list[tuple[TenantId, IncidentId]]:
    with store.read() as tx:
        return list(tx.incidents.untold())


def test_an_incident_opens_with_everything_known(store: SqlStore) -> None:
    expected = Incident(FIRST, ACME, BUSY, "1 rows", 1, NOON, NOON, None, None, None, RUN)
    assert open_incident(store) == expected
    with store.read() as tx:
        assert tx.incidents.get(ACME, FIRST) == expected
        assert tx.incidents.get(ACME, SECOND) is None
        assert tx.incidents.get(OTHER, FIRST) is None


def test_the_same_cause_updates_the_open_incident(store: SqlStore, clock: HandClock) -> None:
    open_incident(store)
    later = clock.advance()
    again = open_incident(store, SECOND, count=7)
    assert (again.incident_id, again.count, again.detail) == (FIRST, 7, "7 rows")
    assert (again.opened_at, again.last_seen_at) == (NOON, later)


def test_another_cause_or_tenant_has_an_incident_of_its_own(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    open_incident(store)
    assert open_incident(store, SECOND, GONE).incident_id == SECOND
    assert open_incident(store, IncidentId("i-3"), tenant=OTHER).incident_id == "i-3"


def test_open_incidents_are_listed_oldest_first(store: SqlStore, clock: HandClock) -> None:
    open_incident(store, SECOND, GONE)
    clock.advance()
    open_incident(store, FIRST, BUSY)
    open_incident(store, IncidentId("i-3"), Code.TARGET_REFUSED)
    resolve(store, Code.TARGET_REFUSED)
    with store.read() as tx:
        assert [incident.incident_id for incident in tx.incidents.standing(ACME)] == [SECOND, FIRST]


def test_resolving_returns_what_was_open_and_only_once(store: SqlStore, clock: HandClock) -> None:
    open_incident(store, FIRST, BUSY)
    open_incident(store, SECOND, GONE)
    at = clock.advance()
    assert resolve(store, BUSY, Code.FEED_EMPTY) == [FIRST]
    assert resolve(store, BUSY) == []
    assert resolve(store) == []
    with store.read() as tx:
        resolved = tx.incidents.get(ACME, FIRST)
    assert resolved is not None
    assert resolved.resolved_at == at


def test_a_cause_that_returns_opens_a_new_incident(store: SqlStore) -> None:
    open_incident(store)
    resolve(store, BUSY)
    tell(store, resolved=True)
    assert open_incident(store, SECOND).incident_id == SECOND


def test_an_opening_is_told_once(store: SqlStore) -> None:
    open_incident(store)
    assert untold(store) == [(ACME, FIRST)]
    assert tell(store)
    assert not tell(store)
    assert untold(store) == []


def test_an_end_is_told_once(store: SqlStore) -> None:
    open_incident(store)
    tell(store)
    assert not tell(store, resolved=True)
    resolve(store, BUSY)
    assert untold(store) == [(ACME, FIRST)]
    assert tell(store, resolved=True)
    assert not tell(store, resolved=True)
    assert untold(store) == []


def test_who_hears_of_the_end_needs_not_hear_of_the_opening(store: SqlStore) -> None:
    open_incident(store)
    resolve(store, BUSY)
    assert tell(store, resolved=True)
    assert untold(store) == []
    assert not tell(store)


def test_an_unknown_incident_cannot_be_told(store: SqlStore) -> None:
    assert not tell(store)


# coming back


def test_an_incident_that_comes_back_before_its_end_was_told_goes_on_untold(
    store: SqlStore, clock: HandClock
) -> None:
    open_incident(store)
    tell(store)
    resolve(store, BUSY)
    clock.advance()
    again = open_incident(store, SECOND, count=3)
    assert (again.incident_id, again.opened_at, again.count, again.resolved_at) == (FIRST, NOON, 3, None)
    assert untold(store) == []


def flap(store: SqlStore, clock: HandClock, incident_id: str) -> tuple[int, bool]:
    """Open, tell and resolve; return how often it came back, and whether its end is told at once."""
    incident = open_incident(store, IncidentId(incident_id))
    tell(store, incident.incident_id)
    told = bool(resolve(store, BUSY))
    tell(store, incident.incident_id, resolved=True)
    clock.advance(timedelta(minutes=1))
    return incident.reopened, told


def test_the_end_of_one_that_keeps_coming_back_is_told_the_later_the_more_often(
    store: SqlStore, clock: HandClock
) -> None:
    assert [flap(store, clock, f"f-{number}") for number in range(3)] == [
        (0, True),
        (1, False),
        (2, False),
    ]


def test_the_end_that_was_put_off_is_told_once_it_was_quiet(store: SqlStore, clock: HandClock) -> None:
    flap(store, clock, "f-0")
    open_incident(store, SECOND)
    tell(store, SECOND)
    assert resolve(store, BUSY) == []
    assert untold(store) == []
    clock.advance(timedelta(minutes=10))
    assert untold(store) == [(ACME, SECOND)]


def test_what_comes_back_after_a_day_is_a_new_incident(store: SqlStore, clock: HandClock) -> None:
    flap(store, clock, "f-0")
    clock.advance(timedelta(days=1))
    assert flap(store, clock, "f-1") == (0, True)


# the installation's own


def test_the_installation_has_incidents_of_its_own(store: SqlStore) -> None:
    open_incident(store, tenant=INSTALLATION)
    again = open_incident(store, SECOND, count=2, tenant=INSTALLATION)
    assert (again.incident_id, again.tenant_id, again.count) == (FIRST, INSTALLATION, 2)
    open_incident(store, SECOND)
    with store.write() as tx:
        assert tx.incidents.get(ACME, FIRST) is None
        assert [each.incident_id for each in tx.incidents.standing(INSTALLATION)] == [FIRST]
        assert tx.incidents.open_of_all() == [(INSTALLATION, BUSY), (ACME, BUSY)]
        assert [each.incident_id for each in tx.incidents.resolve(INSTALLATION, [BUSY])] == [FIRST]
    assert untold(store) == [(INSTALLATION, FIRST), (ACME, SECOND)]


AGAIN = timedelta(seconds=60)


def rung(store: SqlStore, *, again: timedelta = AGAIN, most: int = 10) -> list[IncidentId]:
    with store.write() as tx:
        return [incident_id for _, incident_id in tx.incidents.ring_untold(again, most)]


def test_what_nobody_was_told_is_rung_for_once_a_minute_and_not_at_each_look(
    store: SqlStore, clock: HandClock
) -> None:
    open_incident(store)
    assert rung(store) == [FIRST]
    clock.advance(AGAIN / 2)
    assert rung(store) == []
    assert rung(store, again=timedelta(0)) == [FIRST], "all bells are lost with Redis"
    clock.advance(AGAIN)
    assert rung(store) == [FIRST]
    tell(store)
    assert rung(store, again=timedelta(0)) == []


def test_an_end_is_rung_for_at_once_however_short_ago_the_opening_was(store: SqlStore) -> None:
    open_incident(store)
    assert rung(store) == [FIRST]
    tell(store)
    resolve(store, BUSY)
    assert rung(store) == [FIRST]
    assert rung(store) == []


def test_a_storm_of_incidents_is_rung_for_in_parts_the_oldest_first(
    store: SqlStore, clock: HandClock
) -> None:
    names = [IncidentId(f"i-{number}") for number in range(5)]
    for name, code in zip(names, Code, strict=False):
        open_incident(store, name, code)
        clock.advance(timedelta(seconds=1))
    assert [rung(store, most=2) for _ in range(4)] == [names[:2], names[2:4], names[4:], []]
