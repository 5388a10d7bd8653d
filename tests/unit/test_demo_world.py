"""The demo touches nothing but its own folder: no other demo, and no installation that the shell knows of."""

import fcntl
from pathlib import Path

import pytest

from bootstrap.demo.world import DemoFailedError, demo_world, forget_installation


def test_a_second_demo_in_the_same_folder_leaves_the_first_alone(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("of the first")
    with (tmp_path / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DemoFailedError, match="Another demo runs"), demo_world(3, tmp_path):
            pass
    assert (tmp_path / "master.key").read_text() == "of the first"


def test_databases_and_mail_servers_that_the_shell_names_are_left_alone() -> None:
    real = {
        "STAFFETTA_DATABASE_URL": "postgresql://real",
        "STAFFETTA_SMTP_URL": "smtp://real",
        "PATH": "/bin",
    }
    environ = real | {"PATH": "/bin", "STAFFETTA_LOG_LEVEL": "DEBUG", "STAFFETTA_PROFILE": "production"}
    forget_installation(environ)
    assert environ == {"PATH": "/bin", "STAFFETTA_LOG_LEVEL": "DEBUG"}
