"""An account removed by hand is made again, and the answer is lost: it is looked for, and never left open."""

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from simulators.scim.effects import cut_after_commit, cut_before_commit
from simulators.scim.quirks import Cut
from tests.flow.relay import Relay
from tests.flow.test_last_look import LEASE_IS_OVER, stand_still
from tests.flow.test_last_look import opened as names_open
from tests.flow.test_lost_creates import OTHER_RULES
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences

__all__ = ["live"]


def come_back_to_nothing(live: Relay, answer: Cut) -> PersonId:
    """Close somebody, remove the account by hand, and lose the answer when it is made again."""
    person = somebody(live)
    live.personio.company.terminate(int(person))
    live.sync()
    live.app.state.delete_account(str(accounts(live)[person]["id"]))
    live.personio.company.rehire(int(person))
    live.app.quirks.add(answer, methods=("POST",))
    live.sync()
    assert [row.action for row in live.rows(ChangeState.WAITING)] == [Action.REACTIVATE]
    return person


@pytest.fixture
def remade(live: Relay) -> PersonId:
    return come_back_to_nothing(live, cut_after_commit())


def opened(live: Relay, person: PersonId) -> object:
    return accounts(live)[person]["active"]


def stale(live: Relay) -> int:
    return sum(row.action is Action.REACTIVATE for row in live.rows(ChangeState.STALE))


def test_a2_who_leaves_before_anybody_looked_is_closed(live: Relay, remade: PersonId) -> None:
    assert opened(live, remade) is True
    live.personio.company.terminate(int(remade))
    live.sync()
    assert opened(live, remade) is False
    assert live.app.counters.creates(remade) == 1
    written = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == written


def test_a2_who_leaves_after_the_change_went_stale_is_closed(live: Relay, remade: PersonId) -> None:
    live.configure(OTHER_RULES)
    live.personio.company.terminate(int(remade))
    live.later(seconds=35)
    live.sync()
    assert stale(live) == 1
    assert opened(live, remade) is False


def test_a2_who_comes_back_once_more_has_the_account_that_was_found(live: Relay, remade: PersonId) -> None:
    live.personio.company.terminate(int(remade))
    live.sync()
    live.personio.company.rehire(int(remade))
    live.sync()
    live.later(seconds=35)
    assert differences(live) == []
    assert live.app.counters.creates(remade) == 1


def test_a2_f12_an_account_that_shows_up_late_is_waited_for_before_the_closing_is_over(
    live: Relay, remade: PersonId
) -> None:
    live.app.quirks.switch(visibility_lag_seconds=3600)
    live.personio.company.terminate(int(remade))
    live.sync()
    assert [row.action for row in live.rows(ChangeState.WAITING)] == [Action.DEACTIVATE]
    live.app.quirks.switch(visibility_lag_seconds=0)
    live.later(seconds=35)
    assert opened(live, remade) is False


@pytest.mark.parametrize("stales", [False, True], ids=["the same row", "after it went stale"])
def test_a2_f12_who_stays_gets_no_second_account_while_the_first_cannot_be_found(
    live: Relay, remade: PersonId, stales: bool
) -> None:
    live.app.quirks.switch(visibility_lag_seconds=3600)
    if stales:
        live.configure(OTHER_RULES)
    live.later(seconds=10)
    live.later(seconds=10)
    assert live.app.counters.creates(remade) == 1
    live.app.quirks.switch(visibility_lag_seconds=0)
    live.later(seconds=35)
    live.later(seconds=35)
    live.sync()
    assert live.app.counters.creates(remade) == 1
    assert opened(live, remade) is True
    assert stales or differences(live) == []


def test_a2_a_request_that_never_arrived_leaves_nothing_to_close(live: Relay) -> None:
    person = come_back_to_nothing(live, cut_before_commit())
    live.personio.company.terminate(int(person))
    live.sync()
    live.later(seconds=35)
    assert person not in accounts(live)
    assert live.rows(ChangeState.WAITING) == []
    written = live.app.counters.requests()
    live.sync()
    assert live.app.counters.requests() == written


def test_an_account_that_somebody_else_made_meanwhile_is_left_to_a_human(live: Relay) -> None:
    person = come_back_to_nothing(live, cut_before_commit())
    name = next(row for row in live.rows(ChangeState.WAITING)).after or {}
    made = live.app.state.add_account(str(name["userName"]))
    live.personio.company.terminate(int(person))
    live.sync()
    assert [row.why for row in live.rows(ChangeState.DEAD)] == [Code.MATCH_AMBIGUOUS]
    assert Code.MATCH_AMBIGUOUS in {incident.code for incident in live.incidents()}
    assert live.app.state.account(id=made)["active"] is True


def test_a2_a_second_account_that_a_late_request_made_of_somebody_who_came_back_is_closed(
    live: Relay,
) -> None:
    """Both find the account gone: one makes it anew while the other stands still before its request."""
    person = somebody(live)
    live.personio.company.terminate(int(person))
    live.sync()
    live.app.state.delete_account(str(accounts(live)[person]["id"]))
    live.personio.company.rehire(int(person))

    def meanwhile() -> None:
        live.personio.company.change(int(person), email="doe@acme.example")
        live.later(seconds=LEASE_IS_OVER)
        live.sync()
        live.later(seconds=35)

    stand_still(live, meanwhile, deep=True)
    assert len(names_open(live, person)) == 2
    live.sync()
    live.later(seconds=20)
    assert names_open(live, person) == ["doe@acme.example"]
    written = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == written
