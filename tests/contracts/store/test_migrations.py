"""Migrations: they make exactly the tables that the code speaks of, whoever starts first."""

import multiprocessing
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from adapters.database.engine import check_sqlite, connect
from adapters.database.errors import OldDatabaseError, StoreAwayError
from adapters.database.migrate import MIGRATIONS, configuration
from adapters.database.migrations import NEWEST
from adapters.database.session import METADATA
from adapters.database.store import SqlStore, open_store
from adapters.vault import MasterKey, TenantVault, WrongMasterKeyError
from bootstrap.cli.failures import trouble_of
from tests.contracts.store.builders import add_tenant
from tests.contracts.store.conftest import MASTER

STRANGER = MasterKey.from_text("B" * 43 + "=")


def differences(url: str) -> list[object]:
    engines = connect(url)
    with engines.writing.connect() as connection:
        found: list[object] = compare_metadata(MigrationContext.configure(connection), METADATA)
    engines.dispose()
    return found


def partial_indexes(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "postgresql":
        rows = connection.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%WHERE%'")
        )
    else:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql LIKE '% WHERE %'"))
    return {name: definition.split(" WHERE ")[1] for name, definition in rows}


def migrate(url: str) -> None:
    """Start as a process does."""
    opened = open_store(url, TenantVault(MASTER))
    opened.migrate()
    opened.check_master_key()
    opened.close()


def loads_after_migrating(url: str) -> bool:
    """Migrate in a process of its own, and say whether that loaded Alembic."""
    for name in [name for name in sys.modules if name.split(".")[0] == "alembic"]:
        del sys.modules[name]  # this file imports it to compare
    migrate(url)
    return "alembic" in sys.modules


def test_the_newest_migration_is_what_the_code_speaks_of(database_url: str) -> None:
    assert differences(database_url) == []


def test_partial_indexes_are_the_same_as_if_the_code_had_made_them(database_url: str, empty_url: str) -> None:
    """Alembic does not compare their conditions, and our promises stand on them."""
    migrated, made = connect(database_url), connect(empty_url)
    METADATA.create_all(made.writing)
    with migrated.writing.connect() as here, made.writing.connect() as there:
        assert partial_indexes(here) == partial_indexes(there) != {}
    migrated.dispose()
    made.dispose()


def test_migrating_again_keeps_everything(store: SqlStore) -> None:
    add_tenant(store)
    store.migrate()
    with store.read() as tx:
        assert len(tx.tenants.everyone()) == 1


def test_the_newest_version_is_the_one_of_the_newest_file() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [NEWEST]


def test_a_process_that_finds_the_newest_tables_does_not_load_the_migration_tool(database_url: str) -> None:
    migrate(database_url)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        assert fresh.submit(loads_after_migrating, database_url).result(60) is False


def test_tables_of_an_unknown_version_are_not_taken_for_the_newest(empty_url: str) -> None:
    migrate(empty_url)
    engines = connect(empty_url)
    with engines.writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'unheard'"))
    opened = open_store(empty_url, TenantVault(MASTER))
    with pytest.raises(CommandError, match="unheard"):
        opened.migrate()
    opened.close()
    engines.dispose()


def test_c7_four_processes_that_start_at_once_make_one_store(empty_url: str) -> None:
    many = multiprocessing.get_context("spawn")
    processes = [many.Process(target=migrate, args=(empty_url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert differences(empty_url) == []


def test_c7_a_migration_that_breaks_half_way_leaves_nothing_behind(empty_url: str) -> None:
    """The last table cannot be made because it is there already: the others must not stay."""
    engines = connect(empty_url)
    last = METADATA.sorted_tables[-1]
    with engines.writing.begin() as connection:
        connection.execute(text(f"CREATE TABLE {last.name} (in_the_way INTEGER)"))
    opened = open_store(empty_url, TenantVault(MASTER))
    with pytest.raises(Exception, match="already exists"):
        opened.migrate()
    assert inspect(engines.writing).get_table_names() == [last.name]
    with engines.writing.begin() as connection:
        connection.execute(text(f"DROP TABLE {last.name}"))
    opened.migrate()
    assert differences(empty_url) == []
    opened.close()
    engines.dispose()


def test_everything_can_be_taken_back(empty_url: str) -> None:
    migrate(empty_url)
    engines = connect(empty_url)
    with engines.writing.begin() as connection:
        command.downgrade(configuration(connection), "base")
    assert inspect(engines.writing).get_table_names() == ["alembic_version"]
    migrate(empty_url)
    assert differences(empty_url) == []
    engines.dispose()


def test_the_right_master_key_is_accepted_again_and_again(store: SqlStore) -> None:
    store.check_master_key()
    store.check_master_key()


def test_k11_another_master_key_is_refused_and_the_missing_one_is_named(
    store: SqlStore, database_url: str
) -> None:
    store.check_master_key()
    stranger = open_store(database_url, TenantVault(STRANGER))
    with pytest.raises(WrongMasterKeyError, match=f"{MASTER.key_id}.*{STRANGER.key_id}.*Restore"):
        stranger.check_master_key()
    store.check_master_key()
    stranger.close()


def test_a_database_that_is_not_there_says_so() -> None:
    opened = open_store("postgresql://nobody@127.0.0.1:1/nothing", TenantVault(MASTER))
    with pytest.raises(StoreAwayError, match="look whether it runs"):
        opened.migrate()
    opened.close()


IN_A_FRESH_PROCESS = """
import sys
from alembic import command
from adapters.database.engine import connect
from adapters.database.migrate import configuration

with connect(sys.argv[1]).writing.begin() as connection:
    command.check(configuration(connection))
"""


def test_alembic_by_itself_knows_every_table(database_url: str) -> None:
    script = [sys.executable, "-c", IN_A_FRESH_PROCESS, database_url]
    told = subprocess.run(script, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-600:]


def test_an_old_sqlite_is_refused_before_anything_is_stored_in_it() -> None:
    check_sqlite((3, 35, 0))
    with pytest.raises(OldDatabaseError, match=r"is 3\.34\.1; at least 3\.35 is needed") as caught:
        check_sqlite((3, 34, 1))
    trouble = trouble_of(caught.value)
    assert trouble is not None
    assert "PostgreSQL" in trouble.cure


def test_a_store_names_its_product_and_version(store: SqlStore, backend: str) -> None:
    product = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[backend]
    assert re.fullmatch(rf"{product} \d+(\.\d+)+", store.product())
