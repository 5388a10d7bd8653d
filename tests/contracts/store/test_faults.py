"""What a database does to us on bad days: locks, full pools, lost answers, deaths in mid-migration."""

import multiprocessing
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url

from adapters.database.engine import PATIENCE_S, POOL, connect
from adapters.database.errors import StoreAwayError
from adapters.database.store import SqlStore, open_store
from adapters.vault import TenantVault
from domain.codes import Code
from tests.contracts.store.builders import HandClock
from tests.contracts.store.conftest import MASTER, PostgresServer
from tests.fakes.tcp_proxy import HOST, TcpProxy

LOCKED_SECONDS = 10
HOLD_THE_LOCK = f"""
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("mine", flush=True)
time.sleep({LOCKED_SECONDS})
connection.execute("COMMIT")
"""
PRODUCT = ("adapters", "bootstrap", "domain", "producers", "schemas", "workers")
DIED = 137
COMMIT = b"COMMIT\0"
"""As PostgreSQL is told; the end keeps it apart from «READ COMMITTED»."""

DIES_AT = (1, 12, 25)
"""So many tables a process makes before it dies in mid-migration."""


def epoch(store: SqlStore) -> str | None:
    with store.read() as tx:
        return tx.bells.epoch()


def set_epoch(store: SqlStore, value: str) -> None:
    with store.write() as tx:
        tx.bells.set_epoch(value)


def count_up(store: SqlStore) -> None:
    """Read and then write, as whatever may lose an update does."""
    with store.write() as tx:
        tx.bells.set_epoch(str(int(tx.bells.epoch() or "0") + 1))


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["sqlite"])
def test_c1_a_writer_waits_for_another_process_that_holds_the_lock_for_ten_seconds(
    store: SqlStore, database_url: str
) -> None:
    assert PATIENCE_S > LOCKED_SECONDS
    count_up(store)
    path = str(make_url(database_url).database)
    command = [sys.executable, "-c", HOLD_THE_LOCK, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout is not None
        assert stranger.stdout.readline() == b"mine\n"
        assert epoch(store) == "1"
        count_up(store)
        assert stranger.wait(LOCKED_SECONDS) == 0
    assert epoch(store) == "2"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_c2_whoever_reads_first_and_writes_later_holds_the_lock_from_the_beginning(
    store: SqlStore, database_url: str
) -> None:
    stranger = sqlite3.connect(str(make_url(database_url).database), timeout=0)
    with store.write() as tx:
        tx.bells.epoch()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
        tx.bells.set_epoch("mine")
    stranger.close()
    assert epoch(store) == "mine"


def test_c2_connections_are_made_in_one_place_where_writers_begin_immediately() -> None:
    root = Path(__file__).parents[3]
    makers = {
        path.relative_to(root).as_posix()
        for part in PRODUCT
        for path in (root / part).rglob("*.py")
        if re.search(r"\bcreate_engine\(|\bsqlite3\.connect\(|\bpsycopg\.connect\(", path.read_text("utf-8"))
    }
    assert makers == {"adapters/database/engine.py"}


@pytest.fixture
def proxy(postgres_server: PostgresServer) -> Iterator[TcpProxy]:
    """Stand between the store and PostgreSQL, which listens at a socket of the file system."""
    query = make_url(postgres_server.admin_url).query
    with TcpProxy(partial(at_socket, f"{query['host']}/.s.PGSQL.5432")) as running:
        yield running


def at_socket(path: str) -> socket.socket:
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    return one


@pytest.fixture
def through(proxy: TcpProxy, database_url: str, clock: HandClock) -> Iterator[SqlStore]:
    address = make_url(database_url).set(host=HOST, port=proxy.port, query={})
    opened = open_store(address.render_as_string(hide_password=False), TenantVault(MASTER), clock=clock)
    yield opened
    opened.close()


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgres"])
def test_c5_a_commit_whose_answer_never_comes_is_no_success_and_is_read_again(
    through: SqlStore, proxy: TcpProxy
) -> None:
    set_epoch(through, "before")
    proxy.cut_after(COMMIT)
    with pytest.raises(StoreAwayError) as caught:
        set_epoch(through, "after")
    assert proxy.cuts == 1
    assert caught.value.code is Code.STORE_AWAY
    assert epoch(through) == "after"
    set_epoch(through, "later")
    assert epoch(through) == "later"


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgres"])
def test_c5_a_commit_that_never_arrived_left_nothing(through: SqlStore, proxy: TcpProxy) -> None:
    set_epoch(through, "before")

    def write() -> None:
        with through.write() as tx:
            tx.bells.set_epoch("after")
            proxy.cut()

    with pytest.raises(StoreAwayError):
        write()
    assert epoch(through) == "before"


def test_c6_whoever_finds_no_free_connection_is_told_so_and_served_later(
    database_url: str, clock: HandClock
) -> None:
    store = SqlStore(connect(database_url, patience_s=0.2), TenantVault(MASTER), clock)
    with ExitStack() as everybody:
        for _ in range(sum(POOL.values())):
            everybody.enter_context(store.read())
        with pytest.raises(StoreAwayError, match="no database connection became free") as caught:
            epoch(store)
        assert caught.value.code is Code.STORE_AWAY
    set_epoch(store, "served")
    assert epoch(store) == "served"
    store.close()


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgres"])
def test_c6_an_idle_transaction_that_the_server_ends_is_rolled_back(store: SqlStore) -> None:
    set_epoch(store, "before")

    def dawdle() -> None:
        with store.write() as tx:
            tx.bells.set_epoch("never")
            idle = text("SET idle_in_transaction_session_timeout = '50ms'")
            tx.session.connection.execute(idle)
            with store.read() as other:
                other.session.connection.execute(text("SELECT pg_sleep(0.5)"))
            tx.bells.set_epoch("never again")

    with pytest.raises(StoreAwayError):
        dawdle()
    assert epoch(store) == "before"
    set_epoch(store, "after")
    assert epoch(store) == "after"


def test_c7_processes_that_die_in_mid_migration_leave_the_next_one_a_clean_start(empty_url: str) -> None:
    fresh = multiprocessing.get_context("spawn").Process(target=die_migrating, args=(empty_url,))
    fresh.start()
    fresh.join(60)
    assert fresh.exitcode == 0
    engine = create_engine(make_url(empty_url).set(drivername=driver_of(empty_url)))
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    store = open_store(empty_url, TenantVault(MASTER))
    store.migrate()
    store.check_master_key()
    set_epoch(store, "works")
    store.close()


def driver_of(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"


def die_migrating(url: str) -> None:
    """Let one process after the other die after so many tables; each finds what the one before has left."""
    for tables in DIES_AT:
        child = os.fork()
        if child == 0:
            made: list[str] = []
            event.listen(Engine, "after_cursor_execute", partial(_count, made, tables))
            open_store(url, TenantVault(MASTER)).migrate()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != DIED:
            sys.exit(f"nobody died after {tables} tables")


def _count(made: list[str], most: int, *said: Any) -> None:  # noqa: ANN401  what SQLAlchemy tells its listeners
    statement: str = said[2]
    if statement.lstrip().startswith("CREATE TABLE"):
        made.append(statement)
    if len(made) == most:
        os._exit(DIED)


def test_c12_every_contract_of_the_store_meets_both_databases(store: SqlStore, backend: str) -> None:
    """The fixture `store` is what this folder asks for; it comes once on each of them."""
    with store.read() as tx:
        assert tx.session.connection.dialect.name == {"postgres": "postgresql"}.get(backend, backend)
