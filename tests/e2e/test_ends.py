"""Whatever ends, ends cleanly, and the rest goes on: Ctrl-C, a killed supervisor, child or Redis."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.redis.connect import connect
from bootstrap.redis_server import redis_url_of
from bootstrap.settings import read_settings
from domain.ids import RunId
from tests.chaos.work import settle
from tests.e2e.house import Town, Window, eventually, is_alive, town

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PEOPLE = 200
SETTLED_SECONDS = 150.0


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path, PEOPLE, write_latency_ms=800) as built:
        yield built


def begin(here: Town, window: Window) -> RunId:
    """Activate, and wait until the first accounts are there but not all."""
    window.connect(here)
    window.sync()
    run_id = window.activate()
    eventually(lambda: len(here.app.accounts()) >= 5, "nothing arrives")
    return run_id


def is_complete(here: Town) -> bool:
    return here.differences() == [] and here.app.doubled() == [] and here.app.overlapping() == {}


def test_ctrl_c_leaves_no_child_no_socket_and_no_lock_and_starting_again_goes_on(here: Town) -> None:
    here.up()
    with here.window() as window:
        run_id = begin(here, window)
    children = here.children()
    assert len(children) == 7
    assert here.interrupt() == 0
    eventually(lambda: not any(map(is_alive, children.values())), "children outlive Ctrl-C", 10)
    left = {path.name for path in here.home.rglob("*") if path.suffix in {".sock", ".lock", ".owner", ".pid"}}
    assert left == set()
    assert here.differences() != []
    here.up()
    with here.window() as window:
        settle(window, run_id, SETTLED_SECONDS)
    assert is_complete(here)


def test_a_killed_supervisor_takes_its_children_along_and_the_next_one_adopts_the_server(here: Town) -> None:
    here.up()
    with here.window() as window:
        run_id = begin(here, window)
    children = here.children()
    server = children.pop("valkey")
    here.kill_supervisor()
    eventually(lambda: not any(map(is_alive, children.values())), "children outlive their supervisor", 20)
    assert is_alive(server)
    here.up()
    assert here.server_pid() == server
    with here.window() as window:
        settle(window, run_id, SETTLED_SECONDS)
    assert is_complete(here)
    assert here.interrupt() == 0
    eventually(lambda: not is_alive(server), "an adopted server outlives Ctrl-C", 10)


def test_a16_a_killed_child_is_started_again(here: Town) -> None:
    here.up()
    before = here.children()
    killed = {pid for role, pid in before.items() if role != "valkey"}
    for pid in killed:
        os.kill(pid, signal.SIGKILL)

    def all_anew() -> bool:
        now = here.children()
        return set(now) == set(before) and not killed & set(now.values())

    eventually(all_anew, "a killed child stays away", 20)
    assert here.children()["valkey"] == before["valkey"]


def test_b1_a_killed_server_is_started_again_and_the_sync_goes_on(here: Town) -> None:
    here.up()
    with here.window() as window:
        run_id = begin(here, window)
        killed = here.children()["valkey"]
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: here.children().get("valkey", killed) != killed, "the server stays away", 20)
        settle(window, run_id, SETTLED_SECONDS)
    assert is_complete(here)


def test_b3_an_emptied_redis_costs_time_and_nothing_else(here: Town) -> None:
    here.up()
    with here.window() as window:
        run_id = begin(here, window)
        with closing(connect(redis_url_of(read_settings(here.environ)))) as client:
            client.flushall()
        settle(window, run_id, 120)
    assert is_complete(here)
