"""Tenants: their states, their keys, and the versions of what they chose."""

from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from adapters.database.configurations import read_configuration, write_configuration
from adapters.database.store import SqlStore, open_store
from adapters.vault import TenantVault
from domain.codes import Code
from domain.config import (
    Configuration,
    Fallback,
    Line,
    MatchRule,
    Mode,
    Policy,
    ReleaseNames,
    Removal,
    Scope,
)
from domain.guards import OFF, Bound, Guards
from domain.ids import ConfigVersion, TenantId
from domain.run import Outcome, RunKind
from domain.schedule import Daily, Every, Hours, Schedule
from domain.tenant import MOVES, Tenant, TenantState
from domain.transforms import Cut, DateAs, Otherwise, Plain, Prefix, Replace, Suffix, Table
from tests.contracts.store.builders import (
    ACME,
    NOON,
    OTHER,
    HandClock,
    add_run,
    add_tenant,
    configuration,
    connection,
)
from tests.contracts.store.conftest import MASTER

EVERYTHING = Configuration(
    version=ConfigVersion(1),
    lines=(
        Line("email", "userName", required=True, transforms=(Plain.LOWER,)),
        Line("universal:iban", "urn:example:iban", transforms=(Plain.UPPER,)),
        Line("Straße", "addresses.street"),
        Line(
            "",
            "displayName",
            template="{first_name} {last_name}",
            transforms=(
                Plain.ASCII,
                Prefix("Dr. "),
                Suffix(" (ext)"),
                Replace("  ", " "),
                Cut(40),
                DateAs("DD.MM.YYYY"),
                Table((("a", "b"), ("c", "")), Otherwise.REFUSE),
            ),
            mode=Mode.ONCE,
            empty=Fallback.DEFAULT,
            absent=Fallback.DEFAULT,
            default=7,
        ),
    ),
    unique_path="externalId",
    match_path=None,
    scope=Scope(frozenset({"active", "leave", "onboarding"}), frozenset({"internal", "external"})),
    policy=Policy(Removal.NOTHING, Removal.NOTHING, Removal.NOTHING, ReleaseNames.AT_DEACTIVATION),
    schedule=Schedule(
        Every(timedelta(minutes=15, microseconds=1)),
        "Europe/Berlin",
        (Hours(time(22), time(6)), Hours(time(12), time(12, 30))),
        Hours(time(20), time(6, 30)),
        timedelta(minutes=10),
    ),
    sync_managers=False,
    external_prefix="acme:",
    match=(MatchRule(("externalId",), suggest=True),),
    guards=Guards(
        removals=Bound(9, 1, 90),
        leavers=Bound(20, 4, 300),
        updates=OFF,
        invites=True,
        protect=frozenset({"personio:7", "account:a-1"}),
        owners=frozenset({"roles:chief"}),
    ),
)

PLAIN = configuration()


def get(store: SqlStore, tenant_id: TenantId = ACME) -> Tenant:
    with store.read() as tx:
        tenant = tx.tenants.get(tenant_id)
    assert tenant is not None
    return tenant


def move(store: SqlStore, to: TenantState, why: Code | None = None) -> bool:
    with store.write() as tx:
        return tx.tenants.move(ACME, to, why)


def add_and_fail(store: SqlStore) -> None:
    with store.write() as tx:
        tx.tenants.add(ACME, "Acme", "de", [])
        tx.connections.put(ACME, connection())
        raise ZeroDivisionError


def walk(store: SqlStore, *states: TenantState) -> None:
    for state in states:
        assert move(store, state), state


