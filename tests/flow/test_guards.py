"""Too many leavers at once wait for a human; the joiners do not."""

from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.run import Outcome
from producers.approve import reject
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live
from tests.flow.truth import accounts, is_wanted, people

__all__ = ["live"]


def test_leavers_over_the_threshold_are_held_before_the_first_is_sent_and_joiners_go_on(live: Relay) -> None:
    leavers = [person for person in people(live) if is_wanted(person)][3:8]
    for person in leavers:
        live.personio.company.terminate(person.id)
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="joiner@example.com")
    run = live.sync()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    assert {row.why for row in live.rows(ChangeState.HELD)} == {Code.GUARD_REMOVALS}
    assert all(accounts(live)[str(person.id)]["active"] for person in leavers)
    assert accounts(live)[str(joiner)]["active"]
    assert Code.GUARD_REMOVALS in {incident.code for incident in live.incidents()}


def test_later_runs_neither_double_nor_release_what_is_held(live: Relay) -> None:
    for person in [person for person in people(live) if is_wanted(person)][3:8]:
        live.personio.company.terminate(person.id)
    live.sync()
    held = {row.change_id for row in live.rows(ChangeState.HELD)}
    for _ in range(3):
        live.sync()
    assert {row.change_id for row in live.rows(ChangeState.HELD)} == held


def test_one_more_leaver_while_many_wait_waits_too(live: Relay) -> None:
    wanted = [person for person in people(live) if is_wanted(person)]
    for person in wanted[3:8]:
        live.personio.company.terminate(person.id)
    live.sync()
    live.personio.company.terminate(wanted[9].id)
    live.sync()
    assert len(live.rows(ChangeState.HELD)) == 6
    assert accounts(live)[str(wanted[9].id)]["active"]


def test_somebody_who_comes_back_while_held_is_let_go(live: Relay) -> None:
    leavers = [person for person in people(live) if is_wanted(person)][3:8]
    for person in leavers:
        live.personio.company.terminate(person.id)
    live.sync()
    for person in leavers[:4]:
        live.personio.company.rehire(person.id)
    live.sync()
    assert [row.person_id for row in live.rows(ChangeState.HELD)] == [str(leavers[4].id)]


def test_a_slow_drip_uses_the_budget_of_the_day_up(live: Relay) -> None:
    wanted = [person for person in people(live) if is_wanted(person)]
    for person in wanted[3:7]:
        live.personio.company.terminate(person.id)
        live.sync()
    closed = [person for person in wanted[3:7] if not accounts(live)[str(person.id)]["active"]]
    assert len(closed) == 2
    assert len(live.rows(ChangeState.HELD)) == 2


def leave_at_once(live: Relay, *, number: int = 5) -> list[str]:
    leavers = [person for person in people(live) if is_wanted(person)][3 : 3 + number]
    for person in leavers:
        live.personio.company.terminate(person.id)
    live.sync()
    return [str(person.id) for person in leavers]


def test_a_yes_hours_and_runs_later_closes_exactly_those_who_waited(live: Relay) -> None:
    leavers = leave_at_once(live)
    for _ in range(3):
        live.later(minutes=40)
        live.sync()
    run = live.approve()
    assert run.outcome is Outcome.OK, live.figures(run)
    assert live.figures(run).actions == {"deactivate": 5}
    assert [person for person in leavers if accounts(live)[person]["active"]] == []
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0


def test_a_yes_to_some_closes_only_those(live: Relay) -> None:
    leave_at_once(live)
    chosen = live.rows(ChangeState.HELD)[0]
    live.approve(chosen.change_id)
    assert not accounts(live)[chosen.person_id]["active"]
    assert len(live.rows(ChangeState.HELD)) == 4


def test_a_no_keeps_them_and_the_same_is_not_asked_again(live: Relay) -> None:
    leavers = leave_at_once(live)
    assert reject(ACME, store=live.store) == 5
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert live.rows(ChangeState.HELD) == []
    assert all(accounts(live)[person]["active"] for person in leavers)


def test_a_yes_for_somebody_who_came_back_meanwhile_sends_nothing_and_looks_afresh(live: Relay) -> None:
    leavers = leave_at_once(live)
    held = {row.person_id: row for row in live.rows(ChangeState.HELD)}
    live.personio.company.rehire(int(leavers[0]))
    live.sync_person(held[PersonId(leavers[0])].person_id)
    live.approve()
    assert accounts(live)[leavers[0]]["active"]
    assert [person for person in leavers[1:] if accounts(live)[person]["active"]] == []
