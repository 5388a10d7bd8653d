"""Nobody is asked about a closing that another run has carried out, or has in hand at this moment."""

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.events import ConcludeDue
from domain.ids import PersonId
from producers.approve import held_for_a_human, reject
from producers.on_demand import NotPossibleError, ask_for_feed
from simulators.scim.effects import server_error
from tests.flow.misfortunes import in_hand
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, people

__all__ = ["live"]


def three_leave(live: Relay) -> list[PersonId]:
    """Let one more leave than go by themselves."""
    leavers = sorted(somebody(live, at=at) for at in range(2, 5))
    for person in leavers:
        live.personio.company.terminate(int(person))
    return leavers


def read_only(live: Relay) -> ConcludeDue:
    """Let a run read and plan, and keep the bell by which it would conclude."""
    ask_for_feed(
        ACME, by="test", key="k", plan_only=False, store=live.store, publisher=live.bells, ids=live.desk.ids
    )
    while True:
        event = live.bells.rung.pop(0)
        if isinstance(event, ConcludeDue):
            return event
        live.take(event)


def asked(live: Relay) -> list[PersonId]:
    with live.store.read() as tx:
        return sorted(row.person_id for row in held_for_a_human(tx, ACME))


def closings(live: Relay, person: PersonId) -> list[ChangeState]:
    rows = [row for row in live.rows() if row.action is Action.DEACTIVATE]
    return sorted(row.state for row in rows if row.person_id == person)


def test_who_was_closed_by_a_run_of_one_while_the_feed_was_read_is_not_asked_about(live: Relay) -> None:
    leavers = three_leave(live)
    concluding = read_only(live)
    live.sync_person(leavers[0])
    assert accounts(live)[leavers[0]]["active"] is False
    live.take(concluding)
    live.drain()
    assert asked(live) == leavers[1:]
    assert {row.why for row in live.rows(ChangeState.HELD)} == {Code.GUARD_REMOVALS}
    assert closings(live, leavers[0]) == [ChangeState.APPLIED, ChangeState.DROPPED]


def test_who_is_being_closed_while_others_are_held_is_not_asked_about(live: Relay) -> None:
    leavers = three_leave(live)
    concluding, asked_meanwhile = read_only(live), list[list[PersonId]]()

    def conclude() -> None:
        live.take(concluding)
        asked_meanwhile.append(asked(live))
        mine = [row for row in live.rows(ChangeState.HELD) if row.person_id == leavers[0]]
        assert len(mine) == 1, "it is held, if only for this moment"
        with pytest.raises(NotPossibleError, match="Not waiting for a yes here"):
            reject(ACME, change_ids=[mine[0].change_id], store=live.store)

    in_hand(live, conclude)
    live.sync_person(leavers[0])
    assert asked_meanwhile == [leavers[1:]]
    assert asked(live) == leavers[1:]
    assert closings(live, leavers[0]) == [ChangeState.APPLIED, ChangeState.DROPPED]


def test_who_could_not_be_closed_by_the_run_of_one_is_asked_about_with_the_others(live: Relay) -> None:
    leavers = three_leave(live)
    concluding = read_only(live)
    live.app.quirks.add(server_error(503), methods=("PATCH",), times=None)
    in_hand(live, lambda: live.take(concluding))
    live.sync_person(leavers[0])
    assert asked(live) == leavers
    assert accounts(live)[leavers[0]]["active"] is True


def test_whoever_waits_for_the_name_of_somebody_closed_meanwhile_gets_it(live: Relay) -> None:
    person = somebody(live, at=2)
    email = next(each.email for each in people(live) if str(each.id) == person)
    live.personio.company.terminate(int(person))
    live.personio.company.hire(first_name="Su", last_name="Ccessor", email=email)
    concluding = read_only(live)
    live.sync_person(person)
    live.take(concluding)
    live.drain()
    holders = [each for each in accounts(live).values() if each["userName"] == email]
    assert [each["active"] for each in holders] == [True]
    assert live.rows(ChangeState.HELD) == []
