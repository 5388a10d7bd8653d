"""The embedded server is started again when it ends or falls silent; a forgetful Redis is named."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.redis.connect import connect
from adapters.redis.embedded import EmbeddedServer, EmbeddedServerError, answering, start_embedded
from adapters.redis.embedded_process import comes_true, damage
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import trouble_of
from bootstrap.process import look_at_redis
from bootstrap.redis_server import SILENCES, EmbeddedKeeper, UnfitRedisError, durability_warning
from schemas.log_line import Action
from tests.fakes.log import lines_of, logged

pytestmark = pytest.mark.redis

ROOT = Path(__file__).parents[2]
START_AND_LEAVE = """
import os, sys
from pathlib import Path
from adapters.redis.embedded import start_embedded
start_embedded(Path(sys.argv[1]))
os._exit(0)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "redis"
    yield folder
    if (folder / "redis.lock").exists():
        start_embedded(folder).stop()


def keeper_of(server: EmbeddedServer, home: Path, words: io.StringIO) -> EmbeddedKeeper:
    return EmbeddedKeeper(server, home, words, ask_every=0)


def remember(url: str, word: bytes) -> None:
    with closing(connect(url)) as client:
        client.set("word", word)


def remembered(url: str) -> object:
    with closing(connect(url)) as client:
        return client.get("word")


def kill(server: EmbeddedServer) -> None:
    os.kill(server.pid, signal.SIGKILL)
    assert comes_true(lambda: not server.alive, 20), "the server outlives kill -9"


def test_a_server_that_was_killed_comes_back_with_its_address_and_its_data(home: Path) -> None:
    words, first = io.StringIO(), start_embedded(home)
    keeper = keeper_of(first, home, words)
    remember(first.url, b"kept")
    keeper.look()
    assert keeper.server is first
    kill(first)
    keeper.look()
    keeper.look()
    try:
        assert keeper.server.url == first.url
        assert remembered(first.url) == b"kept"
        assert words.getvalue().splitlines() == ["the embedded server ended; it is started again"]
    finally:
        keeper.server.stop()


def test_a_server_that_was_adopted_is_looked_after_as_well(home: Path) -> None:
    subprocess.run([sys.executable, "-c", START_AND_LEAVE, str(home)], cwd=ROOT, check=True)
    adopted = start_embedded(home)
    keeper = keeper_of(adopted, home, io.StringIO())
    assert adopted.alive
    kill(adopted)
    keeper.look()
    try:
        assert keeper.server.pid != adopted.pid
        assert answering(adopted.url)
    finally:
        keeper.server.stop()
    assert not keeper.server.alive


@pytest.mark.slow
def test_a_server_that_answers_nobody_is_replaced_after_some_patience(home: Path) -> None:
    words, first = io.StringIO(), start_embedded(home)
    keeper = keeper_of(first, home, words)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        for _ in range(SILENCES):
            assert keeper.server is first
            keeper.look()
        assert keeper.server is not first
        assert answering(first.url)
        assert words.getvalue().splitlines() == ["the embedded server does not answer; it is started again"]
    finally:
        keeper.server.stop()


def test_a_server_that_cannot_start_is_told_once_and_tried_later(home: Path) -> None:
    words, first = io.StringIO(), start_embedded(home)
    keeper = keeper_of(first, home, words)
    kill(first)
    (home / "server.json").unlink()
    keeper.look()
    keeper.look()
    told = words.getvalue().splitlines()
    assert len(told) == 2
    assert told[1].startswith("the embedded server does not start: ")
    assert "does not say which server wrote it" in told[1]


def test_b9_a_file_damaged_in_the_middle_is_named_with_the_cure_and_the_cure_works(home: Path) -> None:
    first = start_embedded(home)
    for number in range(200):
        remember(first.url, b"word %d" % number)
    kill(first)
    first.stop()
    (file,) = home.glob("appendonlydir/*.incr.aof")
    whole = file.read_bytes()
    file.write_bytes(whole[:1_000] + b"?" * 100 + whole[1_100:])
    with pytest.raises(EmbeddedServerError, match=r"is damaged: move .*appendonlydir away and start again"):
        start_embedded(home)
    cure = damage(home / "redis.log")
    assert cure is not None
    (home / "appendonlydir").rename(home / "damaged")
    with start_embedded(home) as again:
        assert remembered(again.url) is None
    assert damage(home / "redis.log") is None


def test_b4_b6_a_redis_that_may_lose_messages_is_named_once_at_the_start(home: Path) -> None:
    with start_embedded(home) as server, closing(connect(server.url)) as client:
        assert durability_warning(server.url) is None
        client.config_set("appendonly", "no")
        client.config_set("maxmemory-policy", "allkeys-lru")
        warning = durability_warning(server.url)
        with logged() as stream:
            look_at_redis(client, production=False)
    assert warning is not None
    assert "appendonly yes" in warning
    (line,) = lines_of(stream)
    assert (line.action, line.level, line.reason) == (Action.QUEUE_FORGETFUL, "warning", warning)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        pytest.param("appendonly", "no", id="B4 nothing is written down"),
        pytest.param("maxmemory-policy", "allkeys-lru", id="B6 keys are thrown away when it is full"),
    ],
)
def test_in_production_nothing_starts_on_a_redis_that_may_lose_messages(
    home: Path, setting: str, value: str
) -> None:
    with start_embedded(home) as server, closing(connect(server.url)) as client, logged():
        look_at_redis(client, production=True)
        assert durability_warning(server.url, production=True) is None
        client.config_set(setting, value)
        with pytest.raises(UnfitRedisError, match=setting):
            look_at_redis(client, production=True)
        with pytest.raises(UnfitRedisError, match=setting) as caught:
            durability_warning(server.url, production=True)
    trouble = trouble_of(caught.value)
    assert trouble is not None
    assert (trouble.code, setting in trouble.what) == (ExitCode.FAILED, True)


def test_a_redis_that_keeps_everything_gets_no_line(home: Path) -> None:
    with start_embedded(home) as server, closing(connect(server.url)) as client, logged() as stream:
        look_at_redis(client, production=False)
    assert stream.getvalue() == ""


def test_a_redis_that_was_named_and_is_away_is_told_without_its_address(tmp_path: Path) -> None:
    warning = durability_warning(f"unix://:canary@{tmp_path}/redis.sock")
    assert warning is not None
    assert warning.startswith("The Redis that was named does not answer")
    assert "canary" not in warning
