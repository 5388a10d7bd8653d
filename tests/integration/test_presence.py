"""Each process shows that it lives under a name of its own, wherever it runs."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
import redis

from adapters.clock import SystemClock, SystemIds
from adapters.redis.connect import connect
from adapters.redis.presence import Presence
from bootstrap.cli.doctor_command import clocks
from bootstrap.cli.findings import Health
from bootstrap.process import alive, instance_name

pytestmark = pytest.mark.redis


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with closing(connect(redis_url)) as client:
        yield client


def test_two_processes_of_one_number_on_one_host_have_two_names() -> None:
    one, other = instance_name(SystemIds()), instance_name(SystemIds())
    assert one != other
    assert one.startswith(f"{socket.gethostname()}-{os.getpid()}-")


def test_a_replica_that_leaves_takes_no_other_along(client: redis.Redis) -> None:
    ids, presence = SystemIds(), Presence(client)
    staying = instance_name(ids)
    presence.beat("fetch", staying, SystemClock().now())
    with alive(client, "fetch", threading.Event(), ids):
        assert "fetch" in presence.roles()
    assert "fetch" in presence.roles()
    presence.leave("fetch", staying)
    assert "fetch" not in presence.roles()


def test_h5_a_process_whose_clock_is_ninety_seconds_off_is_known_by_its_name(client: redis.Redis) -> None:
    presence, now = Presence(client), SystemClock().now()
    presence.beat("fetch", "host-a-1", now)
    presence.beat("reconcile", "host-b-2", now - timedelta(seconds=90))
    skews = presence.skews()
    assert abs(skews["fetch on host-a-1"]) < timedelta(seconds=5)
    assert abs(skews["reconcile on host-b-2"] + timedelta(seconds=90)) < timedelta(seconds=5)
    found = [each for each in clocks(client) if each.health is Health.PROBLEM]
    assert [each.about for each in found] == ["clock of reconcile on host-b-2"]
    assert found[0].what.startswith("-9")
    presence.leave("reconcile", "host-b-2")
    presence.leave("fetch", "host-a-1")
