"""A create whose answer was lost, and whose row goes stale before anybody looked, leaves no open door."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import OPEN, Action, Change, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.overrides import OverrideKind
from producers.prune import prune
from simulators.scim.effects import cut_after_commit, cut_before_commit, refused, server_error
from simulators.scim.quirks import Effect
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import Relay
from tests.flow.test_failures import hire_many
from tests.flow.test_main_job import live
from tests.flow.test_overrides import fix
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


def give_up_a_create(live: Relay, cut: Effect) -> PersonId:
    """Hire somebody of whose account nobody hears, not even after the last try."""
    (person,) = hire_many(live, 1)
    live.app.quirks.add(cut, methods=("POST",))
    live.sync()
    live.app.quirks.add(refused(), methods=("GET",), times=None)
    live.later(seconds=35)
    live.app.quirks.clear()
    assert [row.person_id for row in live.rows(ChangeState.DEAD)] == [person]
    return PersonId(person)


@pytest.fixture
def lost(live: Relay) -> PersonId:
    """Hire somebody whose account is made, but of which nobody hears."""
    person = give_up_a_create(live, cut_after_commit())
    assert accounts(live)[person]["active"] is True
    return person


def told(live: Relay) -> set[Code]:
    """Tell what somebody hears of, but of whom the company lacks a value."""
    return {each.code for each in live.incidents()} - {Code.PERSON_WITHOUT_REQUIRED}


def leave(live: Relay, person: PersonId) -> None:
    live.personio.company.terminate(int(person))


def fall_out(live: Relay, person: PersonId) -> None:
    live.personio.company.change(int(person), employment_type="external")


def vanish(live: Relay, person: PersonId) -> None:
    live.personio.company.erase(int(person))


def be_pinned(live: Relay, person: PersonId) -> None:
    fix(live, person, OverrideKind.PIN_INACTIVE)


@pytest.mark.parametrize("go", [leave, fall_out, vanish, be_pinned])
def test_a2_an_account_of_a_dead_create_is_looked_for_and_closed_when_its_person_goes(
    live: Relay, lost: PersonId, go: Callable[[Relay, PersonId], None]
) -> None:
    go(live, lost)
    live.sync()
    live.sync()
    assert accounts(live)[lost]["active"] is False
    assert live.app.counters.creates(lost) == 1
    assert live.rows(ChangeState.DEAD) == []
    assert told(live) == set()


def prune_all(live: Relay) -> None:
    """Let a hundred days pass, and forget what was settled by then."""
    live.clock.ahead += timedelta(days=100)
    while prune(store=live.store).more:
        pass
    (row,) = live.rows(ChangeState.DEAD)
    assert row.pruned


@pytest.mark.parametrize("go", [leave, vanish])
def test_a2_k15_an_account_of_a_dead_create_is_found_by_its_id_though_its_values_are_not_kept_any_more(
    live: Relay, lost: PersonId, go: Callable[[Relay, PersonId], None]
) -> None:
    prune_all(live)
    go(live, lost)
    for _ in "12":
        live.sync()
    assert accounts(live)[lost]["active"] is False
    assert live.app.counters.creates(lost) == 1
    assert live.rows(ChangeState.DEAD) == []
    assert told(live) == set()


def test_a2_a_dead_create_without_values_that_never_arrived_is_given_up_in_peace(live: Relay) -> None:
    person = give_up_a_create(live, cut_before_commit())
    prune_all(live)
    leave(live, person)
    live.sync()
    live.later(seconds=35)
    (row,) = creates(live)
    assert "by our id only" in row.detail
    assert live.app.counters.requests(method="POST") == 1
    assert told(live) == set()


def test_a2_a_dead_create_that_never_arrived_makes_no_account_for_somebody_who_left(live: Relay) -> None:
    leave(live, give_up_a_create(live, cut_before_commit()))
    live.sync()
    live.later(seconds=35)
    assert [row.detail for row in creates(live)] == [""]
    assert live.app.counters.requests(method="POST") == 1


def test_a2_an_open_create_that_never_arrived_makes_no_account_for_somebody_who_left(live: Relay) -> None:
    (person,) = hire_many(live, 1)
    live.app.quirks.add(cut_before_commit(), methods=("POST",))
    live.sync()
    leave(live, PersonId(person))
    live.sync()
    live.later(seconds=35)
    assert [row for row in live.rows(*OPEN) if row.person_id == person] == []
    assert live.app.counters.requests(method="POST") == 1


def test_a2_a_look_that_fails_again_is_told_until_it_went_well_and_asked_once_a_day(
    live: Relay, lost: PersonId
) -> None:
    leave(live, lost)
    live.app.quirks.add(refused(), methods=("GET",), times=None)
    live.sync()
    asked = live.app.counters.requests(method="GET")
    live.sync()
    assert live.app.counters.requests(method="GET") == asked
    assert told(live) == {Code.TARGET_REFUSED}
    assert accounts(live)[lost]["active"] is True
    live.app.quirks.clear()
    live.later(hours=24)
    live.sync()
    assert accounts(live)[lost]["active"] is False
    live.sync()
    assert told(live) == set()


def test_a2_a_dead_create_of_somebody_who_is_still_wanted_is_left_to_the_next_plan(
    live: Relay, lost: PersonId
) -> None:
    live.sync()
    assert [row.person_id for row in live.rows(ChangeState.DEAD)] == [lost]
    live.later(hours=24)
    live.sync()
    assert accounts(live)[lost]["active"] is True
    assert live.app.counters.creates(lost) == 1
