"""The simulator alone: one command that says where it is, and goes when told."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.scim.handle import ScimSimulator

ROOT = Path(__file__).parents[3]
LAST_SECONDS = 20


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "simulators.scim", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_goes_when_told(number: signal.Signals) -> None:
    with running("--token", "known", "--users", "2") as (process, told):
        assert told["token"] == "known"
        answer = httpx.get(f"{told['url']}/Users", headers={"Authorization": "Bearer known"})
        assert answer.json()["totalResults"] == 2
        process.send_signal(number)
        assert process.wait(LAST_SECONDS) == 0


def test_without_a_token_it_makes_one_of_its_own() -> None:
    with running("--latency-ms", "1", "--write-latency-ms", "1") as (_, told):
        answer = httpx.get(f"{told['url']}/Users", headers={"Authorization": f"Bearer {told['token']}"})
        assert answer.status_code == 200
        assert len(told["token"]) > 20


def test_a_taken_port_is_told_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "simulators.scim", "--port", port]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=LAST_SECONDS, check=False
        )
    assert ended.returncode == 1
    assert "--port 0" in ended.stderr


def test_the_handle_tells_of_a_taken_port_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address"):
        ScimSimulator.start(port=taken.getsockname()[1])


def test_stopping_twice_is_as_good_as_once() -> None:
    app = ScimSimulator.start()
    app.stop()
    app.stop()
