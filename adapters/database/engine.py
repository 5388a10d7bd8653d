"""Connections to SQLite or PostgreSQL, set up so that a short transaction is cheap and a stuck one gives up.

            write()                                     read()
SQLite      BEGIN IMMEDIATE, so that it never has to    BEGIN on connections that cannot write
            upgrade half-way and fail
PostgreSQL  READ COMMITTED                              REPEATABLE READ, read only: one snapshot, as in SQLite

SQLite runs in WAL with synchronous=NORMAL: a killed process loses nothing that was committed; a power cut may
lose the last moments, but never leaves the file damaged. What was lost is then read and compared again.
"""

import errno
import os
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import PoolProxiedConnection

from adapters.database.errors import OldDatabaseError, UnknownDatabaseError

PATIENCE_S = 15
"""How long a transaction waits for its turn, or for a connection, before it says that the store is away."""

POSTGRESQL_LIMITS = {
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}
POOL = {"pool_size": 8, "max_overflow": 24}
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
WAL_PAUSE_S = 0.02
OLDEST_SQLITE = (3, 35)
PRIMARY = 0xFF
"""What is left of SQLite's extended codes is the plain one."""

STATEMENTS_KEPT = 512
"""How many a SQLite connection keeps prepared.

We have more than the 128 of Python, and they take turns: what would be needed next was thrown out last.
"""

ANOTHER_SWITCHES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})


@dataclass(frozen=True, slots=True)
class Engines:
    """Hold one pool for writing and one for reading; `turn` lets the threads of one process queue up fairly.

    SQLite's own waiting polls with growing pauses; a lock hands over at once. PostgreSQL needs none.
    """

    writing: Engine
    reading: Engine
    patience_s: float
    turn: "threading.Lock | None"

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.writing.dispose()
        self.reading.dispose()


def connect(url: str, patience_s: float = PATIENCE_S) -> Engines:
    """Make the engines for a database URL; nothing is connected yet, but SQLite's file is made private."""
    address = _address(url)
    if address.get_backend_name() == "postgresql":
        return _postgresql(address, patience_s)
    return _sqlite(address, patience_s)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        address = URL.create("none")
    if address.drivername in {"postgresql", "postgresql+psycopg"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address
    raise UnknownDatabaseError(
        f"the database URL starts with «{address.drivername}» or names no database; "
        "use sqlite:///path/to/file or postgresql+psycopg://user@host/name"
    )


def _postgresql(address: URL, patience_s: float) -> Engines:
    patience = {"lock_timeout": f"{int(patience_s * 1000)}ms"}
    limits = " ".join(f"-c {name}={value}" for name, value in (POSTGRESQL_LIMITS | patience).items())
    engine = create_engine(
        address,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": limits, "connect_timeout": max(2, int(patience_s))},
        pool_timeout=patience_s,
        **POOL,
    )
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(engine, reading, patience_s, turn=None)


def check_sqlite(found: tuple[int, ...]) -> None:
    """Refuse a SQLite that would stumble over the first run: RETURNING came with 3.35."""
    if found < OLDEST_SQLITE:
        here, oldest = (".".join(map(str, version)) for version in (found, OLDEST_SQLITE))
        raise OldDatabaseError(f"the SQLite of this Python is {here}; at least {oldest} is needed")


def _sqlite(address: URL, patience_s: float) -> Engines:
    check_sqlite(sqlite3.sqlite_version_info)
    _make_private(Path(str(address.database)))
    writing = _sqlite_engine(address, BeginsToWrite, patience_s)
    reading = _sqlite_engine(address, BeginsToRead, patience_s)
    event.listen(writing, "connect", _prepare_writer)
    event.listen(reading, "connect", _prepare_reader)
    return Engines(writing, reading, patience_s, threading.Lock())


def _sqlite_engine(address: URL, dialect: type[SQLiteDialect_pysqlite], patience_s: float) -> Engine:
    driver = dialect.__name__.lower()
    registry.register(f"sqlite.{driver}", __name__, dialect.__name__)
    return create_engine(
        address.set(drivername=f"sqlite+{driver}"),
        hide_parameters=True,
        connect_args={"timeout": patience_s, "isolation_level": None, "cached_statements": STATEMENTS_KEPT},
        pool_timeout=patience_s,
        **POOL,
    )


def _make_private(path: Path) -> None:
    """Create the file before SQLite does; its -wal and -shm companions copy its mode.

    One that is there is not opened: closing it again would drop the locks of this process's other connections
    to it (POSIX), and the next process to leave would take their log away from under them.
    """
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    except FileExistsError:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path)) from None


def _prepare_writer(connection: sqlite3.Connection, _record: object) -> None:
    use_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _prepare_reader(connection: sqlite3.Connection, _record: object) -> None:
    use_wal(connection)
    connection.execute("PRAGMA query_only = ON")


def use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite refuses at once, without waiting, while another process switches too.

    Nothing else passes while one waits: a disk that is full, say, is told at once.
    """
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY not in ANOTHER_SWITCHES or time.monotonic() > give_up:
                raise
            time.sleep(WAL_PAUSE_S)
        else:
            return


class BeginsToWrite(SQLiteDialect_pysqlite):
    """SQLite's dialect, for connections that write.

    An event would do as well, but an engine that listens to one asks at every statement who else listens.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Take the one place of a writer at once."""
        dbapi_connection.cursor().execute("BEGIN IMMEDIATE")


class BeginsToRead(SQLiteDialect_pysqlite):
    """SQLite's dialect, for connections that only read."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin; the snapshot is taken by the first statement."""
        dbapi_connection.cursor().execute("BEGIN")


def host_ms() -> int:
    """Read the clock of this machine, in ms since 1970 UTC."""
    return time.time_ns() // 1_000_000


def sqlstate(error: BaseException | None) -> str:
    """Return PostgreSQL's five letters for a failure, or "" where there are none."""
    found: Any = getattr(error, "sqlstate", None)
    return str(found or "")
