"""What a review found about runs: plans, activation, incidents and slots mean what they say."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.run import Outcome, Run, RunKind
from domain.tenant import TenantState
from producers.on_demand import NotPossibleError, ask_for_person
from producers.schedule import tick
from simulators.scim.effects import unauthorised
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import (
    activate_now,
    begin,
    codes,
    hire_many,
    move,
    pass_the_check,
    somebody,
)
from tests.flow.test_review import is_open, read_to_the_end
from tests.flow.truth import accounts, differences, is_wanted, people
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]


def newest_run(relay: Relay) -> Run:
    with relay.store.read() as tx:
        return tx.runs.newest(ACME, 1)[0]


# 7 A run of one beside a feed that lists


def test_7_a_run_of_one_leaves_the_list_that_a_feed_is_making(relay: Relay) -> None:
    relay.app.quirks.switch(max_page_size=10)
    wanted = [person for person in people(relay) if is_wanted(person)]
    for person in wanted:
        relay.app.state.add_account(str(person.email))
    move(relay, TenantState.READY)
    begin(relay)
    read_to_the_end(relay)
    patient, hasty = relay.desk, replace(relay.desk, limits=replace(relay.desk.limits, turn=timedelta(0)))
    relay.desk = hasty
    relay.take(relay.bells.rung.pop(0))
    relay.desk = patient
    listed = count_listed(relay)
    assert 0 < listed < len(wanted)
    rest, relay.bells.rung = relay.bells.rung, []
    plan_one(relay, somebody(relay))
    assert count_listed(relay) == listed
    relay.bells.rung = rest
    relay.drain()
    with relay.store.read() as tx:
        feed = next(run for run in tx.runs.newest(ACME, 10) if run.kind is RunKind.FEED)
        actions = [row.action for row in tx.changes.rows(ACME, run_id=feed.run_id, limit=1000)]
    assert actions.count(Action.LINK) == len(wanted)
    assert Action.CREATE not in actions


def count_listed(relay: Relay) -> int:
    with relay.store.read() as tx:
        return tx.target_list.count(ACME)


def plan_one(relay: Relay, person_id: PersonId) -> None:
    """Preview one person."""
    ask_for_person(
        ACME,
        person_id,
        by="test",
        key=relay.desk.ids.new(),
        plan_only=True,
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
    )
    relay.drain()


# 8 and 13 Activation


def test_8_a_plan_of_one_person_cannot_be_activated(relay: Relay) -> None:
    move(relay, TenantState.READY)
    plan_one(relay, somebody(relay))
    assert newest_run(relay).outcome is Outcome.PLANNED
    with pytest.raises(NotPossibleError, match="preview"):
        activate_now(relay)
    assert relay.state() is TenantState.READY
    assert relay.app.counters.writes == 0


def test_8_activation_applies_the_complete_plan_even_if_one_person_was_previewed_since(
    relay: Relay,
) -> None:
    move(relay, TenantState.READY)
    relay.sync()
    plan_one(relay, somebody(relay))
    activate_now(relay)
    assert differences(relay) == []
    assert len(accounts(relay)) > 1


@pytest.mark.parametrize(
    ("state", "cure"),
    [
        (TenantState.BLOCKED, "staffetta check acme"),
        (TenantState.STOPPED, "staffetta resume acme"),
        (TenantState.PAUSED, "staffetta resume acme"),
    ],
)
def test_13_a_tenant_that_does_not_wait_for_activation_is_told_the_cure(
    live: Relay, state: TenantState, cure: str
) -> None:
    live.sync(plan_only=True)
    move(live, state)
    with pytest.raises(NotPossibleError, match=re.escape(cure)):
        activate_now(live)
    assert live.state() is state


def test_13_rows_that_were_parked_by_a_block_go_on_after_a_green_check(live: Relay) -> None:
    joiners = hire_many(live, 3)
    live.app.quirks.add(unauthorised(), methods=("POST",), times=None)
    live.sync()
    assert live.state() is TenantState.BLOCKED
    assert {row.person_id for row in live.rows(ChangeState.PARKED)} >= set(joiners)
    live.app.quirks.clear()
    live.sync(plan_only=True)
    with pytest.raises(NotPossibleError):
        activate_now(live)
    pass_the_check(live)
    live.later(seconds=40)
    assert live.rows(ChangeState.PARKED) == []
    assert all(is_open(live, joiner) for joiner in joiners)
    assert differences(live) == []


# 19 What stays true


def hold_leavers(relay: Relay) -> None:
    for person in [person for person in people(relay) if is_wanted(person)][3:8]:
        relay.personio.company.terminate(person.id)
    assert relay.sync().outcome is Outcome.OK_WITH_HOLDS


def test_19_rows_that_earlier_runs_held_keep_their_incident_and_name_the_outcome(live: Relay) -> None:
    hold_leavers(live)
    for _ in range(3):
        run = live.sync()
        assert run.outcome is Outcome.OK_WITH_HOLDS
        assert Code.GUARD_REMOVALS in codes(live)
    live.approve()
    assert live.sync().outcome is Outcome.OK
    assert Code.GUARD_REMOVALS not in codes(live)


def test_19_a_preview_resolves_no_incident(live: Relay) -> None:
    hold_leavers(live)
    before = {incident.incident_id for incident in live.incidents()}
    assert live.sync(plan_only=True).outcome is Outcome.PLANNED
    assert {incident.incident_id for incident in live.incidents()} == before


# 20 Resumed late


def test_20_a_tenant_that_is_resumed_after_its_slot_catches_up_once(live: Relay) -> None:
    live.clock.ahead += timedelta(days=1)
    assert len(tick(store=live.store, publisher=live.bells, ids=live.desk.ids).made) == 1
    live.drain()
    move(live, TenantState.PAUSED)
    (joiner,) = hire_many(live, 1)
    live.clock.ahead += timedelta(days=3)
    assert not tick(store=live.store, publisher=live.bells, ids=live.desk.ids).made
    move(live, TenantState.ACTIVE)
    assert len(tick(store=live.store, publisher=live.bells, ids=live.desk.ids).made) == 1
    live.drain()
    assert not tick(store=live.store, publisher=live.bells, ids=live.desk.ids).made
    assert is_open(live, joiner)
