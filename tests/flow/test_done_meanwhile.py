"""Nobody is asked about a change that another run has carried out, or has in hand at this moment."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.already import DONE_BY_NOW, IN_HAND
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.events import ConcludeDue
from domain.guards import Bound, Guards
from domain.ids import PersonId
from domain.prospects import Prospect, prospects
from producers.approve import held_for_a_human, reject
from producers.on_demand import NotPossibleError, ask_for_feed
from simulators.scim.effects import server_error
from tests.flow.misfortunes import in_hand
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences, people

__all__ = ["live"]


def three_leave(live: Relay) -> list[PersonId]:
    """Let one more leave than go by themselves."""
    leavers = sorted(somebody(live, at=at) for at in range(2, 5))
    for person in leavers:
        live.personio.company.terminate(int(person))
    return leavers


def read_only(live: Relay, *, plan_only: bool = False) -> ConcludeDue:
    """Let a run read and plan, and keep the bell by which it would conclude."""
    ask_for_feed(
        ACME,
        by="test",
        key="k",
        plan_only=plan_only,
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
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


def two_join(live: Relay) -> list[PersonId]:
    joiners = [
        live.personio.company.hire(first_name="Jo", last_name="In", email=f"jo{at}@example.com")
        for at in (1, 2)
    ]
    return [PersonId(str(each)) for each in joiners]


def two_are_promoted(live: Relay) -> list[PersonId]:
    promoted = sorted(somebody(live, at=at) for at in (2, 3))
    for person in promoted:
        live.personio.company.change(int(person), position="Rolle")
    return promoted


def two_move(live: Relay) -> list[PersonId]:
    boss, movers = somebody(live, at=9), sorted(somebody(live, at=at) for at in (2, 3))
    for person in movers:
        live.personio.company.move(int(person), supervisor=int(boss))
    return movers


ONE = Bound(1, 1, 1)
"""So many go by themselves; two wait."""

Happening = Callable[[Relay], list[PersonId]]
KINDS = [(two_join, Action.CREATE), (two_are_promoted, Action.UPDATE), (two_move, Action.SET_MANAGER)]
each_kind = pytest.mark.parametrize(("happens", "action"), KINDS, ids=[action.value for _, action in KINDS])


@pytest.fixture
def careful(live: Relay, config: Configuration) -> Relay:
    """A tenant of which one change of each kind goes by itself."""
    live.configure(replace(config, guards=Guards(creates=ONE, updates=ONE, managers=ONE)))
    return live


def held_of(live: Relay, action: Action) -> list[PersonId]:
    return sorted(row.person_id for row in live.rows(ChangeState.HELD) if row.action is action)


@each_kind
def test_what_a_run_of_one_did_while_the_feed_was_read_is_not_asked_about(
    careful: Relay, happens: Happening, action: Action
) -> None:
    first, second = happens(careful)
    concluding = read_only(careful)
    careful.sync_person(first)
    careful.take(concluding)
    careful.drain()
    assert held_of(careful, action) == asked(careful) == [second]
    careful.approve()
    assert differences(careful) == []


@each_kind
def test_what_is_in_hand_while_the_same_is_held_is_asked_about_neither_then_nor_later(
    careful: Relay, happens: Happening, action: Action
) -> None:
    first, second = happens(careful)
    concluding, asked_meanwhile = read_only(careful), list[PersonId]()

    def conclude() -> None:
        careful.take(concluding)
        assert first in held_of(careful, action), "it is held, if only for this moment"
        asked_meanwhile.extend(asked(careful))

    in_hand(careful, conclude)
    careful.sync_person(first)
    assert asked_meanwhile == [second]
    assert asked(careful) == [second]
    careful.approve()
    assert differences(careful) == []


def test_an_update_that_could_not_be_sent_is_asked_about_after_all(careful: Relay) -> None:
    promoted = two_are_promoted(careful)
    concluding = read_only(careful)
    careful.app.quirks.add(server_error(503), methods=("PATCH",), times=None)
    in_hand(careful, lambda: careful.take(concluding))
    careful.sync_person(promoted[0])
    assert asked(careful) == promoted


def test_what_is_held_and_wants_more_than_was_done_meanwhile_stays(careful: Relay) -> None:
    promoted = two_are_promoted(careful)

    def conclude() -> None:
        careful.personio.company.change(int(promoted[0]), last_name="Neu")
        careful.sync()
        assert promoted[0] in held_of(careful, Action.UPDATE)

    in_hand(careful, conclude)
    careful.sync_person(promoted[0])
    assert asked(careful) == promoted
    careful.sync()
    careful.approve()
    assert accounts(careful)[promoted[0]]["name.familyName"] == "Neu"


def read_for_a_plan(live: Relay) -> ConcludeDue:
    """Let a preview read, and keep the bell by which it would conclude."""
    return read_only(live, plan_only=True)


def left_aside(live: Relay) -> dict[PersonId, str]:
    """Tell whom a plan leaves to another run, and why."""
    rows = [row for row in live.rows(ChangeState.DROPPED) if row.detail in {DONE_BY_NOW, IN_HAND}]
    return {row.person_id: row.detail for row in rows}


def proposed(live: Relay) -> dict[PersonId, Prospect]:
    rows = live.rows(ChangeState.PROPOSED)
    what = prospects(rows)
    return {row.person_id: what[row.change_id] for row in rows if row.action is not Action.SET_MANAGER}


def test_a_plan_leaves_a_closing_to_the_run_that_has_it_in_hand_and_judges_the_others_as_a_run_would(
    live: Relay,
) -> None:
    leavers = three_leave(live)
    concluding = read_for_a_plan(live)
    in_hand(live, lambda: live.take(concluding))
    live.sync_person(leavers[0])
    assert left_aside(live) == {leavers[0]: IN_HAND}
    assert proposed(live) == dict.fromkeys(leavers[1:], Prospect.HELD)
    live.sync()
    assert asked(live) == leavers[1:]


def test_a_plan_does_not_count_what_another_run_did_while_it_was_made(live: Relay) -> None:
    leavers = three_leave(live)[:1]
    concluding = read_for_a_plan(live)
    live.sync_person(leavers[0])
    live.take(concluding)
    live.drain()
    assert left_aside(live) == {leavers[0]: DONE_BY_NOW}
    assert leavers[0] not in proposed(live)
    assert closings(live, leavers[0]) == [ChangeState.APPLIED, ChangeState.DROPPED]


def test_a_plan_proposes_what_another_run_has_in_hand_but_wants_otherwise(live: Relay) -> None:
    person = somebody(live, at=2)
    live.personio.company.change(int(person), position="Rolle")

    def preview() -> None:
        live.personio.company.change(int(person), position="Andere Rolle")
        live.sync(plan_only=True)

    in_hand(live, preview)
    live.sync_person(person)
    assert left_aside(live) == {}
    assert proposed(live) == {person: Prospect.GO}
