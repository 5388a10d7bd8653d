"""A second account that a late request makes for somebody whose first one went to another id is closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.cases import Answer
from domain.config import Configuration
from domain.ids import PersonId
from simulators.personio.handle import PersonioSimulator
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import Inline, Relay, build_relay
from tests.flow.test_failures import hire_many
from tests.flow.test_identity import answer, config, hire
from tests.flow.test_last_look import LEASE_IS_OVER, opened, stand_still
from tests.flow.truth import accounts, differences

__all__ = ["config"]


@pytest.fixture
def live(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> Iterator[Relay]:
    """A tenant that was activated under the rules of identity."""
    relay = build_relay(tmp_path / "home", personio, app, config, hands=Inline())
    relay.go_live()
    yield relay
    relay.store.close()


def come_under_another_id(relay: Relay, joiner: str) -> str:
    """Let somebody leave and come back under a new id, and have a human name the old account as theirs."""
    old = str(accounts(relay)[joiner]["id"])
    relay.personio.company.terminate(int(joiner))
    relay.sync()
    back = hire(relay, first_name="New", last_name="Joiner 0", email="doe@acme.example")
    relay.sync()
    answer(relay, back, Answer.LINK, old)
    relay.sync()
    assert accounts(relay)[back]["id"] == old
    return back


def test_a2_a_second_account_of_a_former_id_that_a_late_request_made_is_closed(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    back: list[str] = []

    def meanwhile() -> None:
        live.personio.company.change(int(joiner), email="doe@acme.example")
        live.later(seconds=LEASE_IS_OVER)
        live.sync()
        back.append(come_under_another_id(live, joiner))

    stand_still(live, meanwhile, deep=True)
    assert opened(live, PersonId(joiner)) == ["n0@example.com"]
    live.sync()
    live.later(seconds=20)
    assert opened(live, PersonId(joiner)) == []
    assert opened(live, PersonId(back[0])) == ["doe@acme.example"]
    assert differences(live) == []
    written = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == written
