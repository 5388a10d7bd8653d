"""A simulator of twenty people and a client that is logged in, for every test that wants them."""

from collections.abc import Iterator

import pytest

from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.simulators.personio.client import Client, speaking_to


@pytest.fixture
def personio() -> Iterator[PersonioSimulator]:
    with PersonioSimulator.start(employees=20, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


@pytest.fixture
def client(personio: PersonioSimulator) -> Iterator[Client]:
    with speaking_to(personio) as speaking:
        yield speaking
