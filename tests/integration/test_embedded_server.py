"""The embedded server keeps what it was told, is one per folder, and ends only by its owner."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.redis.connect import connect
from adapters.redis.embedded import EmbeddedServer, EmbeddedServerError, answering, start_embedded
from adapters.redis.embedded_binary import Edition, _candidates, find_binary, inspect_binary
from adapters.redis.embedded_folder import LONGEST_SOCKET_PATH

pytestmark = pytest.mark.redis

ROOT = Path(__file__).parents[2]
STARTER = """
import sys, time
from pathlib import Path
from adapters.redis.embedded import start_embedded
server = start_embedded(Path(sys.argv[1]))
print(server.owned, server.pid, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a folder, and end whatever a test has left running in it."""
    folder = tmp_path / "redis"
    yield folder
    if folder.exists() and (folder / "redis.lock").exists():
        start_embedded(folder).stop()


def write(server: EmbeddedServer, value: str) -> None:
    with contextlib.closing(connect(server.url)) as client:
        client.set("word", value)


def read(server: EmbeddedServer) -> object:
    with contextlib.closing(connect(server.url)) as client:
        return client.get("word")


def config(server: EmbeddedServer, name: str) -> object:
    with contextlib.closing(connect(server.url)) as client:
        return client.config_get(name)[name]


def eventually(question: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not question():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def another_process(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        yield process
        process.communicate(timeout=20)


def says(process: "subprocess.Popen[str]") -> tuple[bool, int]:
    assert process.stdout is not None
    owned, pid = process.stdout.readline().split()
    return owned == "True", int(pid)


def program(path: Path, *, banner: str, start: str = "exit 1") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "{banner}"; exit 0; }}\n{start}\n')
    path.chmod(0o755)
    return path


class TestStarting:
    def test_it_answers_at_its_url(self, home: Path) -> None:
        with start_embedded(home) as server:
            assert server.owned
            assert answering(server.url)
            assert server.url.startswith("unix://")

    def test_it_is_reachable_by_its_owner_alone(self, home: Path) -> None:
        with start_embedded(home) as server:
            assert stat.S_IMODE(home.stat().st_mode) == 0o700
            assert stat.S_IMODE((home / "redis.sock").stat().st_mode) == 0o600
            assert config(server, "port") == "0"

    def test_it_writes_down_everything_and_throws_nothing_away(self, home: Path) -> None:
        with start_embedded(home) as server:
            assert config(server, "appendonly") == "yes"
            assert config(server, "appendfsync") == "everysec"
            assert config(server, "maxmemory-policy") == "noeviction"
            assert config(server, "save") == ""

    def test_it_lives_in_a_session_of_its_own(self, home: Path) -> None:
        with start_embedded(home) as server:
            assert os.getsid(server.pid) == server.pid

    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    def test_it_inherits_none_of_our_settings(self, home: Path) -> None:
        environ = os.environ | {"STAFFETTA_MASTER_KEY": "canary-in-the-environment"}
        with subprocess.Popen(
            [sys.executable, "-c", STARTER, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environ,
        ) as process:
            _, pid = says(process)
            assert b"canary" not in Path(f"/proc/{pid}/environ").read_bytes()
            process.communicate(timeout=20)

    @pytest.mark.parametrize("name", ["with space", "100%", "größe", "what?now#then"])
    def test_a_folder_may_have_any_name(self, tmp_path: Path, name: str) -> None:
        with start_embedded(tmp_path / name) as server:
            assert answering(server.url)

    def test_a_path_too_long_for_a_socket_is_no_obstacle(self, tmp_path: Path) -> None:
        deep = tmp_path / ("a" * LONGEST_SOCKET_PATH) / "redis"
        with start_embedded(deep) as server, start_embedded(deep) as guest:
            assert answering(server.url)
            assert guest.url == server.url
            socket = Path(server.url.removeprefix("unix://").removesuffix("?db=0"))
            assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        assert not socket.parent.exists()

    def test_a_server_that_ends_at_once_is_quoted(self, home: Path, tmp_path: Path) -> None:
        broken = program(
            tmp_path / "valkey-server", banner="Valkey server v=9.1.2", start="echo no luck today >&2; exit 1"
        )
        with pytest.raises(EmbeddedServerError, match="no luck today"):
            start_embedded(home, binary=broken)
        assert not (home / "redis.lock").exists()

    def test_a_folder_that_others_may_enter_is_not_touched(self, tmp_path: Path) -> None:
        (tmp_path / "shared").mkdir(mode=0o755)
        (tmp_path / "shared" / "something").touch()
        with pytest.raises(EmbeddedServerError, match="chmod 700"):
            start_embedded(tmp_path / "shared")

    def test_a_file_in_the_place_of_the_folder_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "redis").touch()
        with pytest.raises(EmbeddedServerError, match="cannot be used as a folder"):
            start_embedded(tmp_path / "redis")


class TestOnePerFolder:
    def test_a_second_start_joins_the_first(self, home: Path) -> None:
        with start_embedded(home) as server, start_embedded(home) as guest:
            assert (guest.owned, guest.pid, guest.url) == (False, server.pid, server.url)

    def test_a_guest_ends_nothing(self, home: Path) -> None:
        with start_embedded(home) as server:
            start_embedded(home).stop()
            assert answering(server.url)

    def test_of_six_starts_at_once_one_launches_and_five_join(self, home: Path) -> None:
        with contextlib.ExitStack() as stack:
            starters = [stack.enter_context(another_process(home)) for _ in range(6)]
            answers = [says(starter) for starter in starters]
            assert sorted(owned for owned, _ in answers) == [False] * 5 + [True]
            assert len({pid for _, pid in answers}) == 1


class TestCrashes:
    def test_a_server_outlives_its_killed_owner_and_the_next_start_owns_it(self, home: Path) -> None:
        with another_process(home) as owner:
            _, pid = says(owner)
            kill(owner.pid)
        heir = start_embedded(home)
        assert (heir.owned, heir.pid) == (True, pid)
        heir.stop()
        assert not answering(heir.url)
        assert not (home / "redis.sock").exists()

    def test_a_guest_becomes_no_owner_while_the_owner_lives(self, home: Path) -> None:
        with another_process(home) as owner:
            says(owner)
            assert not start_embedded(home).owned

    def test_a_killed_server_leaves_a_socket_that_stops_nobody(self, home: Path) -> None:
        first = start_embedded(home)
        write(first, "kept")
        kill(first.pid)
        eventually(lambda: not answering(first.url))
        assert (home / "redis.sock").exists()
        with start_embedded(home) as second:
            assert second.owned
            assert second.pid != first.pid
            assert read(second) == b"kept"
            first.stop()
            assert answering(second.url)

    def test_an_owner_killed_while_stopping_is_survived(self, home: Path) -> None:
        with another_process(home) as owner:
            _, pid = says(owner)
            kill(owner.pid)
        (home / "redis.owner").write_bytes(b"leaving")
        heir = start_embedded(home)
        assert (heir.owned, heir.pid) == (True, pid)
        assert not start_embedded(home).owned
        heir.stop()


class TestStopping:
    def test_it_leaves_no_socket_and_no_lock(self, home: Path) -> None:
        server = start_embedded(home)
        server.stop()
        assert not answering(server.url)
        assert {path.name for path in home.iterdir()} == {"appendonlydir", "redis.log", "server.json"}

    def test_twice_is_once(self, home: Path) -> None:
        server = start_embedded(home)
        server.stop()
        server.stop()

    def test_what_was_written_is_there_again(self, home: Path) -> None:
        with start_embedded(home) as server:
            write(server, "kept")
        with start_embedded(home) as server:
            assert read(server) == b"kept"

    def test_a_server_that_has_gone_already_is_no_error(self, home: Path) -> None:
        server = start_embedded(home)
        kill(server.pid)
        server.stop()
        assert not (home / "redis.sock").exists()

    def test_a_server_that_does_not_listen_is_ended_all_the_same(self, home: Path) -> None:
        server = start_embedded(home)
        os.kill(server.pid, signal.SIGSTOP)
        server.stop()
        assert not answering(server.url)


class TestEditions:
    """An older or foreign server may start empty on newer files, with no error."""

    @staticmethod
    def written_by(home: Path, family: str, version: list[int]) -> None:
        start_embedded(home).stop()
        record = json.loads((home / "server.json").read_text())
        (home / "server.json").write_text(json.dumps(record | {"family": family, "version": version}))

    def test_an_older_server_is_refused(self, home: Path) -> None:
        self.written_by(home, "valkey", [99, 0, 0])
        with pytest.raises(EmbeddedServerError, match=r"written by valkey 99\.0\.0; .* may not open it"):
            start_embedded(home)
        assert not (home / "redis.lock").exists()

    def test_another_family_is_refused(self, home: Path) -> None:
        self.written_by(home, "redis", [6, 2, 0])
        with pytest.raises(EmbeddedServerError, match=r"written by redis 6\.2\.0.*STAFFETTA_REDIS_BINARY"):
            start_embedded(home)

    def test_a_newer_server_of_the_family_is_welcome(self, home: Path) -> None:
        self.written_by(home, "valkey", [7, 2, 0])
        with start_embedded(home) as server:
            assert answering(server.url)
        told = json.loads((home / "server.json").read_text())
        assert tuple(told["version"]) == find_binary().edition.version

    @pytest.mark.parametrize("record", [None, "", "[]", '{"family": "valkey", "version": [9]}'])
    def test_data_of_unknown_origin_is_refused(self, home: Path, record: str | None) -> None:
        start_embedded(home).stop()
        (home / "server.json").unlink()
        if record is not None:
            (home / "server.json").write_text(record)
        with pytest.raises(EmbeddedServerError, match="does not say which server wrote it"):
            start_embedded(home)

    def test_a_folder_without_data_is_open_to_any_server(self, home: Path, tmp_path: Path) -> None:
        newer = program(tmp_path / "valkey-server", banner="Valkey server v=99.0.0")
        with pytest.raises(EmbeddedServerError, match="ended at once"):
            start_embedded(home, binary=newer)
        with start_embedded(home) as server:
            assert answering(server.url)


class TestFindingAProgram:
    def test_the_one_that_pip_installed_comes_first(self, tmp_path: Path) -> None:
        program(tmp_path / "valkey-server", banner="Valkey server v=99.0.0")
        assert find_binary(environ={"PATH": str(tmp_path)}).path.parent != tmp_path

    def test_a_named_one_comes_before_it(self, tmp_path: Path) -> None:
        named = program(tmp_path / "mine", banner="Redis server v=7.0.15 sha=00000000:0")
        found = find_binary(environ={"PATH": "", "STAFFETTA_REDIS_BINARY": str(named)})
        assert (found.path, found.edition) == (named, Edition("redis", (7, 0, 15)))

    def test_the_path_serves_where_pip_has_no_program(self, tmp_path: Path) -> None:
        for name in ("redis-server", "valkey-server"):
            program(tmp_path / name, banner="Valkey server v=9.1.2")
        *_, first, second = _candidates({"PATH": str(tmp_path)})
        assert (first, second) == (tmp_path / "valkey-server", tmp_path / "redis-server")

    def test_a_bare_name_is_looked_up_on_the_path(self, tmp_path: Path) -> None:
        named = program(tmp_path / "mine", banner="Redis server v=7.0.15 sha=00000000:0")
        found = find_binary(environ={"PATH": str(tmp_path), "STAFFETTA_REDIS_BINARY": "mine"})
        assert found.path == named

    def test_a_named_one_that_does_not_run_is_never_replaced(self, tmp_path: Path) -> None:
        with pytest.raises(EmbeddedServerError, match="does not run here"):
            find_binary(tmp_path / "missing")

    @pytest.mark.parametrize(
        ("banner", "reason"),
        [
            ("Redis server v=6.0.16 sha=00000000:0", r"redis 6\.0\.16, older than 6\.2"),
            ("Garnet 1.0", "does not answer --version"),
        ],
    )
    def test_an_unfit_one_is_refused(self, tmp_path: Path, banner: str, reason: str) -> None:
        with pytest.raises(EmbeddedServerError, match=reason):
            inspect_binary(program(tmp_path / "server", banner=banner))

    def test_a_program_for_another_machine_is_refused(self, tmp_path: Path) -> None:
        alien = tmp_path / "server"
        alien.write_bytes(b"\x7fELF" + bytes(60))
        alien.chmod(0o755)
        with pytest.raises(EmbeddedServerError, match="does not run here"):
            inspect_binary(alien)

    def test_the_refusal_names_the_cure(self, tmp_path: Path) -> None:
        with pytest.raises(EmbeddedServerError, match=r"Install .*valkey-server.*STAFFETTA_REDIS_URL"):
            find_binary(tmp_path / "missing")
