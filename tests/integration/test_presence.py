"""Each process shows that it lives under a name of its own, wherever it runs."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis

from adapters.clock import SystemIds
from adapters.redis.connect import connect
from adapters.redis.presence import Presence
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
    presence.beat("fetch", staying)
    with alive(client, "fetch", threading.Event(), ids):
        assert "fetch" in presence.roles()
    assert "fetch" in presence.roles()
    presence.leave("fetch", staying)
    assert "fetch" not in presence.roles()
