"""What the supervisor hands on to the processes that it starts."""

import io
from pathlib import Path

import pytest

from bootstrap.settings import read_settings
from bootstrap.up import Supervisor

EMBEDDED = "unix:///run/redis.sock?db=0"
NAMED = "redis://:canary@redis:6379/0"


@pytest.mark.parametrize("form", ["REDIS_URL", "REDIS_URL_FILE"])
def test_the_address_of_a_redis_that_was_named_is_not_copied(form: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(NAMED)
    told = NAMED if form == "REDIS_URL" else str(file)
    settings = read_settings({f"STAFFETTA_{form}": told, "STAFFETTA_HOME": str(tmp_path)})
    environ = Supervisor(settings, NAMED, io.StringIO()).environ(7)
    assert "canary" not in "".join(environ.values())
    assert "STAFFETTA_REDIS_URL" not in environ


def test_the_address_of_the_embedded_server_is_handed_on(tmp_path: Path) -> None:
    settings = read_settings({"STAFFETTA_HOME": str(tmp_path)})
    environ = Supervisor(settings, EMBEDDED, io.StringIO()).environ(7)
    assert environ["STAFFETTA_REDIS_URL"] == EMBEDDED
    assert (environ["STAFFETTA_HOME"], environ["STAFFETTA_LEASH_FD"]) == (str(tmp_path), "7")
