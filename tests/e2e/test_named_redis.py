"""A Redis whose address stands in a file serves the whole house, and the address gets no further."""

from pathlib import Path

import pytest

from adapters.redis.connect import connect
from adapters.redis.embedded import start_embedded
from adapters.redis.presence import Presence
from bootstrap.up import PROGRAMS, ROLES
from tests.e2e.house import environment_of, eventually, town

pytestmark = [pytest.mark.e2e, pytest.mark.redis, pytest.mark.timeout(120)]


def test_the_house_runs_on_a_redis_named_in_a_file_and_says_what_it_may_lose(tmp_path: Path) -> None:
    secret = tmp_path / "redis_url"
    with start_embedded(tmp_path / "elsewhere") as server, connect(server.url) as client:
        client.config_set("appendonly", "no")
        secret.write_text(f"{server.url}\n")
        with town(tmp_path, 5, redis_url_file=str(secret)) as here:
            here.up()
            eventually(lambda: Presence(client).roles() >= ROLES, "nobody finds the Redis")
            children = here.children()
            assert children.keys() == PROGRAMS.keys()
            assert [pid for pid in children.values() if server.url.encode() in environment_of(pid)] == []
            eventually(lambda: warnings(here.home) == len(PROGRAMS), "not everybody looked at the Redis")
            assert here.interrupt() == 0
            words = (here.home / "up.words").read_text()
            assert words.count("set «appendonly yes»") == 1
            assert warnings(here.home) == len(PROGRAMS)


def warnings(home: Path) -> int:
    """Count the lines in which a process says what this Redis may lose."""
    return sum(path.read_text().count("queue.forgetful") for path in home.rglob("*.jsonl"))
