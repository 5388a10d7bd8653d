"""The application is asked which leavers run it: one that does not tell keeps nobody else waiting."""

from dataclasses import replace

import pytest

from domain.changes import ChangeState
from domain.codes import Code
from simulators.scim.effects import refused, server_error
from simulators.scim.quirks import Respond
from tests.flow.relay import Relay
from tests.flow.test_guards_lanes import held, wanted
from tests.flow.test_main_job import live
from tests.flow.truth import accounts

__all__ = ["live"]


def is_open(live: Relay, person: object) -> bool:
    return accounts(live)[str(person)]["active"] is True


def place(live: Relay, person: object) -> str:
    return f"/Users/{accounts(live)[str(person)]['id']}"


@pytest.mark.parametrize("effect", [server_error(500), refused()], ids=["again and again", "for good"])
def test_one_account_that_cannot_be_read_waits_alone_and_is_closed_once_it_can(
    live: Relay, effect: Respond
) -> None:
    odd, other = wanted(live)[:2]
    live.app.quirks.add(
        effect, methods=("GET",), path=f"/Users/{accounts(live)[str(odd.id)]['id']}", times=None
    )
    for person in (odd, other):
        live.personio.company.terminate(person.id)
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="jo.iner@example.com")
    live.sync()
    for _ in range(12):
        live.later(minutes=15)
    assert is_open(live, joiner)
    assert not is_open(live, other.id)
    assert is_open(live, odd.id)
    assert {row.person_id for row in held(live, Code.GUARD_RIGHTS_UNTOLD)} == {str(odd.id)}
    assert Code.GUARD_RIGHTS_UNTOLD in {incident.code for incident in live.incidents()}
    live.app.quirks.clear()
    live.sync()
    assert not is_open(live, odd.id)
    assert live.rows(ChangeState.HELD) == []
    assert Code.GUARD_RIGHTS_UNTOLD not in {incident.code for incident in live.incidents()}


def test_a_joiner_has_an_account_though_no_account_can_be_read_at_all(live: Relay) -> None:
    leavers = wanted(live)[:2]
    live.app.quirks.add(server_error(500), methods=("GET",), path="/Users/", times=None)
    for person in leavers:
        live.personio.company.terminate(person.id)
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="jo.iner@example.com")
    live.sync()
    for _ in range(12):
        live.later(minutes=15)
    assert is_open(live, joiner)
    assert len(held(live, Code.GUARD_RIGHTS_UNTOLD)) == len(leavers)


def test_a_yes_to_all_that_waits_closes_nobody_of_whom_it_was_not_told(live: Relay) -> None:
    leavers = wanted(live)[:6]
    odd = leavers[0]
    live.app.quirks.add(
        refused(), methods=("GET",), path=f"/Users/{accounts(live)[str(odd.id)]['id']}", times=None
    )
    for person in leavers:
        live.personio.company.terminate(person.id)
    live.sync()
    live.approve()
    assert is_open(live, odd.id)
    assert not any(is_open(live, person.id) for person in leavers[1:])


def test_accounts_beyond_what_one_run_asks_are_not_closed_unasked(live: Relay) -> None:
    live.desk = replace(live.desk, limits=replace(live.desk.limits, most_owners_asked=1))
    leavers = wanted(live)[:2]
    for person in leavers:
        live.personio.company.terminate(person.id)
    live.sync()
    assert [is_open(live, person.id) for person in leavers].count(False) == 1
    (row,) = held(live, Code.GUARD_RIGHTS_UNTOLD)
    live.sync()
    assert not any(is_open(live, person.id) for person in leavers), row
