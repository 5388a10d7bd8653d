"""An operator's first hour with real processes: preview, activate and sync inside one command each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.integration.test_cli_check import Desk
from tests.unit.cli.terminal import Terminal

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
    assert not list((desk.terminal.home / "redis").glob("*.sock"))
    assert not (desk.terminal.home / "up.lock").exists()
