"""Give every test a simulator of its own, and a client that knows the token."""

from collections.abc import Iterator

import pytest

from simulators.scim.handle import ScimSimulator
from tests.simulators.scim.builders import Client
from tests.simulators.scim.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def app(clock: SetClock) -> Iterator[ScimSimulator]:
    with ScimSimulator.start(clock=clock) as running:
        yield running


@pytest.fixture
def client(app: ScimSimulator) -> Iterator[Client]:
    speaking = Client(app)
    yield speaking
    speaking.close()
