"""Whoever calls a removal off hears whether it comes in time, and nobody is removed whom Personio shows."""

from dataclasses import replace

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration, Policy
from domain.guards import Guards
from domain.ids import PersonId
from domain.overrides import OverrideKind
from producers.approve import reject
from producers.deletions import Cancelled, cancel
from producers.on_demand import NotPossibleError
from producers.resume import pause, resume, stop
from simulators.personio.actions import Status
from simulators.scim.effects import server_error
from tests.flow.misfortunes import in_hand
from tests.flow.relay import ACME, Relay
from tests.flow.test_deletions import days_pass, leave
from tests.flow.test_guards import leave_at_once
from tests.flow.test_main_job import live, somebody
from tests.flow.test_overrides import fix
from tests.flow.truth import accounts, is_wanted, people
from workers.farewell import announce

__all__ = ["live"]


@pytest.fixture
def config(config: Configuration) -> Configuration:
    return replace(config, policy=Policy(left_deleted_after=30, not_seen_deleted_after=30))


def call_off(relay: Relay, person: str) -> Cancelled:
    return cancel(
        ACME,
        [PersonId(person)],
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
        announce=announce,
    )


def removals(relay: Relay) -> list[ChangeState]:
    return [row.state for row in relay.rows() if row.action is Action.DELETE]


def test_who_calls_off_what_is_in_hand_is_told_that_it_is_too_late(live: Relay) -> None:
    person, told = leave(live), list[Cancelled]()
    in_hand(live, lambda: told.append(call_off(live, person)))
    days_pass(live, 31)
    assert told == [Cancelled((), (PersonId(person),))]
    assert person not in accounts(live)


def test_what_was_called_off_in_hand_and_fails_is_not_tried_again(live: Relay) -> None:
    person = leave(live)
    rule = live.app.quirks.add(server_error(503), methods=("DELETE",), times=None)
    in_hand(live, lambda: call_off(live, person))
    days_pass(live, 31)
    assert live.app.quirks.taken(rule) == 1
    live.app.quirks.clear()
    days_pass(live, 1)
    days_pass(live, 31)
    assert person in accounts(live)
    assert removals(live) == [ChangeState.STALE]


def test_who_calls_off_what_waits_for_the_application_keeps_the_account(live: Relay) -> None:
    person = leave(live)
    live.app.quirks.add(server_error(503), methods=("DELETE",), times=None)
    days_pass(live, 31)
    assert call_off(live, person) == Cancelled((PersonId(person),), ())
    live.app.quirks.clear()
    days_pass(live, 1)
    days_pass(live, 31)
    assert person in accounts(live)
    assert removals(live) == [ChangeState.STALE]


def test_what_was_called_off_in_hand_is_not_planned_again_where_the_settings_moved(live: Relay) -> None:
    person = leave(live)
    live.app.quirks.add(server_error(503), methods=("DELETE",), times=1)
    days_pass(live, 31)
    with live.store.read() as tx:
        config = tx.tenants.configuration(ACME)
    assert config is not None
    live.configure(replace(config, sync_managers=not config.sync_managers))
    in_hand(live, lambda: call_off(live, person))
    days_pass(live, 1)
    days_pass(live, 2)
    assert person in accounts(live)


def test_who_is_pinned_active_while_the_removal_waits_for_the_application_has_an_open_account(
    live: Relay,
) -> None:
    person = leave(live)
    live.app.quirks.add(server_error(503), methods=("DELETE",), times=None)
    days_pass(live, 31)
    live.app.quirks.clear()
    fix(live, PersonId(person), OverrideKind.PIN_ACTIVE)
    days_pass(live, 3)
    assert accounts(live)[person]["active"] is True


