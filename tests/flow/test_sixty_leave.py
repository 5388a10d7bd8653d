"""Sixty of four hundred leave at once while twelve join: the twelve get accounts, the sixty wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.changes import Action, ChangeState
from domain.config import Configuration
from domain.run import Outcome
from producers.approve import Approved, reject
from producers.sight import Choice
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import ACME, Relay, build_relay
from tests.flow.truth import accounts, is_wanted, people

LEAVERS, JOINERS = 60, 12
TWO_HOURS = 8
"""Runs, one every fifteen minutes."""


@pytest.fixture
def company(tmp_path: Path, app: ScimSimulator, config: Configuration, staff: int) -> Iterator[Relay]:
    """A live tenant of so many people with an account each."""
    switches = Switches(rate_limits=False)
    with PersonioSimulator.start(employees=staff, seed=7, switches=switches) as personio:
        built = build_relay(tmp_path / "home", personio, app, config)
        built.go_live()
        yield built
        built.desk.hands.shutdown()
        built.store.close()


@pytest.fixture
def staff() -> int:
    return 400


def leave_and_join(relay: Relay, leavers: int, joiners: int) -> tuple[list[str], list[str]]:
    gone = [person for person in people(relay) if is_wanted(person)][5 : 5 + leavers]
    for person in gone:
        relay.personio.company.terminate(person.id)
    hired = [
        relay.personio.company.hire(
            first_name="Jo", last_name=f"Iner {number}", email=f"jo{number}@example.com"
        )
        for number in range(joiners)
    ]
    relay.sync()
    return [str(person.id) for person in gone], [str(person) for person in hired]


def is_open(relay: Relay, person: str) -> bool:
    account = accounts(relay).get(person)
    return account is not None and bool(account["active"])


def waiting(relay: Relay) -> dict[str, str]:
    return {row.person_id: row.change_id for row in relay.rows(ChangeState.HELD)}


def test_sixty_of_four_hundred_wait_two_hours_and_are_then_closed_exactly(company: Relay) -> None:
    leavers, joiners = leave_and_join(company, LEAVERS, JOINERS)
    told = accounts(company)
    assert all(told[person]["active"] for person in (*leavers, *joiners))
    held = waiting(company)
    assert sorted(held) == sorted(leavers)
    company.app.counters.reset()
    shown = company.show()
    for _ in range(TWO_HOURS):
        company.later(minutes=15)
        run = company.sync()
        assert run.outcome is Outcome.OK_WITH_HOLDS
        assert waiting(company) == held
        told_again = company.figures(run)
        assert told_again.carried is not None
        assert told_again.carried.states[ChangeState.HELD.value] == LEAVERS
        assert told_again.twice() == 0, "everybody who was read is in one figure"
    assert company.app.counters.writes == 0
    done = company.say_yes(Choice(seen=shown.hash))
    assert isinstance(done, Approved)
    assert company.figures(company.run(done.run.run_id)).actions == {Action.DEACTIVATE.value: LEAVERS}
    assert company.app.counters.effective_writes() == LEAVERS
    told = accounts(company)
    assert [person for person in leavers if told[person]["active"]] == []
    assert company.rows(ChangeState.STALE, ChangeState.SUPERSEDED, ChangeState.HELD) == []


@pytest.mark.parametrize("staff", [60])
def test_a_no_keeps_them_and_two_runs_later_still_asks_nobody(company: Relay) -> None:
    leavers, joiners = leave_and_join(company, 12, 2)
    shown = company.show()
    choice = Choice(seen=shown.hash)
    assert reject(ACME, choice=choice, by="ada", store=company.store, ids=company.desk.ids) == len(leavers)
    company.app.counters.reset()
    for _ in range(2):
        company.later(minutes=15)
        assert company.sync().outcome is Outcome.OK
    assert waiting(company) == {}
    assert company.app.counters.writes == 0
    assert all(is_open(company, person) for person in (*leavers, *joiners))
