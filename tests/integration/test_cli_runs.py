"""An operator's first hour with real processes: preview, activate and sync inside one command each."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.personio.actions import Delay
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.integration.test_cli_check import Desk
from tests.unit.cli.terminal import Terminal

ROOT = Path(__file__).parents[2]
HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs us in the background made it deaf
from bootstrap.cli import main
main()
"""

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    switches = Switches(rate_limits=False)
    company = PersonioSimulator.start(employees=20, seed=7, switches=switches)
    with company as personio, ScimSimulator.start() as app:
        made = Desk(Terminal(tmp_path / "var"), personio, app)
        assert made.type("init").code == 0
        assert made.add().code == 0
        assert made.type("check", "acme").code == 0
        yield made


def test_from_the_first_plan_to_one_persons_history(desk: Desk) -> None:
    plan = desk.type("preview", "acme", "--here", "--json")
    assert plan.code == 0, plan.err
    assert desk.app.counters.writes == 0
    created = plan.data["would"]["create"]
    assert created > 0
    assert "activate acme" in plan.data["meaning"]

    activated = desk.type("activate", "acme", "--confirm=acme", "--here", "--json")
    assert activated.code == 0, activated.err
    assert activated.data["actions"]["create"] == created
    assert len(desk.app.state.accounts()) == created

    who = next(person for person in desk.personio.truth().people if person.email)
    desk.personio.company.change(who.id, position="Countess")
    desk.app.counters.reset()
    synced = desk.type("sync", "acme", "--here", "--json")
    assert synced.code == 0, synced.err
    assert synced.data["actions"] == {"update": 1}
    assert desk.app.counters.writes == 1

    (person,) = desk.type("person", "acme", who.id, "--json").data["people"]
    changed = [each for row in person["history"] for each in row["differences"] if each["path"] == "title"]
    assert changed[-1] == {"path": "title", "old": who.position, "new": "Countess"}
    assert [row["outcome"] for row in desk.type("runs", "acme", "--json").data["runs"]] == [
        "ok",
        "ok",
        "planned",
    ]
    assert leavings(desk.terminal.home) == set()


def test_ctrl_c_ends_the_work_here_and_leaves_nothing_running(desk: Desk) -> None:
    command = (sys.executable, "-c", HEARING, "preview", "acme", "--here")
    environ = {
        **os.environ,
        "STAFFETTA_HOME": str(desk.terminal.home),
        "STAFFETTA_ALLOW_PRIVATE_TARGETS": "1",
    }
    desk.personio.fault(Delay(seconds=60), path="/v1/company/employees", count=None)
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("Run "))
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
    desk.personio.clear_faults()
    assert process.returncode == 130, rest
    assert "Interrupted" in rest
    assert "Traceback" not in rest
    assert leavings(desk.terminal.home) - {"up.lock"} == set()
    assert desk.type("run", said.split()[1], "--json").data["outcome"] is None


def leavings(home: Path) -> set[str]:
    return {path.name for path in home.rglob("*") if path.suffix in {".sock", ".lock", ".owner", ".pid"}}
