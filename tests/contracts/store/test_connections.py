"""Credentials and the shared token: sealed, replaced whole, never in clear on the disk."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.database.store import SqlStore, open_store
from adapters.database.tables import CONNECTIONS
from adapters.database.tables_runs import RUNS
from adapters.vault import TenantVault
from domain.ports_world import Token
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_run, add_tenant, connection
from tests.contracts.store.conftest import MASTER

TOKEN = Token("CANARY-token", NOON + timedelta(hours=24))


@pytest.fixture(autouse=True)
def tenant(store: SqlStore) -> None:
    add_tenant(store)


def test_a_connection_comes_back_as_it_was(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.connections.get(ACME) is None
        tx.connections.put(ACME, connection())
        assert tx.connections.get(ACME) == connection()


def test_a_token_is_shared_until_it_is_refused(store: SqlStore) -> None:
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        assert tx.connections.token(ACME) is None
        tx.connections.put_token(ACME, TOKEN)
    with store.write() as tx:
        assert tx.connections.token(ACME) == TOKEN
        tx.connections.put_token(ACME, None)
        assert tx.connections.token(ACME) is None


def test_a_token_without_a_connection_is_nobodys(store: SqlStore) -> None:
    with store.write() as tx:
        tx.connections.put_token(ACME, TOKEN)
        assert tx.connections.token(ACME) is None


@pytest.mark.parametrize("name", ["source_url", "client_id", "client_secret"])
def test_another_source_credential_forgets_the_token(store: SqlStore, name: str) -> None:
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        tx.connections.put_token(ACME, TOKEN)
        tx.connections.put(ACME, connection(**{name: "https://changed.example"}))
        assert tx.connections.token(ACME) is None


@pytest.mark.parametrize("name", ["target_kind", "target_url", "target_token"])
def test_another_target_keeps_the_token(store: SqlStore, name: str) -> None:
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        tx.connections.put_token(ACME, TOKEN)
        tx.connections.put(ACME, connection(**{name: "https://changed.example"}))
        assert tx.connections.token(ACME) == TOKEN


def test_a_token_that_cannot_be_opened_is_no_token(store: SqlStore) -> None:
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        tx.connections.put_token(ACME, TOKEN)
        tx.session.connection.execute(CONNECTIONS.update().values(token=b"v1 damaged"))
        assert tx.connections.token(ACME) is None


def test_connections_of_two_tenants_stay_apart(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        tx.connections.put(OTHER, connection(client_id="other"))
        tx.connections.put_token(OTHER, TOKEN)
        assert tx.connections.get(ACME) == connection()
        assert tx.connections.token(ACME) is None


def test_nothing_of_a_connection_is_readable_on_the_disk(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'bare.db'}", TenantVault(MASTER))
    opened.migrate()
    add_tenant(opened)
    with opened.write() as tx:
        tx.connections.put(ACME, connection())
        tx.connections.put_token(ACME, TOKEN)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"acme" in written
    assert b"CANARY" not in written
    assert b"owner@acme.example" not in written
    opened.close()


def test_a_credential_has_worked_once_a_run_that_began_since_has_read_a_page(
    store: SqlStore, clock: HandClock
) -> None:
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        assert not tx.connections.worked(ACME)
    clock.advance()
    add_run(store, "r1")
    with store.write() as tx:
        assert not tx.connections.worked(ACME), "a run that has read nothing proves nothing"
        tx.session.connection.execute(RUNS.update().values(pages=1))
        assert tx.connections.worked(ACME)
    clock.advance()
    with store.write() as tx:
        tx.connections.put(ACME, connection(target_token="another"))
        assert tx.connections.worked(ACME), "the source's credential is the same"
        tx.connections.put(ACME, connection(client_secret="another"))
        assert not tx.connections.worked(ACME)
