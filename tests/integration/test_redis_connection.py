"""The client waits out a short absence, and the check names what would lose messages."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from adapters.redis.connect import check_durability, connect
from adapters.redis.embedded import EmbeddedServer, answering, start_embedded

pytestmark = pytest.mark.redis


@pytest.fixture
def client(tmp_path: Path) -> Iterator[redis.Redis]:
    with start_embedded(tmp_path / "redis") as server, contextlib.closing(connect(server.url)) as client:
        yield client


def forbid(client: redis.Redis, command: str) -> None:
    client.acl_setuser("default", enabled=True, nopass=True, commands=[f"-{command}"])


def test_a_restart_of_the_server_is_not_noticed(tmp_path: Path) -> None:
    first = start_embedded(tmp_path / "redis")
    with contextlib.closing(connect(first.url)) as client:
        client.set("word", "kept")
        first.stop()
        restarted: list[EmbeddedServer] = []
        starter = threading.Timer(0.05, lambda: restarted.append(start_embedded(tmp_path / "redis")))
        starter.start()
        try:
            assert client.get("word") == b"kept"
        finally:
            starter.join()
            for server in restarted:
                server.stop()
    assert restarted


def test_a_server_that_keeps_everything_gets_no_warning(client: redis.Redis) -> None:
    assert check_durability(client) == []


def test_a_server_without_a_file_is_named(client: redis.Redis) -> None:
    client.config_set("appendonly", "no")
    [warning] = check_durability(client)
    assert "appendonly yes" in warning


def test_a_server_that_evicts_is_named(client: redis.Redis) -> None:
    client.config_set("maxmemory-policy", "allkeys-lru")
    [warning] = check_durability(client)
    assert "allkeys-lru" in warning
    assert "maxmemory-policy noeviction" in warning


def test_a_server_that_forbids_config_can_be_checked(client: redis.Redis) -> None:
    forbid(client, "config")
    assert check_durability(client) == []


def test_a_server_that_tells_nothing_is_named(client: redis.Redis) -> None:
    forbid(client, "info")
    [warning] = check_durability(client)
    assert "allow INFO" in warning


def test_nobody_there_is_no_answer(tmp_path: Path) -> None:
    assert not answering(f"unix://{tmp_path}/nothing.sock")


def test_something_else_listening_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert not answering(f"redis://127.0.0.1:{port}/0")
