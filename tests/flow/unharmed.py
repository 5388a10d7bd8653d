"""A relay whose calls run one after the other, and which must have harmed nobody when its test is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.config import Configuration
from simulators.personio.handle import PersonioSimulator
from simulators.scim.handle import ScimSimulator
from tests.flow.misfortunes import harm
from tests.flow.relay import Inline, Relay, build_relay


@pytest.fixture
def relay(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> Iterator[Relay]:
    """A tenant that was not checked yet."""
    built = build_relay(tmp_path / "home", personio, app, config, hands=Inline())
    yield built
    assert harm(built) == []
    built.store.close()


@pytest.fixture
def live(relay: Relay) -> Relay:
    """A tenant that was activated; what was counted before is forgotten."""
    relay.go_live()
    relay.app.counters.reset()
    return relay
