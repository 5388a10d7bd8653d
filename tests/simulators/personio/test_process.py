"""The simulator as a process: one line on stdout, then it serves until it is told to stop."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from simulators.personio.actions import Status
from simulators.personio.handle import PersonioSimulator
from simulators.personio.remote import spawned
from tests.simulators.personio.client import LIST, speaking_to

COMMAND = [sys.executable, "-m", "simulators.personio"]
PATIENCE = 20


@contextmanager
def started(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, str]]]:
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_introduces_itself_serves_and_ends_cleanly(stop: signal.Signals) -> None:
    with started("--employees", "20", "--seed", "7", "--port", "0") as (process, told):
        assert told.keys() >= {"url", "client_id", "client_secret", "admin_url"}
        pair = {name: told[name] for name in ("client_id", "client_secret")}
        assert httpx.post(f"{told['url']}/v1/auth", json=pair, trust_env=False).status_code == 200
        assert httpx.get(f"{told['admin_url']}/state", trust_env=False).json()["employees"] == 20
        process.send_signal(stop)
        assert process.wait(PATIENCE) == 0


def test_it_ends_even_while_an_answer_is_under_way() -> None:
    with started("--latency-ms", "60000", "--employees", "5") as (process, told):
        with httpx.Client(base_url=told["url"], trust_env=False) as http:
            pair = {name: told[name] for name in ("client_id", "client_secret")}
            token = http.post("/v1/auth", json=pair).json()["data"]["token"]
            with pytest.raises(httpx.TransportError):
                http.get(LIST, headers={"Authorization": f"Bearer {token}"}, timeout=0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_spawned_simulator_obeys_like_one_in_this_process() -> None:
    arguments = ["--employees", "20", "--readable", "first_name,iban", "--no-rate-limits"]
    with spawned([*arguments, "--switch", "order=id"]) as personio, speaking_to(personio) as client:
        hired = personio.company.hire(first_name="Ada")
        personio.fault(Status(status=500))
        assert [client.get().status_code for _ in range(2)] == [500, 200]
        page = client.page()
        assert page.ids[-1] == hired
        assert len(page.people[0]) == 3
        assert personio.counters().pages == 2


def test_a_spawned_company_is_the_one_of_this_process() -> None:
    with (
        spawned(["--employees", "30", "--seed", "3"]) as other,
        PersonioSimulator.start(employees=30, seed=3) as here,
    ):
        assert here.truth() == other.truth()
        assert (here.client_id, here.client_secret) == (other.client_id, other.client_secret)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--employees", "0"], 1),
        (["--employees", "5", "--readable", "shoe_size"], 1),
        (["--data-file", "there-is-no-such-file.json"], 1),
        (["--switch", "order=random"], 2),
        (["--switch", "order"], 2),
        (["--query-string-login", "maybe"], 2),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(arguments: list[str], code: int) -> None:
    ended = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (ended.returncode, ended.stdout) == (code, "")
    assert "Traceback" not in ended.stderr
    assert ended.stderr


def test_spawning_something_impossible_says_so() -> None:
    with pytest.raises(RuntimeError, match="before it could serve"), spawned(["--employees", "0"]):
        pass


def test_stopping_twice_does_no_harm() -> None:
    personio = PersonioSimulator.start(employees=3)
    personio.stop()
    personio.stop()


def test_a_port_that_is_taken_is_an_error_and_leaves_no_thread_behind() -> None:
    with PersonioSimulator.start(employees=3) as first:
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="address already in use"):
            PersonioSimulator.start(employees=3, port=port)
        serving = [thread for thread in threading.enumerate() if thread.name == "personio-simulator"]
        assert len(serving) == 1
