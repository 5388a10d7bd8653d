"""A create whose answer was lost, and whose row goes stale before anybody looked, leaves no open door."""

from dataclasses import replace

import pytest

from domain.changes import Action, Change, ChangeState
from domain.ids import PersonId
from simulators.scim.effects import cut_after_commit, cut_before_commit, refused, server_error
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import Relay
from tests.flow.test_failures import hire_many
from tests.flow.test_main_job import live
from tests.flow.truth import accounts, differences

__all__ = ["live"]

OTHER_RULES = replace(configuration(lines=SCIM_LINES), sync_managers=False)


@pytest.fixture(
    params=[cut_after_commit(), server_error(503, committed=True)], ids=["F1 cut", "F1 a 503 of a proxy"]
)
def joiner(live: Relay, request: pytest.FixtureRequest) -> PersonId:
    """Hire somebody whose account is made, but of which nobody hears; then the rules change."""
    (person,) = hire_many(live, 1)
    live.app.quirks.add(request.param, methods=("POST",))
    live.sync()
    live.configure(OTHER_RULES)
    return PersonId(person)


def creates(live: Relay) -> list[Change]:
    return [row for row in live.rows(ChangeState.STALE) if row.action is Action.CREATE]


def test_a2_who_leaves_before_anybody_looked_is_closed(live: Relay, joiner: PersonId) -> None:
    live.personio.company.terminate(int(joiner))
    live.later(seconds=35)
    (row,) = creates(live)
    assert row.detail == "an earlier try had made the account"
    live.sync()
    assert accounts(live)[joiner]["active"] is False
    assert live.app.counters.creates(joiner) == 1


def test_a2_who_stays_is_linked_without_a_second_create(live: Relay, joiner: PersonId) -> None:
    live.later(seconds=35)
    live.sync()
    assert accounts(live)[joiner]["active"] is True
    assert live.app.counters.requests(method="POST") == 1


def test_a2_a_look_that_fails_for_good_does_not_forget_that_an_account_may_have_been_made(
    live: Relay,
) -> None:
    (person,) = hire_many(live, 1)
    live.app.quirks.add(cut_after_commit(), methods=("POST",))
    live.sync()
    live.app.quirks.add(refused(), methods=("GET",), times=None)
    live.later(seconds=35)
    live.app.quirks.clear()
    (dead,) = live.rows(ChangeState.DEAD)
    assert (dead.person_id, dead.intent_at is not None) == (person, True)
    live.requeue()
    live.drain()
    assert live.app.counters.requests(method="POST") == 1
    assert accounts(live)[person]["active"] is True


def test_a2_nothing_old_is_sent_to_the_account_that_is_found(live: Relay, joiner: PersonId) -> None:
    live.later(seconds=35)
    assert creates(live)
    written = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == written
    assert live.app.counters.creates(joiner) == 1


def test_a2_f12_an_account_that_shows_up_late_is_waited_for(live: Relay, joiner: PersonId) -> None:
    live.app.quirks.switch(visibility_lag_seconds=3600)
    live.later(seconds=10)
    assert creates(live) == []
    assert [row.action for row in live.rows(ChangeState.WAITING)] == [Action.CREATE]
    live.app.quirks.switch(visibility_lag_seconds=0)
    live.personio.company.terminate(int(joiner))
    live.later(seconds=35)
    live.sync()
    assert accounts(live)[joiner]["active"] is False


def test_a2_a_request_that_never_arrived_is_given_up_and_planned_anew(live: Relay) -> None:
    hire_many(live, 1)
    live.app.quirks.add(cut_before_commit(), methods=("POST",))
    live.sync()
    live.configure(OTHER_RULES)
    live.later(seconds=35)
    assert [row.detail for row in creates(live)] == [""]
    live.sync()
    assert differences(live) == []
