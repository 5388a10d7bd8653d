"""Eight threads that speak for two tenants never mix their addresses and tokens up."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.database.store import SqlStore
from adapters.http import AddressPolicy
from adapters.vault import MasterKey, TenantVault
from bootstrap.accounts import TenantAccounts
from domain.account import AccountDraft
from domain.ids import AccountId, TenantId
from domain.ports_world import Lookup
from domain.records import Connection
from tests.builders import configuration
from tests.quick_store import new_sqlite, quick_store

TENANTS = (TenantId("acme"), TenantId("globex"))
THREADS = 8
ROUNDS = 24


class Watchful(ThreadingHTTPServer):
    """An application of many tenants that compares each token with the tenant in the path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: Counter[tuple[str, str]] = Counter()
        self.made: Counter[tuple[str, str]] = Counter()
        self.lock = threading.Lock()

    def note(self, tenant: str, token: str, body: str) -> None:
        """Count a call by the tenant of its path and that of its token, and by whom its body speaks of."""
        with self.lock:
            self.heard[tenant, token] += 1
            if body:
                self.made[tenant, json.loads(body)["externalId"].split("-")[0]] += 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Watchful

    def do_GET(self) -> None:
        self._answer(200, {"totalResults": 0, "Resources": []})

    def do_POST(self) -> None:
        told = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201, json.loads(told) | {"id": "a1"}, told.decode())

    def _answer(self, status: int, told: object, body: str = "") -> None:
        tenant = self.path.split("/")[1]
        self.server.note(tenant, self.headers["Authorization"].removeprefix("Bearer "), body)
        answer = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the signature is http.server's
        """Keep the output of tests quiet."""


@pytest.fixture
def application() -> Iterator[Watchful]:
    with Watchful() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


@pytest.fixture
def store(tmp_path: Path, application: Watchful) -> Iterator[SqlStore]:
    vault = TenantVault(MasterKey.generate(tmp_path / "master.key"))
    with closing(quick_store(new_sqlite(tmp_path / "store.sqlite"), vault)) as opened:
        for tenant_id in TENANTS:
            with opened.write() as tx:
                assert tx.tenants.add(tenant_id, tenant_id, "en", ["owner@example.com"])
                tx.tenants.configure(tenant_id, configuration(), "test")
                url = f"http://127.0.0.1:{application.server_port}/{tenant_id}/scim/v2"
                tx.connections.put(
                    tenant_id,
                    Connection("http://127.0.0.1:1", "id", "secret", "scim", url, f"token-of-{tenant_id}"),
                )
        yield opened


def test_a25_eight_threads_and_two_tenants_keep_token_path_and_people_together(
    store: SqlStore, application: Watchful
) -> None:
    accounts = TenantAccounts(
        store, SystemClock(), policy=AddressPolicy(allow_private=True), rate_limits=False
    )
    together = threading.Barrier(THREADS)

    def speak(thread: int) -> None:
        together.wait(10)
        for number in range(ROUNDS):
            tenant_id = TENANTS[(thread + number) % 2]
            target = accounts.target(tenant_id)
            target.find(Lookup(external_id=f"{tenant_id}-{thread}-{number}"))
            made = target.create(AccountDraft(f"{tenant_id}-{thread}-{number}", {"userName": "ada"}))
            assert made.account_id == AccountId("a1")

    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(speak, thread) for thread in range(THREADS)]:
            done.result(60)
    each = THREADS * ROUNDS // 2
    assert application.made == {(tenant, tenant): each for tenant in TENANTS}
    assert application.heard.keys() == {(tenant, f"token-of-{tenant}") for tenant in TENANTS}
    assert min(application.heard.values()) >= 2 * each