def test_a_new_tenant_is_in_setup(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.tenants.add(ACME, "Acme GmbH", "de", ["ada@acme.example", "bob@acme.example"])
    assert get(store) == Tenant(
        ACME,
        "Acme GmbH",
        TenantState.SETUP,
        None,
        NOON,
        "de",
        owners=("ada@acme.example", "bob@acme.example"),
    )


def test_an_id_is_given_once(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        assert not tx.tenants.add(ACME, "Another", "en", [])
        assert tx.tenants.configuration(ACME) is not None
    assert get(store).name == "acme GmbH"


def test_a_refused_id_does_not_spoil_the_keys_of_the_tenant_that_has_it(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        tx.tenants.add(ACME, "Another", "en", [])
        assert tx.connections.get(ACME) == connection()


def test_a_tenant_is_usable_in_the_transaction_that_adds_it(store: SqlStore) -> None:
    with store.write() as tx:
        tx.tenants.add(ACME, "Acme", "de", [])
        tx.connections.put(ACME, connection())
    with store.read() as tx:
        assert tx.connections.get(ACME) == connection()


def test_a_tenant_whose_adding_was_rolled_back_can_be_added_again(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError):
        add_and_fail(store)
    add_tenant(store)
    with store.write() as tx:
        tx.connections.put(ACME, connection())
    with store.read() as tx:
        assert tx.connections.get(ACME) == connection()


def test_nobody_knows_an_unknown_tenant(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.tenants.get(ACME) is None
        assert tx.tenants.configuration(ACME) is None
        assert not tx.tenants.move(ACME, TenantState.READY, None)
        assert tx.tenants.everyone() == []


def test_everyone_is_listed_by_id(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    add_tenant(store, ACME)
    with store.read() as tx:
        assert [tenant.tenant_id for tenant in tx.tenants.everyone()] == [ACME, OTHER]


@pytest.mark.parametrize("to", TenantState)
def test_a_tenant_moves_only_where_the_drawing_leads(store: SqlStore, to: TenantState) -> None:
    add_tenant(store)
    assert move(store, to) == (to in MOVES[TenantState.SETUP])
    assert get(store).state is (to if to in MOVES[TenantState.SETUP] else TenantState.SETUP)


def test_a_move_tells_why_and_since_when(store: SqlStore, clock: HandClock) -> None:
    add_tenant(store)
    walk(store, TenantState.READY, TenantState.ACTIVE)
    at = clock.advance()
    assert move(store, TenantState.BLOCKED, Code.SOURCE_CREDENTIALS_REFUSED)
    tenant = get(store)
    assert (tenant.why, tenant.since) == (Code.SOURCE_CREDENTIALS_REFUSED, at)


def test_blocked_and_stopped_remember_where_they_came_from(store: SqlStore) -> None:
    add_tenant(store)
    walk(store, TenantState.READY, TenantState.ACTIVE, TenantState.PAUSED, TenantState.BLOCKED)
    assert get(store).before is TenantState.PAUSED
    walk(store, TenantState.STOPPED)
    assert get(store).before is TenantState.PAUSED
    walk(store, TenantState.ACTIVE)
    assert get(store).before is None


def test_no_configuration_is_stored_at_first(store: SqlStore) -> None:
    with store.write() as tx:
        tx.tenants.add(ACME, "Acme", "de", [])
        assert tx.tenants.configuration(ACME) is None


def test_each_choice_is_a_new_version_and_old_ones_stay(store: SqlStore) -> None:
    add_tenant(store)
    changed = configuration(external_prefix="acme:")
    with store.write() as tx:
        assert tx.tenants.configure(ACME, changed, "ada") == 2
    with store.read() as tx:
        assert tx.tenants.configuration(ACME) == replace(changed, version=ConfigVersion(2))
        assert tx.tenants.configuration(ACME, ConfigVersion(1)) == configuration()
        assert tx.tenants.configuration(ACME, ConfigVersion(3)) is None


def test_the_same_choice_makes_no_new_version(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        assert tx.tenants.configure(ACME, configuration(version=ConfigVersion(99)), "ada") == 1


def test_going_back_to_an_older_choice_is_a_new_version(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        tx.tenants.configure(ACME, configuration(sync_managers=False), "ada")
        assert tx.tenants.configure(ACME, configuration(), "ada") == 3


def test_configurations_of_two_tenants_stay_apart(store: SqlStore) -> None:
    add_tenant(store)
    add_tenant(store, OTHER, configuration(external_prefix="other:"))
    with store.read() as tx:
        assert tx.tenants.configuration(ACME) == configuration()


@pytest.mark.parametrize(
    "config", [EVERYTHING, configuration(), configuration(schedule=Schedule(Daily(time(23, 59, 30))))]
)
def test_every_field_of_a_configuration_survives_storing(store: SqlStore, config: Configuration) -> None:
    add_tenant(store, config=config)
    with store.read() as tx:
        assert tx.tenants.configuration(ACME) == config


@pytest.mark.parametrize(
    "name", [field.name for field in fields(Configuration) if field.compare and field.name != "version"]
)
def test_no_field_is_forgotten_when_it_is_written(name: str) -> None:
    """A field added tomorrow must be carried, or this test fails: its change would be no new version."""
    changed = replace(EVERYTHING, **{name: getattr(PLAIN, name)})
    assert write_configuration(changed) != write_configuration(EVERYTHING)
    assert read_configuration(write_configuration(changed), 1) == changed


def test_the_schedules_newest_slot_is_found_among_runs_by_hand(store: SqlStore, clock: HandClock) -> None:
    add_tenant(store)
    with store.read() as tx:
        assert tx.tenants.last_slot(ACME) is None
    for hour in (10, 11):
        slot = datetime(2026, 3, 2, hour, tzinfo=UTC).isoformat()
        run = add_run(store, f"run-{hour}", slot=slot, by="schedule")
        clock.advance()
        with store.write() as tx:
            tx.runs.end(ACME, run, Outcome.OK)
    add_run(store, "by-hand", slot="manual:1", by="ada")
    with store.read() as tx:
        assert tx.tenants.last_slot(ACME) == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_another_process_reads_the_tenant_with_the_same_master_key(
    store: SqlStore, database_url: str, clock: HandClock
) -> None:
    add_tenant(store)
    elsewhere = open_store(database_url, TenantVault(MASTER), clock=clock)
    assert get(elsewhere) == get(store)
    elsewhere.close()


def test_a_removal_on_its_day_does_not_stand_in_for_a_slot(store: SqlStore, clock: HandClock) -> None:
    """Deletions are made by the schedule too, but their slot is no moment."""
    add_tenant(store)
    add_run(store, "feed", slot=NOON.isoformat(), by="schedule")
    clock.advance()
    add_run(store, "deletion", kind=RunKind.DELETION, slot="deletion:1", by="schedule")
    with store.read() as tx:
        assert tx.tenants.last_slot(ACME) == NOON
