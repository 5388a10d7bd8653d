"""The store: open it by URL, migrate it, check its key, and begin transactions on it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adapters.database.canary import check_canary
from adapters.database.engine import Engines, connect, host_ms, sqlstate
from adapters.database.errors import StoreAwayError, StoreConflictError
from adapters.database.migrate import migrate
from adapters.database.session import millis
from adapters.database.transaction import SqlTransaction, load_keys
from adapters.vault import TenantVault
from domain.ids import TenantId
from domain.news import News
from domain.ports_world import Clock

POSTGRESQL_TIME = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
GAVE_WAY = frozenset({"40001", "40P01"})
"""PostgreSQL: serialization failure, deadlock."""

AWAY = frozenset({"55P03", "57014", "57P01", "57P02", "57P03", "53300", "53200", "53100", "25P03"})
"""PostgreSQL: lock or statement too slow, shutting down, starting up, out of room, idle too long."""

SQLITE_SCHEMA_FAULTS = ("no such", "has no column", "syntax error", "already exists")
"""SQLite calls these «operational» too, but waiting does not cure them."""


Tell = Callable[[Sequence[News]], None]


def nobody_listens(_: Sequence[News]) -> None:
    """Let news pass unheard."""


def open_store(
    url: str, vault: TenantVault, *, clock: Clock | None = None, tell: Tell = nobody_listens
) -> "SqlStore":
    """Open the store behind a URL. Nothing is migrated; see `SqlStore.migrate`.

    Without a clock the store's time is PostgreSQL's own, or this machine's for SQLite. `tell` hears the news
    of each transaction that committed, after it.
    """
    return SqlStore(connect(url), vault, clock, tell)


class SqlStore:
    """Begin transactions; each has a connection of its own, so threads may share one store."""

    def __init__(
        self, engines: Engines, vault: TenantVault, clock: Clock | None, tell: Tell = nobody_listens
    ) -> None:
        self._engines = engines
        self._clock = clock
        self._tell = tell
        self.vault = vault.reading(self._load_keys)
        """Seals and fingerprints outside of a transaction, with keys from this store."""

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """Begin a transaction that may write; it commits when its block ends well, else rolls back.

        Raises `StoreAwayError` when nothing could be written in time, and `StoreConflictError` when
        PostgreSQL let another transaction pass. A block cannot be repeated from here; whoever handles the
        message is rung again.
        """
        turn, patience = self._engines.turn, self._engines.patience_s
        if turn is not None and not turn.acquire(timeout=patience):
            raise StoreAwayError(f"another thread has been writing for {patience} s; a transaction hangs")
        try:
            with self._transaction(self._engines.writing) as transaction:
                yield transaction
        finally:
            if turn is not None:
                turn.release()
        if transaction.session.news:
            self._tell(transaction.session.news)

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """Begin a transaction that only reads, all of it at one moment."""
        with self._transaction(self._engines.reading) as transaction:
            yield transaction

    def migrate(self) -> None:
        """Bring the tables to the newest version; any number of processes may do so at once."""
        with _named_failures():
            migrate(self._engines.writing)

    def check_master_key(self) -> None:
        """Raise `WrongMasterKeyError` unless this store was sealed under the present master key."""
        with _named_failures(), self._engines.writing.begin() as connection:
            check_canary(connection, self.vault.master)

    def product(self) -> str:
        """Name the database and its version."""
        with _named_failures(), self._engines.reading.begin() as connection:
            version = connection.dialect.server_version_info or ()
            name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.dialect.name]
            return f"{name} {'.'.join(str(part) for part in version)}"

    def close(self) -> None:
        """Close the idle connections."""
        self._engines.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[SqlTransaction]:
        with _named_failures(), engine.begin() as connection:
            yield SqlTransaction(connection, self.vault, self._now_ms(connection))

    def _now_ms(self, connection: Connection) -> int:
        """Read the time once the transaction has begun.

        SQLite's only lock is won by then. PostgreSQL waits for locked rows later, which uses up some of a
        lease that is counted from here: whoever takes one counts from before the transaction.
        """
        if self._clock is not None:
            return millis(self._clock.now())
        if connection.dialect.name == "postgresql":
            return int(connection.execute(POSTGRESQL_TIME).scalar_one())
        return host_ms()

    def _load_keys(self, tenant_id: TenantId) -> bytes | None:
        with _named_failures(), self._engines.reading.begin() as connection:
            return load_keys(connection, tenant_id)


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreAwayError(
            "no database connection became free in time; a transaction hangs, or there are too many threads"
        ) from error
    except DBAPIError as error:
        named = _named(error)
        if named is None:
            raise
        raise named from error


def _named(error: DBAPIError) -> StoreAwayError | None:
    """Translate failures that pass by themselves; None for faults of ours."""
    state = sqlstate(error.orig)
    if state in GAVE_WAY:
        return StoreConflictError(f"PostgreSQL let another transaction pass ({state}); do it again")
    if state in AWAY or (state.startswith("08") or error.connection_invalidated):
        return StoreAwayError(
            f"PostgreSQL is away or overloaded ({state or 'connection lost'}); look at its log"
        )
    if state or not isinstance(error, OperationalError | InterfaceError):
        return None
    words = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
    if any(fault in words for fault in SQLITE_SCHEMA_FAULTS):
        return None
    return StoreAwayError(f"it does not answer ({words}); look whether it runs, is writable and not full")
