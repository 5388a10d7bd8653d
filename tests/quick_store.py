"""A store as tests open it by the hundred: tables copied, and SQL that a test before compiled."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Dialect, Engine

from adapters.database.engine import connect
from adapters.database.store import SqlStore, Tell, nobody_listens, open_store
from adapters.vault import MasterKey, TenantVault
from domain.ports_world import Clock


def quick_store(
    url: str, vault: TenantVault, clock: Clock | None = None, tell: Tell = nobody_listens
) -> SqlStore:
    """Open a store of migrated tables as `open_store` does, with the SQL that this process compiled before.

    Each engine compiles every statement for itself, once; one per test made that a third of tests/flow.
    """
    own = connect(url)
    engines = replace(own, writing=_knowing(own.writing), reading=_knowing(own.reading))
    return SqlStore(engines, vault, clock, tell)


def new_sqlite(path: Path) -> str:
    """Put migrated, empty tables at a path, and return their URL."""
    path.write_bytes(_tables())
    return f"sqlite:///{path}"


def _knowing(own: Engine) -> Engine:
    if type(own.dialect) not in _dialects():
        with own.connect():  # tells the dialect of the server's version
            _dialects()[type(own.dialect)] = own.dialect
    options = {**own.get_execution_options(), "compiled_cache": _compiled()}
    dialect = _dialects()[type(own.dialect)]
    return Engine(own.pool, dialect, own.url, hide_parameters=True, execution_options=options)


@cache
def _dialects() -> dict[type[Dialect], Dialect]:
    """Keep one of each kind: compiled SQL belongs to the object, though all of a kind are alike."""
    return {}


@cache
def _compiled() -> dict[object, object]:
    return {}


@cache
def _tables() -> bytes:
    """Migrate once for all tests of this process."""
    with TemporaryDirectory() as folder:
        vault = TenantVault(MasterKey.generate(Path(folder, "master.key")))
        opened = open_store(f"sqlite:///{folder}/store.db", vault)
        opened.migrate()
        opened.close()
        return Path(folder, "store.db").read_bytes()
