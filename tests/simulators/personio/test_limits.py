"""Rate limits: per credential, per address, with and without a hint when to come back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from simulators.personio.clock import Clock
from simulators.personio.handle import PersonioSimulator
from simulators.personio.limits import Limits, Window
from simulators.personio.switches import Switches
from tests.simulators.personio.client import LIST, Client, speaking_to

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


@contextmanager
def standing_still(switches: Switches | None = None) -> Iterator[tuple[PersonioSimulator, Client]]:
    """Serve on a clock that only moves when it is told to."""
    still = Clock(lambda: START)
    with (
        PersonioSimulator.start(clock=still, switches=switches) as personio,
        speaking_to(personio) as client,
    ):
        yield personio, client


def statuses(client: Client, times: int, path: str = LIST) -> list[int]:
    return [client.get(path, {"limit": 1}).status_code for _ in range(times)]


def test_fifteen_pages_in_a_second_pass_and_the_sixteenth_does_not() -> None:
    with standing_still() as (personio, client):
        assert statuses(client, 16) == [200] * 15 + [429]
        personio.advance(1)
        assert statuses(client, 1) == [200]


def test_three_hundred_pages_in_a_minute_pass_and_no_more() -> None:
    limits, switches = Limits(), Switches()
    passed = sum(limits.employees("papi-a", switches, second * 0.1) == 0 for second in range(400))
    assert passed == 300
    assert limits.employees("papi-a", switches, 60) == 0


def test_each_credential_has_its_own_limit() -> None:
    with standing_still(Switches(employees_per_second=2)) as (personio, client):
        assert statuses(client, 3) == [200, 200, 429]
        issued = personio.issue()
        client.login(issued.client_id, issued.client_secret)
        assert statuses(client, 3) == [200, 200, 429]


def test_single_employees_are_only_limited_per_address() -> None:
    with standing_still(Switches(employees_per_second=2)) as (_, client):
        assert statuses(client, 5, f"{LIST}/attributes") == [200] * 5


def test_everything_of_v1_counts_towards_the_limit_of_the_address() -> None:
    with standing_still(Switches(ip_per_minute=4)) as (personio, client):
        assert statuses(client, 4, f"{LIST}/attributes") == [200, 200, 200, 429]
        assert client.login().status_code == 429
        personio.advance(60)
        assert client.login().status_code == 200


def test_limits_can_be_switched_off() -> None:
    with standing_still(Switches(rate_limits=False)) as (_, client):
        assert statuses(client, 30) == [200] * 30
        assert [client.login().status_code for _ in range(70)] == [200] * 70


def refused(switches: Switches) -> httpx.Response:
    with standing_still(switches) as (_, client):
        statuses(client, 1)
        return client.get()


def test_a_429_says_nothing_about_when_to_come_back() -> None:
    answer = refused(Switches(employees_per_second=1))
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, False)
    assert answer.json()["success"] is False


def test_a_429_can_say_so_in_seconds() -> None:
    answer = refused(Switches(employees_per_second=1, retry_after="seconds"))
    assert answer.headers["Retry-After"] == "1"


def test_a_429_can_say_so_as_a_date() -> None:
    answer = refused(Switches(employees_per_second=1, retry_after="http-date"))
    assert parsedate_to_datetime(answer.headers["Retry-After"]) > START


@pytest.mark.parametrize("limit", [1, 3])
def test_a_window_tells_how_long_to_wait(limit: int) -> None:
    window = Window(10)
    for second in range(limit):
        assert window.wait(limit, second) == 0
        window.passed(second)
    assert window.wait(limit, limit) == 10 - limit
    assert window.wait(limit, 10) == 0
