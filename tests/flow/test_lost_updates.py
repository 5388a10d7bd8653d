"""A request whose answer was lost, and that nobody wants any more, leaves nothing behind."""

from dataclasses import replace
from typing import cast

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.ports_world import Target
from simulators.scim.effects import cut_after_commit, cut_before_commit
from simulators.scim.quirks import Cut
from tests.flow.misfortunes import SleepyTarget, pocket_envelopes, with_ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin
from tests.flow.test_lost_creates import OTHER_RULES
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences, people

__all__ = ["live"]


@pytest.fixture
def person(live: Relay) -> PersonId:
    return somebody(live)


def lose_an_answer(live: Relay) -> None:
    live.app.quirks.add(cut_after_commit(), methods=("PATCH",))
    live.sync()
    assert len(live.rows(ChangeState.WAITING)) == 1


def calm_down(live: Relay) -> None:
    """Let everybody be looked at, and see that nothing is left to do."""
    live.sync()
    live.later(seconds=35)
    assert differences(live) == []
    written = live.app.counters.writes
    live.sync()
    live.later(days=1)
    assert live.app.counters.writes == written


def told(live: Relay, person: PersonId) -> tuple[str, int | None]:
    (found,) = [each for each in people(live) if str(each.id) == person]
    return found.position or "", found.supervisor_id


def test_f1_who_came_back_before_the_closing_was_known_has_an_open_account(
    live: Relay, person: PersonId
) -> None:
    live.personio.company.terminate(int(person))
    lose_an_answer(live)
    assert accounts(live)[person]["active"] is False
    live.personio.company.rehire(int(person))
    calm_down(live)
    assert accounts(live)[person]["active"] is True


def test_f1_who_left_again_before_the_reopening_was_known_has_a_closed_account(
    live: Relay, person: PersonId
) -> None:
    live.personio.company.terminate(int(person))
    live.sync()
    live.personio.company.rehire(int(person))
    lose_an_answer(live)
    assert accounts(live)[person]["active"] is True
    live.personio.company.terminate(int(person))
    calm_down(live)
    assert accounts(live)[person]["active"] is False


@pytest.mark.parametrize("answer", [cut_after_commit(), cut_before_commit()], ids=["opened", "not opened"])
def test_f1_who_is_erased_before_the_reopening_was_known_has_a_closed_account(
    live: Relay, person: PersonId, answer: Cut
) -> None:
    live.personio.company.terminate(int(person))
    live.sync()
    live.personio.company.rehire(int(person))
    live.app.quirks.add(answer, methods=("PATCH",))
    live.sync()
    live.configure(OTHER_RULES)
    live.personio.company.erase(int(person))
    live.later(seconds=35)
    assert [row.action for row in live.rows(ChangeState.STALE)] == [Action.REACTIVATE]
    live.sync()
    (row,) = [row for row in live.rows(ChangeState.APPLIED) if row.cause is Code.PERSON_NOT_SEEN]
    assert (row.action, accounts(live)[person]["active"]) == (Action.DEACTIVATE, False)
    written = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == written


def test_f1_a_value_that_was_taken_back_is_put_back(live: Relay, person: PersonId) -> None:
    title, _ = told(live, person)
    live.personio.company.change(int(person), position="Duchess")
    lose_an_answer(live)
    assert accounts(live)[person]["title"] == "Duchess"
    live.personio.company.change(int(person), position=title)
    calm_down(live)


def test_f1_a_value_is_put_back_also_where_another_one_changes(live: Relay, person: PersonId) -> None:
    title, _ = told(live, person)
    live.personio.company.change(int(person), position="Duchess")
    lose_an_answer(live)
    live.personio.company.change(int(person), position=title, last_name="Doe-Smith")
    calm_down(live)


def test_f1_a_manager_that_was_taken_back_is_put_back(live: Relay, person: PersonId) -> None:
    _, boss = told(live, person)
    other = somebody(live, at=3)
    assert str(boss) != other
    live.personio.company.change(int(person), supervisor=int(other))
    lose_an_answer(live)
    assert accounts(live)[person]["manager"] == accounts(live)[other]["id"]
    live.personio.company.change(int(person), supervisor=boss)
    calm_down(live)


def test_f1_a_request_that_never_arrived_harms_nobody_who_is_as_before(live: Relay, person: PersonId) -> None:
    live.app.quirks.add(cut_before_commit(), methods=("PATCH",))
    live.personio.company.terminate(int(person))
    live.sync()
    live.personio.company.rehire(int(person))
    calm_down(live)
    assert accounts(live)[person]["active"] is True


def test_a10_what_a_sleeper_sent_after_all_is_put_back(live: Relay, person: PersonId) -> None:
    _, boss = told(live, person)
    other = somebody(live, at=3)
    live.personio.company.change(int(person), supervisor=int(other))
    begin(live)
    (older,) = pocket_envelopes(live)
    awake = live.desk

    def meanwhile() -> None:
        live.desk = replace(awake)
        live.personio.company.change(int(person), supervisor=boss)
        live.later(seconds=61)
        live.sync()
        assert differences(live) == []

    target = SleepyTarget(awake.accounts.target(ACME), meanwhile, deep=awake.accounts)
    with with_ends(live, target=cast("Target", target)):
        live.take(older)
    assert accounts(live)[person]["manager"] == accounts(live)[other]["id"]
    calm_down(live)
