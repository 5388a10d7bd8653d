"""What proved that somebody is gone is judged by its last word while a run waits for the application."""

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.run import Outcome
from simulators.personio.actions import Action as Fault
from simulators.personio.actions import Status
from simulators.personio.told import Told
from simulators.scim.effects import server_error, too_many_requests
from simulators.scim.quirks import Respond
from tests.flow.relay import Relay
from tests.flow.test_absence import LIST
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, people

__all__ = ["live"]


def erased(live: Relay) -> Told:
    """Erase somebody: missing in a list that adds up, and denied by id."""
    person = next(each for each in people(live) if str(each.id) == somebody(live))
    live.personio.company.erase(person.id)
    return person


def shown_again(live: Relay, person: Told) -> None:
    """Let somebody be there again, as when a credential that was narrowed is widened."""
    live.personio.company.hire_as(
        person.id, first_name=person.first_name, last_name=person.last_name, email=person.email
    )


def is_open(live: Relay, person: Told) -> bool:
    return accounts(live)[str(person.id)]["active"] is True


def silence(live: Relay, effect: Respond) -> None:
    live.app.quirks.add(effect, methods=("GET",), path="/Users/", times=None)


def closing(live: Relay, *states: ChangeState) -> list[str]:
    return [row.person_id for row in live.rows(*states) if row.cause is Code.PERSON_NOT_SEEN]


@pytest.mark.parametrize("answer", [None, Status(status=502)], ids=["200", "502"])
def test_a_proof_of_absence_that_is_taken_back_while_the_application_is_silent_closes_nobody(
    live: Relay, answer: Fault | None
) -> None:
    person = erased(live)
    silence(live, server_error(503))
    run = live.sync()
    assert closing(live, ChangeState.PLANNED) == [str(person.id)]
    if answer is None:
        shown_again(live, person)
    else:
        live.personio.fault(answer, path=f"{LIST}/1", count=None)
    live.app.quirks.clear()
    live.later(minutes=61)
    assert live.run(run.run_id).outcome is Outcome.OK
    assert is_open(live, person)
    (row,) = [row for row in live.rows() if row.action is Action.DEACTIVATE]
    assert (row.state, row.detail) == (ChangeState.DROPPED, "asked once more: not proven gone any more")


def test_a_proof_that_stands_closes_the_account_once_the_application_answers(live: Relay) -> None:
    person = erased(live)
    silence(live, server_error(503))
    live.sync()
    live.app.quirks.clear()
    live.later(minutes=61)
    assert not is_open(live, person)
    (row,) = [row for row in live.rows() if row.action is Action.DEACTIVATE]
    assert row.state is ChangeState.APPLIED


def test_a_run_that_waits_for_a_resting_application_asks_personio_once_an_hour(live: Relay) -> None:
    person = erased(live)
    silence(live, too_many_requests(120))
    run = live.sync()
    live.personio.reset_counters()
    for _ in range(10):
        live.later(minutes=2)
    assert live.run(run.run_id).outcome is None
    assert live.personio.counters().requests == {}
    live.later(minutes=45)
    assert live.run(run.run_id).outcome is None
    asked = live.personio.counters().requests
    live.app.quirks.clear()
    live.later(minutes=3)
    assert live.run(run.run_id).outcome is Outcome.OK, asked
    assert not is_open(live, person)
