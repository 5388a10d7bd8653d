"""The audit on both databases: one chain per tenant, whoever writes, and nobody changes it unseen."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Executable, delete, insert, select, update

from adapters.database.store import SqlStore, open_store
from adapters.database.tables_audit import AUDIT, AUDIT_CHAINS
from adapters.vault import TenantVault
from domain.audit import ITSELF, About, Deed, Note
from domain.ids import INSTALLATION, TenantId
from producers.prune import AUDIT_KEPT, prune
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant
from tests.contracts.store.conftest import MASTER

WITNESS = "ada.lovelace@acme.example"
SET = Note(Deed.OVERRIDE_SET, "operator:ina", About.PERSON, "4711", meant=f"pin-active|{WITNESS}")
MONTH = timedelta(days=30)


def write(store: SqlStore, count: int = 1, tenant_id: TenantId = ACME) -> None:
    for _ in range(count):
        with store.write() as tx:
            tx.audit.write(tenant_id, SET)


def broken(store: SqlStore, tenant_id: TenantId = ACME) -> int | None:
    with store.read() as tx:
        return tx.audit.first_broken(tenant_id)


def numbers(store: SqlStore, tenant_id: TenantId = ACME) -> list[int]:
    with store.read() as tx:
        return [entry.number for entry in tx.audit.newest(tenant_id, 1_000)]


def past_us(store: SqlStore, *statements: Executable) -> None:
    """Write into the tables as somebody does who has the database and no key."""
    with store.write() as tx:
        for statement in statements:
            tx.session.connection.execute(statement)


@pytest.fixture
def five(store: SqlStore) -> SqlStore:
    add_tenant(store)
    write(store, 5)
    return store


def test_entries_come_back_newest_first_and_the_chain_is_whole(five: SqlStore) -> None:
    with five.read() as tx:
        newest, before = tx.audit.newest(ACME, 2)
    assert (newest.number, newest.at, newest.by, newest.deed) == (5, NOON, "operator:ina", "override-set")
    assert (newest.about, newest.about_id, newest.count) == ("person", "4711", 1)
    assert newest.previous == before.hash
    assert broken(five) is None


def test_an_entry_of_a_deed_that_was_rolled_back_is_not_there(five: SqlStore) -> None:
    with contextlib.suppress(LookupError), five.write() as tx:
        tx.audit.write(ACME, SET)
        raise LookupError
    assert numbers(five) == [5, 4, 3, 2, 1]
    write(five)
    assert broken(five) is None


THIRD = (AUDIT.c.tenant_id == ACME, AUDIT.c.number == 3)
TAMPERED = {
    "altered": (update(AUDIT).where(*THIRD).values(by="operator:somebody"), 3),
    "removed": (delete(AUDIT).where(*THIRD), 3),
    "first-removed": (delete(AUDIT).where(AUDIT.c.number == 1), 1),
    "last-removed": (delete(AUDIT).where(AUDIT.c.number == 5), 5),
    "all-removed": (delete(AUDIT), 1),
    "its-row-removed": (delete(AUDIT_CHAINS), ITSELF),
    "end-moved": (update(AUDIT_CHAINS).values(tip_number=6), ITSELF),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_done_past_us_is_found_and_stays_found_when_the_chain_goes_on(
    how: str, five: SqlStore
) -> None:
    statement, where = TAMPERED[how]
    past_us(five, statement)
    assert broken(five) == where
    write(five, 2)
    assert broken(five) == where


def test_two_entries_that_were_swapped_are_found(five: SqlStore) -> None:
    def renumber(old: int, new: int) -> Executable:
        return update(AUDIT).where(AUDIT.c.number == old).values(number=new)

    past_us(five, renumber(2, 99), renumber(4, 2), renumber(99, 4))
    assert broken(five) == 2


@pytest.mark.parametrize("number", [-1, 0, 6])
def test_an_entry_that_was_added_past_us_is_found_and_keeps_nobody_from_writing(
    number: int, five: SqlStore
) -> None:
    with five.read() as tx:
        row = tx.session.connection.execute(select(AUDIT).where(*THIRD)).one()
    past_us(five, insert(AUDIT).values({**row._mapping, "number": number}))
    assert broken(five) is not None
    write(five)
    assert broken(five) is not None


def test_an_entry_that_was_copied_from_another_tenant_is_found(five: SqlStore) -> None:
    add_tenant(five, OTHER)
    write(five, 5, OTHER)
    with five.write() as tx:
        row = tx.session.connection.execute(select(AUDIT).where(AUDIT.c.tenant_id == OTHER)).first()
    assert row is not None
    copied = {**row._mapping, "tenant_id": ACME}
    past_us(five, delete(AUDIT).where(AUDIT.c.tenant_id == ACME, AUDIT.c.number == row.number))
    past_us(five, insert(AUDIT).values(copied))
    assert broken(five) == row.number


def test_another_tenants_entries_do_not_matter(five: SqlStore) -> None:
    add_tenant(five, OTHER)
    write(five, 2, OTHER)
    assert numbers(five, OTHER) == [2, 1]
    past_us(five, delete(AUDIT).where(AUDIT.c.tenant_id == OTHER))
    assert broken(five) is None
    assert broken(five, OTHER) == 1


def test_many_writers_at_once_make_one_chain(five: SqlStore, database_url: str, clock: HandClock) -> None:
    def work(_: int) -> None:
        own = open_store(database_url, TenantVault(MASTER), clock=clock)
        write(own, 5)
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert numbers(five) == [*range(25, 0, -1)]
    assert broken(five) is None


def test_the_first_two_writers_at_once_begin_one_chain(
    store: SqlStore, database_url: str, clock: HandClock
) -> None:
    add_tenant(store)

    def work(_: int) -> None:
        own = open_store(database_url, TenantVault(MASTER), clock=clock)
        write(own)
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert numbers(store) == [4, 3, 2, 1]
    assert broken(store) is None


def test_k15_entries_of_more_than_two_years_are_pruned_and_the_rest_verifies(
    five: SqlStore, clock: HandClock
) -> None:
    clock.advance(AUDIT_KEPT)
    write(five, 2)
    assert prune(store=five, most=3).audit == 3
    assert numbers(five) == [7, 6, 5, 4]
    assert broken(five) is None
    assert prune(store=five, most=3).audit == 2
    assert prune(store=five).audit == 0
    assert numbers(five) == [7, 6]
    assert broken(five) is None
    past_us(five, delete(AUDIT).where(AUDIT.c.number == 6))
    assert broken(five) == 6


def test_a_chain_that_was_pruned_to_nothing_goes_on_where_it_was(five: SqlStore, clock: HandClock) -> None:
    clock.advance(AUDIT_KEPT)
    assert prune(store=five).audit == 5
    assert broken(five) is None
    write(five)
    assert numbers(five) == [6]
    assert broken(five) is None


AGED: dict[str, Callable[[], Executable]] = {
    "its-moment-altered": lambda: update(AUDIT).values(at=0),
    "removed": lambda: delete(AUDIT).where(AUDIT.c.number == 2),
    "end-moved": lambda: update(AUDIT_CHAINS).values(tip_number=6),
}


@pytest.mark.parametrize("how", AGED)
def test_pruning_wipes_out_no_trace(how: str, five: SqlStore, clock: HandClock) -> None:
    past_us(five, AGED[how]())
    before = broken(five)
    clock.advance(AUDIT_KEPT)
    assert prune(store=five).audit == 0
    assert broken(five) == before is not None


def test_one_damaged_chain_does_not_keep_the_others_from_being_pruned(
    five: SqlStore, clock: HandClock
) -> None:
    add_tenant(five, OTHER)
    write(five, 2, OTHER)
    past_us(five, delete(AUDIT).where(AUDIT.c.tenant_id == ACME, AUDIT.c.number == 1))
    clock.advance(AUDIT_KEPT)
    assert prune(store=five).audit == 2
    assert broken(five, OTHER) is None


def test_a_tenant_without_any_entry_is_not_whole(store: SqlStore) -> None:
    add_tenant(store)
    assert broken(store) == ITSELF


def test_what_is_only_the_installations_has_no_chain(store: SqlStore) -> None:
    write(store, 1, INSTALLATION)
    with store.read() as tx:
        assert tx.audit.chain(INSTALLATION) is None


def test_no_value_and_no_address_stands_in_the_tables(five: SqlStore) -> None:
    with five.write() as tx:
        found = [
            str(tuple(row))
            for table in (AUDIT, AUDIT_CHAINS)
            for row in tx.session.connection.execute(select(table))
        ]
    assert len(found) == 6
    assert not any(part in row.lower() for row in found for part in ("@", "lovelace", "pin-active"))


def test_a_chain_of_more_than_one_batch_is_walked_to_its_end(store: SqlStore) -> None:
    add_tenant(store)
    with store.write() as tx:
        for _ in range(1_002):
            tx.audit.write(ACME, SET)
    assert broken(store) is None
    past_us(store, delete(AUDIT).where(AUDIT.c.number == 1_001))
    assert broken(store) == 1_001
