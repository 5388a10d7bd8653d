"""Each kind of change has a brake of its own, in plans and in runs; what is held stops nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.changes import Change, ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.guards import Guards
from domain.prospects import Prospect, prospects
from domain.run import Outcome
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.personio.told import Told
from simulators.scim.effects import refused
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import Relay, build_relay
from tests.flow.test_main_job import live
from tests.flow.truth import accounts, is_wanted, people

__all__ = ["live"]

HELD = ChangeState.HELD


def wanted(relay: Relay) -> list[Told]:
    """Those with an account who manage nobody, so that their going moves no manager."""
    bosses = {person.supervisor_id for person in people(relay)}
    return [person for person in people(relay) if is_wanted(person) and person.id not in bosses]


def held(relay: Relay, code: Code) -> list[Change]:
    return [row for row in relay.rows(HELD) if row.why is code]


def guarded(relay: Relay, config: Configuration, guards: Guards) -> None:
    """Give a live tenant other guards, and let the next run know them."""
    relay.configure(replace(config, guards=guards))
    relay.sync()
    relay.app.counters.reset()


@pytest.fixture
def big(tmp_path: Path, app: ScimSimulator, config: Configuration) -> Iterator[Relay]:
    """A tenant with some four hundred accounts, activated."""
    with PersonioSimulator.start(employees=520, seed=7, switches=Switches(rate_limits=False)) as personio:
        built = build_relay(tmp_path / "home", personio, app, config)
        built.go_live()
        built.app.counters.reset()
        yield built
        built.desk.hands.shutdown()
        built.store.close()


def test_sixty_leave_at_once_while_twelve_join_and_runs_every_quarter_of_an_hour_change_nothing(
    big: Relay,
) -> None:
    leavers = wanted(big)[:60]
    for person in leavers:
        big.personio.company.terminate(person.id)
    joiners = [
        big.personio.company.hire(first_name="Jo", last_name=f"Iner {n}", email=f"joiner{n}@example.com")
        for n in range(12)
    ]
    run = big.sync()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    assert all(accounts(big)[str(joiner)]["active"] for joiner in joiners)
    waiting = {row.change_id for row in big.rows(HELD)}
    assert {row.why for row in big.rows(HELD)} == {Code.GUARD_REMOVALS}
    assert len(waiting) == 60
    big.app.counters.reset()
    for _ in range(8):
        big.later(minutes=15)
        big.sync()
    assert {row.change_id for row in big.rows(HELD)} == waiting
    assert big.app.counters.writes == 0
    assert all(accounts(big)[str(person.id)]["active"] for person in leavers)
    detail = big.rows(HELD)[0].detail
    assert "60 accounts would be closed" in detail
    assert "in 24 hours go by" in detail


def test_a_preview_shows_the_holds_that_come(live: Relay) -> None:
    for person in wanted(live)[:5]:
        live.personio.company.terminate(person.id)
    plan = live.sync(plan_only=True)
    rows = [row for row in live.rows(ChangeState.PROPOSED) if row.run_id == plan.run_id]
    what = prospects(rows)
    shown = {(row.person_id, row.why) for row in rows if what[row.change_id] is Prospect.HELD}
    live.sync()
    assert {(row.person_id, row.why) for row in live.rows(HELD)} == shown
    again = live.sync(plan_only=True)
    proposed = [row for row in live.rows(ChangeState.PROPOSED) if row.run_id == again.run_id]
    what = prospects(proposed)
    told = {row.detail for row in proposed if what[row.change_id] is Prospect.HELD}
    assert told == {row.detail for row in live.rows(HELD)}


def test_g2_a_drip_below_every_days_budget_is_stopped_by_the_month(big: Relay) -> None:
    size = sum(account["active"] is True for account in accounts(big).values())
    leaving = wanted(big)
    most_in_a_month, gone = 3 * (size // 10), 0
    while not big.rows(HELD) and gone < most_in_a_month + 20:
        for person in leaving[gone : gone + 20]:
            big.personio.company.terminate(person.id)
        gone += 20
        big.later(days=4)
        big.sync()
    closed = [person for person in leaving[:gone] if not accounts(big)[str(person.id)]["active"]]
    assert big.rows(HELD)
    assert len(closed) <= most_in_a_month
    assert "in the last 7 days" in big.rows(HELD)[0].detail or "30 days" in big.rows(HELD)[0].detail


def test_somebody_refused_every_day_uses_the_months_budget_up_once(live: Relay) -> None:
    person = wanted(live)[0]
    live.app.quirks.add(refused(), methods=("PATCH",), times=None)
    live.personio.company.terminate(person.id)
    for _ in range(10):
        live.sync()
        live.later(days=1, minutes=1)
    assert len(live.rows(ChangeState.DEAD)) >= 8
    assert held(live, Code.GUARD_REMOVALS) == []