def test_a_tenant_that_is_paused_while_a_removal_waits_loses_nobody_until_it_goes_on(live: Relay) -> None:
    person = leave(live)
    live.app.quirks.add(server_error(503), methods=("DELETE",), times=None)
    days_pass(live, 31)
    live.app.quirks.clear()
    pause(ACME, store=live.store, ids=live.desk.ids)
    days_pass(live, 3)
    assert person in accounts(live)
    resume(
        ACME,
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        ring_more=live._ring_more,
    )
    live.drain()
    days_pass(live, 2)
    assert person not in accounts(live)


@pytest.mark.parametrize("kind", ["internal", "external"])
def test_who_came_back_unread_is_asked_for_and_keeps_the_account(live: Relay, kind: str) -> None:
    person = leave(live)
    live.later(days=30)
    live.personio.company.rehire(int(person), employment_type=kind)
    days_pass(live, 1)
    assert accounts(live)[person]["active"] is (kind == "internal")
    assert removals(live) == [ChangeState.STALE]
    days_pass(live, 31)
    assert person in accounts(live)


def test_who_was_erased_and_is_shown_again_keeps_the_account(live: Relay) -> None:
    gone = [person for person in people(live) if is_wanted(person)][5]
    live.personio.company.erase(gone.id)
    live.sync()
    assert accounts(live)[str(gone.id)]["active"] is False
    live.later(days=30)
    live.personio.company.hire_as(gone.id, email=gone.email)
    days_pass(live, 1)
    assert removals(live) == [ChangeState.STALE]
    assert str(gone.id) in accounts(live)


def test_nobody_is_removed_before_personio_gives_a_clear_answer(live: Relay) -> None:
    person = leave(live)
    live.personio.fault(Status(status=503), count=None)
    days_pass(live, 31)
    live.personio.clear_faults()
    live.personio.fault(Status(status=401), count=None)
    live.later(hours=2)
    live.personio.clear_faults()
    live.personio.set_readable(["first_name"])
    live.later(hours=2)
    (row,) = [row for row in live.rows(ChangeState.WAITING) if row.action is Action.DELETE]
    assert row.why is Code.DELETION_UNCONFIRMED
    assert person in accounts(live)
    live.personio.set_readable(None)
    live.later(hours=2)
    assert person not in accounts(live)


def test_nobody_is_removed_while_personio_denies_everybody(live: Relay) -> None:
    person = leave(live)
    for each in people(live):
        live.personio.company.erase(each.id)
    days_pass(live, 31)
    live.later(hours=2)
    assert person in accounts(live)
    assert removals(live) == [ChangeState.WAITING]


def test_a_leaver_whose_record_was_erased_meanwhile_is_removed(live: Relay) -> None:
    person = leave(live)
    live.personio.company.erase(int(person))
    days_pass(live, 31)
    assert person not in accounts(live)


def test_who_is_on_the_protect_list_by_now_is_not_removed_until_taken_off(
    live: Relay, config: Configuration
) -> None:
    person = leave(live)
    live.app.quirks.add(server_error(503), methods=("DELETE",), times=1)
    days_pass(live, 31)
    protect = Guards(protect=frozenset({f"personio:{person}"}))
    live.configure(replace(config, guards=protect))
    days_pass(live, 3)
    assert person in accounts(live)
    live.configure(config)
    days_pass(live, 1)
    assert person not in accounts(live)


def test_a_no_that_comes_after_the_yes_says_that_nothing_waits(live: Relay) -> None:
    people, told = leave_at_once(live), list[str]()

    def say_no() -> None:
        with pytest.raises(NotPossibleError) as error:
            reject(ACME, store=live.store, ids=live.desk.ids)
        told.append(str(error.value))

    in_hand(live, say_no)
    live.approve()
    assert "Nothing of «acme» waits" in told[0]
    assert [person for person in people if accounts(live)[person]["active"]] == []


def test_a_stop_tells_how_much_is_in_hand(live: Relay) -> None:
    told = list[int]()
    live.personio.company.terminate(int(somebody(live)))
    in_hand(live, lambda: told.append(stop(ACME, store=live.store)))
    live.sync()
    assert told == [1]
    assert stop(ACME, store=live.store) == 0
