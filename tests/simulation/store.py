"""The store of one process: the real one on SQLite, with deaths and absences around each transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from sqlite3 import Cursor
from tempfile import mkdtemp
from typing import TypeAlias, cast

from sqlalchemy import Connection, Engine, text

from adapters.database.engine import Engines
from adapters.database.errors import StoreAwayError
from adapters.database.session import METADATA
from adapters.database.store import SqlStore
from adapters.database.tables import TENANTS
from adapters.database.tenants import OWNERS
from adapters.database.transaction import SqlTransaction
from adapters.database.values import pack
from adapters.vault import Cipher, MasterKey, SealedKeys, TenantVault
from domain.ids import PersonId, TenantId
from domain.ports import Transaction
from tests.quick_store import quick_store
from tests.simulation.stage import Process
from tests.simulation.world import World

KEY = MasterKey.from_text("A" * 43 + "=")
OWNER = "owner@t.example"
MEMORY = Path("/dev/shm")
WATCHED = {"changes": "state", "runs": "phase", "tenants": "state"}
Snapshot: TypeAlias = Mapping[str, Sequence[tuple[object, ...]]]
"""Every row of every table that had any."""

MOVES = "CREATE TABLE moves (what TEXT, old TEXT, new TEXT, UNIQUE (what, old, new))"

WATCHER = """
    CREATE TRIGGER watch_{table} AFTER UPDATE OF {column} ON {table} WHEN old.{column} <> new.{column}
    BEGIN INSERT OR IGNORE INTO moves VALUES ('{table}', old.{column}, new.{column}); END
"""


AT_EASE = ("synchronous=OFF", "temp_store=MEMORY", "mmap_size=268435456", "wal_autocheckpoint=100000")
"""No story pulls the plug, and its file lies in memory: a fourteenth of the time was care for a disk."""


class KeptOpen:
    """Begin the transactions of one engine on a connection that stays: taking it from a pool costs a tenth.

    Only one actor moves, and none hands on within a transaction; where one is begun inside another, it gets a
    connection of its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = engine.connect()
        driver = cast(
            "Cursor", self._connection.connection.cursor()
        )  # SQLite takes these outside a transaction
        for pragma in AT_EASE:
            driver.execute(f"PRAGMA {pragma}")

    @property
    def engine(self) -> Engine:
        """Return the engine itself, as an engine does."""
        return self._engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Begin one, as an engine does."""
        mine, self._connection = self._connection, None
        if mine is None:
            with self._engine.begin() as another:
                yield another
            return
        try:
            with mine.begin():
                yield mine
        finally:
            self._connection = mine


def _kept_open(engine: Engine) -> Engine:
    return cast("Engine", KeptOpen(engine))


@cache
def engines() -> Engines:
    """Migrate one store for all stories of this process; each begins by emptying it."""
    folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None, prefix="staffetta-simulation-"))
    url = f"sqlite:///{folder / 'store.sqlite'}"
    store = quick_store(url, TenantVault(KEY))
    store.migrate()
    with store.write() as tx:
        tx.session.connection.execute(text(MOVES))
        for table, column in WATCHED.items():
            tx.session.connection.execute(text(WATCHER.format(table=table, column=column)))
    pools = store._engines
    return replace(pools, writing=_kept_open(pools.writing), reading=_kept_open(pools.reading))


def opened_store(world: World) -> SqlStore:
    """Return the store with whatever is in it."""
    return SqlStore(engines(), TenantVault(KEY), world.clock)


def snapshot() -> Snapshot:
    """Copy every row that the store holds now."""
    with opened() as cursor:
        rows = {table: cursor.execute(f"SELECT * FROM {table}").fetchall() for table in _tables()}  # noqa: S608
    return {table: found for table, found in rows.items() if found}


def restored_store(world: World, kept: Snapshot) -> SqlStore:
    """Return the store as it was then, on the clock of this story.

    The file, its tables and the connections stay: a file that is swapped makes each of them read and compile
    everything again.
    """
    with opened() as cursor:
        for table in reversed(_tables()):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608  names of our own tables, as all of these
        for table in _tables():
            if rows := kept.get(table):
                marks = ", ".join("?" * len(rows[0]))
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
    return opened_store(world)


def empty_store(world: World) -> SqlStore:
    """Return the store without anything in it, on the clock of this story."""
    return restored_store(world, {})


@contextmanager
def opened() -> Iterator[Cursor]:
    """Reach the store's tables as SQLite has them: what is only copied needs no statement of ours."""
    with engines().writing.begin() as connection:
        yield cast("Cursor", connection.connection.cursor())


@cache
def _tables() -> tuple[str, ...]:
    """Name all tables, those that others point at first."""
    return *(table.name for table in METADATA.sorted_tables), "moves"


def give_keys(tx: SqlTransaction, tenant_id: TenantId, number: int) -> None:
    """Give a tenant the same keys in every telling of a story: fingerprints decide the order of some rows."""
    keys = SealedKeys(bytes([number] * 4), bytes([number] * 32), bytes([number + 100] * 32))
    owners = Cipher(keys.key_id, keys.values).seal(tenant_id, OWNERS, pack([OWNER]))
    wrapped = keys.wrap(KEY.cipher(), tenant_id)
    given = {"keys": wrapped, "owners": owners}
    statement = TENANTS.update().where(TENANTS.c.tenant_id == tenant_id).values(**given)
    tx.session.connection.execute(statement)


def asked_by(store: SqlStore, tenant_id: TenantId, person_id: PersonId) -> frozenset[str]:
    """Tell who asked for what is being sent for a person now."""
    asked = (
        "SELECT r.asked_by FROM changes c JOIN runs r ON r.tenant_id = c.tenant_id"
        " AND (r.run_id = c.run_id OR r.run_id = c.carried_by)"
        " WHERE c.tenant_id = :tenant AND c.person_id = :person"
        " AND c.state IN ('working', 'released', 'waiting')"
    )
    with store.read() as tx:
        given = {"tenant": tenant_id, "person": person_id}
        return frozenset(tx.session.connection.scalars(text(asked), given))


class StagedStore:
    """Begin transactions as one process of the story: at each border it may die or find the store away."""

    def __init__(self, inner: SqlStore, world: World, process: Process) -> None:
        self._inner = inner
        self._world = world
        self._process = process
        self.vault = inner.vault

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Begin a transaction that may write; what it did may be lost, or the news that it was done."""
        world, here = self._world, self._process
        world.border(here, "before a transaction", freezes=self._is_main())
        world.store_fails("before a transaction")
        with self._inner.write() as tx:
            yield tx
            if world.chance(world.weather.death):
                world.die(here, "before a commit")
        if world.chance(world.weather.death):
            world.die(here, "after a commit")
        if world.chance(world.weather.store_away / 4):
            world.say("does not hear that its commit was done")
            raise StoreAwayError("simulated: cut after the commit")
        world.stage.sleep(0.002)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Begin a transaction that only reads."""
        self._world.border(self._process, "before it reads", freezes=self._is_main())
        self._world.store_fails("before it reads")
        with self._inner.read() as tx:
            yield tx
        self._world.stage.sleep(0.001)

    def _is_main(self) -> bool:
        """Tell whether this is no call of an envelope: one that began is over before its lease."""
        here = self._world.stage.here
        return here is None or here.name != "hand"
