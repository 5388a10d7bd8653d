"""Recorded companies go through the real flow, get their accounts, and then nothing is left to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bootstrap.tenant_files import from_profile
from domain.codes import Code
from domain.guards import OFF, Guards
from simulators.personio.control import Control
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import Relay, build_relay
from tests.unit.personio.replayed import replayed

NAMES = {
    "wonderway_2018.json": {"zoe"},
    "personio_py_2020.json": {"rita", "alan", "ada"},
    "personio_go_2022.json": {"elsa"},
    "terraform_2023.json": {"nico", "margaret", "david"},
    "reported_oddities.json": {"ines", "otto"},
}


@contextmanager
def between(name: str, folder: Path) -> Iterator[Relay]:
    """Put a relay with the generic profile between a recording and our application."""
    config = replace(from_profile("generic").config, guards=Guards(creates=OFF))
    with replayed(name) as personio, ScimSimulator.start() as app:
        relay = build_relay(folder / "home", cast("Control", personio), app, config)
        yield relay
        relay.desk.hands.shutdown()
        relay.store.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_company_gets_its_accounts_and_then_nothing_is_left_to_do(
    name: str, tmp_path: Path
) -> None:
    with between(name, tmp_path) as relay:
        run = relay.go_live()
        accounts = {account["userName"]: account for account in relay.app.state.accounts()}
        assert accounts.keys() == {f"{first}@acme.example" for first in NAMES[name]}
        odd = name == "reported_oddities.json"
        assert relay.figures(run).warnings.get(Code.PERSON_BAD_VALUE, 0) == 0
        relay.app.counters.reset()
        again = relay.sync()
        assert relay.figures(again).warnings.get(Code.PERSON_BAD_VALUE, 0) == (1 if odd else 0)
        assert relay.app.counters.writes == 0
