"""Transactions: all or nothing, one writer at a time, and a clear word when the store is away."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from adapters.database.engine import connect
from adapters.database.errors import StoreAwayError, StoreConflictError, UnknownDatabaseError
from adapters.database.store import SqlStore, open_store
from adapters.database.tables import META
from adapters.vault import TenantVault
from domain.errors import TemporaryError
from domain.ports import Store
from domain.tenant import TenantState
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant
from tests.contracts.store.conftest import MASTER


@pytest.fixture
def hasty(database_url: str, clock: HandClock) -> Iterator[SqlStore]:
    """The same store, opened by somebody with little patience."""
    opened = SqlStore(connect(database_url, patience_s=0.2), TenantVault(MASTER), clock)
    yield opened
    opened.close()


def epoch(store: SqlStore) -> str | None:
    with store.read() as tx:
        return tx.bells.epoch()


def set_epoch(store: Store, value: str) -> None:
    with store.write() as tx:
        tx.bells.set_epoch(value)


def write_then_fail(store: SqlStore) -> None:
    with store.write() as tx:
        tx.bells.set_epoch("never")
        raise ZeroDivisionError


def write_in_reading(store: SqlStore) -> None:
    with store.read() as tx:
        tx.bells.set_epoch("never")


def lose_the_connection(store: SqlStore) -> None:
    with store.write() as tx:
        tx.bells.set_epoch("never")
        mine = tx.session.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.write() as other:
            kill = text("SELECT pg_terminate_backend(:mine)")
            other.session.connection.execute(kill, {"mine": mine})
        tx.bells.set_epoch("never again")


def test_a_block_that_ends_well_is_kept(store: SqlStore) -> None:
    set_epoch(store, "one")
    set_epoch(store, "two")
    assert epoch(store) == "two"


OPEN_WRITE_AND_LEAVE = """
import sqlite3, sys
there = sqlite3.connect(sys.argv[1])
there.execute("UPDATE meta SET value = CAST('theirs' AS BLOB) WHERE name = 'redis-epoch'")
there.commit()
there.close()
"""


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_store_opened_twice_in_one_process_sees_what_others_write_and_keeps_what_it_writes(
    database_url: str, store: SqlStore
) -> None:
    """The log of SQLite goes with the last process that holds a lock; a second opening must not drop ours."""
    set_epoch(store, "ours")
    second = open_store(database_url, TenantVault(MASTER))
    file = database_url.removeprefix("sqlite:///")
    subprocess.run([sys.executable, "-c", OPEN_WRITE_AND_LEAVE, file], check=True)
    assert epoch(store) == epoch(second) == "theirs"
    second.close()
    set_epoch(store, "ours again")
    with closing(sqlite3.connect(file)) as afterwards:
        found = afterwards.execute("SELECT value FROM meta WHERE name = 'redis-epoch'").fetchone()
    assert found == (b"ours again",)


def test_a_block_that_fails_leaves_nothing(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError):
        write_then_fail(store)
    assert epoch(store) is None


def test_a_reading_transaction_cannot_write(store: SqlStore) -> None:
    with pytest.raises((StoreAwayError, DBAPIError), match=r"(?i)read.?only"):
        write_in_reading(store)
    assert epoch(store) is None


def test_a_reading_transaction_sees_one_moment(store: SqlStore) -> None:
    set_epoch(store, "before")
    with store.read() as tx:
        assert tx.bells.epoch() == "before"
        set_epoch(store, "after")
        assert tx.bells.epoch() == "before"
    assert epoch(store) == "after"


def test_time_is_the_given_clocks_and_stands_still_within_a_transaction(
    store: SqlStore, clock: HandClock
) -> None:
    with store.write() as tx:
        clock.advance()
        assert tx.now() == NOON
    with store.read() as tx:
        assert tx.now() == NOON + timedelta(seconds=1)


def test_without_a_clock_the_time_is_the_databases_own(database_url: str) -> None:
    opened = open_store(database_url, TenantVault(MASTER))
    with opened.read() as first:
        began = first.now()
    with opened.write() as second:
        assert datetime(2025, 1, 1, tzinfo=UTC) < began <= second.now()
    opened.close()


def test_c1_writers_in_many_threads_lose_nothing(store: SqlStore) -> None:
    set_epoch(store, "0")

    def count() -> None:
        for _ in range(10):
            with store.write() as tx:
                tx.session.connection.execute(META.select().with_for_update())
                tx.bells.set_epoch(str(int(tx.bells.epoch() or "0") + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert epoch(store) == "40"


def test_c1_a_row_that_stays_locked_is_a_temporary_failure(store: SqlStore, hasty: SqlStore) -> None:
    set_epoch(store, "mine")
    with store.write() as tx:
        tx.bells.set_epoch("held")
        with pytest.raises(StoreAwayError) as caught:
            set_epoch(hasty, "yours")
    assert isinstance(caught.value, TemporaryError)
    assert epoch(store) == "held"


def test_readers_do_not_wait_for_a_writer(store: SqlStore, hasty: SqlStore) -> None:
    set_epoch(store, "before")
    with store.write() as tx:
        tx.bells.set_epoch("after")
        assert epoch(hasty) == "before"


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgres"])
def test_c11_of_two_that_wait_for_each_other_one_gives_way(store: SqlStore) -> None:
    add_tenant(store)
    add_tenant(store, OTHER)
    both_hold_one = threading.Barrier(2, timeout=20)
    failures: list[Exception] = []

    def move(first: str, second: str) -> None:
        try:
            with store.write() as tx:
                tx.tenants.move(ACME if first == ACME else OTHER, TenantState.READY, None)
                both_hold_one.wait()
                tx.tenants.move(ACME if second == ACME else OTHER, TenantState.READY, None)
        except StoreConflictError as error:
            failures.append(error)

    threads = [threading.Thread(target=move, args=pair) for pair in [(ACME, OTHER), (OTHER, ACME)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(failures) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgres"])
def test_c6_a_lost_connection_rolls_back_and_the_next_transaction_gets_another(store: SqlStore) -> None:
    set_epoch(store, "before")
    with pytest.raises(StoreAwayError, match="PostgreSQL is away"):
        lose_the_connection(store)
    assert epoch(store) == "before"
    set_epoch(store, "after")
    assert epoch(store) == "after"


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "nonsense", ""])
def test_an_unknown_database_is_refused_with_the_known_ones(url: str) -> None:
    with pytest.raises(UnknownDatabaseError, match="use sqlite:///path/to/file or postgresql"):
        open_store(url, TenantVault(MASTER))


def test_a_password_in_the_url_is_not_repeated() -> None:
    with pytest.raises(UnknownDatabaseError) as caught:
        open_store("mysql://user:CANARY@host/name", TenantVault(MASTER))
    assert "CANARY" not in str(caught.value)


def test_sqlite_files_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    opened = open_store(f"sqlite:///{folder / 'store.db'}", TenantVault(MASTER))
    opened.migrate()
    set_epoch(opened, "one")
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    opened.close()


def test_sqlite_keeps_its_journal_beside_and_follows_references(tmp_path: Path) -> None:
    engines = connect(f"sqlite:///{tmp_path / 'store.db'}")
    with engines.writing.connect() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert told == ["wal", 1, 1, 15_000]
    engines.dispose()


def test_c2_every_sqlite_writer_takes_the_lock_when_it_begins(tmp_path: Path) -> None:
    """A deferred transaction that reads first and writes later fails at once under load."""
    path = tmp_path / "store.db"
    opened = open_store(f"sqlite:///{path}", TenantVault(MASTER))
    opened.migrate()
    stranger = sqlite3.connect(path, timeout=0)
    with opened.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        stranger.execute("BEGIN IMMEDIATE")
    stranger.close()
    opened.close()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "store.db"
    folder.mkdir()
    with pytest.raises(OSError, match=r"store\.db"):
        open_store(f"sqlite:///{folder}", TenantVault(MASTER))
