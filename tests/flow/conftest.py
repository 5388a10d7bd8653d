"""A company, an application, and a relay between them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.config import Configuration, Line
from domain.guards import OFF, Guards
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.builders import configuration
from tests.flow.relay import Relay, build_relay

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

SCIM_LINES = (
    Line("email", "userName", required=True),
    Line("email", 'emails[type eq "work"].value'),
    Line("first_name", "name.givenName", required=True),
    Line("last_name", "name.familyName", required=True),
    Line("position", "title"),
    Line("department", f"{ENTERPRISE}:department"),
)


@pytest.fixture
def config() -> Configuration:
    """Many joiners are how tests make work, so accounts to be made are guarded only where a test says so."""
    return replace(configuration(lines=SCIM_LINES), guards=Guards(creates=OFF))


@pytest.fixture
def personio() -> Iterator[PersonioSimulator]:
    with PersonioSimulator.start(employees=30, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


@pytest.fixture
def app() -> Iterator[ScimSimulator]:
    with ScimSimulator.start() as running:
        yield running


@pytest.fixture
def relay(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> Iterator[Relay]:
    built = build_relay(tmp_path / "home", personio, app, config)
    yield built
    built.desk.hands.shutdown()
    built.store.close()
