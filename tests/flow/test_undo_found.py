"""Undo of what is easily forgotten: found accounts, somebody who came back, who waits for a manager."""

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.run import Outcome
from simulators.personio.told import Told
from tests.flow.relay import Relay
from tests.flow.test_main_job import live
from tests.flow.truth import accounts, is_wanted, people
from tests.flow.undoing import ended, image, undone

__all__ = ["live"]


def employed(relay: Relay) -> list[Told]:
    """Name those who have an account and are nobody's manager."""
    bosses = {person.supervisor_id for person in people(relay)}
    return [each for each in people(relay) if is_wanted(each) and each.id not in bosses]


def stands(relay: Relay) -> None:
    """Let two runs come: neither writes."""
    now = image(relay)
    relay.app.counters.reset()
    for _ in range(2):
        assert relay.sync().outcome is Outcome.OK
        relay.later(hours=1)
    assert relay.app.counters.writes == 0
    assert image(relay) == now


def test_an_account_that_was_there_gets_its_values_back_stays_open_and_is_not_linked_again(
    relay: Relay,
) -> None:
    person = employed(relay)[0]
    relay.app.state.add_account(
        person.email or "", name={"givenName": "Old", "familyName": "Name"}, title="Consultant", active=True
    )
    run = relay.go_live()
    [row] = [each for each in relay.rows(ChangeState.APPLIED) if each.action is Action.LINK]
    assert accounts(relay)[str(person.id)]["name.givenName"] == person.first_name
    done = undone(relay, run, str(row.person_id))
    assert ended(relay, done).outcome is Outcome.OK
    found = accounts(relay)[str(person.id)]
    assert (found["name.givenName"], found["name.familyName"]) == ("Old", "Name")
    assert (found["title"], found["active"]) == ("Consultant", True)
    stands(relay)


def test_somebody_who_came_back_has_a_closed_account_with_the_values_of_before(live: Relay) -> None:
    person = employed(live)[0]
    live.personio.company.terminate(person.id)
    live.sync()
    before = image(live)
    live.personio.company.rehire(person.id)
    live.personio.company.change(person.id, position="Advisor")
    run = live.sync()
    assert accounts(live)[str(person.id)]["active"]
    undone(live, run)
    assert image(live) == before
    stands(live)


def test_who_waits_for_a_manager_without_an_account_is_put_back_all_the_same(live: Relay) -> None:
    person = employed(live)[0]
    boss = live.personio.company.hire(first_name="Ex", last_name="Tern", employment_type="external")
    live.personio.company.move(person.id, supervisor=boss)
    live.sync()
    assert Code.MANAGER_NOT_SYNCED in {row.why for row in live.rows(ChangeState.BLOCKED)}
    before = image(live)
    live.personio.company.change(person.id, position="Advisor")
    done = undone(live, live.sync())
    assert done.left == ()
    assert image(live) == before
    stands(live)


@pytest.mark.parametrize("boss_goes", [True, False])
def test_an_account_that_is_linked_again_after_its_link_was_taken_back_has_the_right_manager(
    relay: Relay, *, boss_goes: bool
) -> None:
    person = next(each for each in employed(relay) if each.supervisor_id)
    relay.app.state.add_account(
        person.email or "", name={"givenName": "Old", "familyName": "Name"}, active=True
    )
    run = relay.go_live()
    undone(relay, run, str(person.id))
    found = accounts(relay)[str(person.id)]
    assert (found["name.givenName"], found["manager"] is not None) == ("Old", True)
    relay.personio.company.change(person.id, last_name="Renamed")
    if boss_goes:
        relay.personio.company.move(person.id, supervisor=None)
    for _ in "12":
        relay.sync()
        relay.later(seconds=20)
    boss = None if boss_goes else accounts(relay)[str(person.supervisor_id)]["id"]
    found = accounts(relay)[str(person.id)]
    assert (found["name.familyName"], found["manager"]) == ("Renamed", boss)
    stands(relay)
