"""Deactivate now, delete after n days: announced, cancellable, and never for somebody who came back."""

from dataclasses import replace

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration, Policy
from domain.guards import Bound
from domain.ids import PersonId
from domain.run import Outcome
from domain.tenant import TenantState
from producers.deletions import Cancelled, cancel, remove_due
from simulators.scim.effects import refused, server_error
from tests.flow.relay import ACME, Relay
from tests.flow.test_audited import last
from tests.flow.test_identity import boss_of
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, is_wanted, people
from workers.farewell import announce

__all__ = ["live"]


@pytest.fixture
def config(config: Configuration) -> Configuration:
    return replace(config, policy=Policy(left_deleted_after=30))


def leave(live: Relay, *, at: int = 5) -> str:
    person = somebody(live, at=at)
    live.personio.company.terminate(int(person))
    assert live.sync().outcome is Outcome.OK
    assert accounts(live)[person]["active"] is False
    return person


def days_pass(live: Relay, days: int) -> dict[str, int]:
    """Let days pass, and let the scheduler look for what is due."""
    live.later(days=days)
    removed = remove_due(
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        ring_more=live._ring_more,
        announce=announce,
        failed={},
    )
    live.drain()
    return {str(tenant): count for tenant, count in removed.items()}


def test_a_leavers_account_is_closed_at_once_announced_and_removed_on_its_day(live: Relay) -> None:
    person = leave(live)
    assert Code.DELETION_AHEAD in {incident.code for incident in live.incidents()}
    assert days_pass(live, 29) == {}
    assert person in accounts(live)
    assert days_pass(live, 2) == {"acme": 1}
    assert person not in accounts(live)
    (row,) = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.DELETE]
    (closing,) = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.DEACTIVATE]
    assert row.cause is Code.PERSON_LEFT
    assert (row.evidence or {})["closed by run"] == closing.run_id
    assert Code.DELETION_AHEAD not in {incident.code for incident in live.incidents()}
    live.app.counters.reset()
    assert live.sync().outcome is Outcome.OK
    assert live.app.counters.writes == 0


def test_whose_manager_is_removed_for_good_does_not_keep_the_id_of_an_account_that_is_gone(
    live: Relay,
) -> None:
    """The application keeps it; Personio names that manager until after the removal."""
    report = next(
        each for each in people(live) if is_wanted(each) and boss_of(live, each.id) == str(each.supervisor_id)
    )
    boss = report.supervisor_id
    assert boss is not None
    live.personio.company.terminate(boss)
    live.sync()
    assert days_pass(live, 31) == {"acme": 1}
    live.personio.company.move(report.id, supervisor=None)
    live.sync()
    assert accounts(live)[str(report.id)]["manager"] is None


def test_a_complete_run_meanwhile_keeps_the_announcement(live: Relay) -> None:
    leave(live)
    live.sync()
    assert Code.DELETION_AHEAD in {incident.code for incident in live.incidents()}


def test_somebody_who_comes_back_keeps_the_account(live: Relay) -> None:
    person = leave(live)
    before = accounts(live)[person]["id"]
    live.personio.company.rehire(int(person))
    live.sync()
    with live.store.read() as tx:
        assert tx.deletions.standing(ACME) == []
    assert Code.DELETION_AHEAD not in {incident.code for incident in live.incidents()}
    assert days_pass(live, 31) == {}
    assert accounts(live)[person]["id"] == before
    assert accounts(live)[person]["active"] is True
    with live.store.read() as tx:
        assert tx.deletions.standing(ACME) == []


def test_somebody_taken_off_the_list_keeps_the_closed_account(live: Relay) -> None:
    person = leave(live)
    kept = cancel(
        ACME,
        [PersonId(person)],
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        announce=announce,
    )
    assert kept == Cancelled((PersonId(person),), ())
    assert last(live)[::2] == ("deletions-cancelled", "person")
    live.sync()
    assert days_pass(live, 31) == {}
    assert accounts(live)[person]["active"] is False


def test_an_account_that_was_opened_by_hand_stays(live: Relay) -> None:
    person = leave(live)
    live.app.state.edit_account(str(accounts(live)[person]["id"]), {"active": True})
    days_pass(live, 31)
    assert person in accounts(live)
    (row,) = [row for row in live.rows() if row.action is Action.DELETE]
    assert (row.state, row.why) == (ChangeState.STALE, Code.PLAN_STALE)


@pytest.mark.parametrize("state", [{"active": True}, {}], ids=["open", "still closed"])
def test_an_account_that_was_handed_on_to_a_successor_stays(live: Relay, state: dict[str, bool]) -> None:
    account = str(accounts(live)[leave(live)]["id"])
    live.app.state.edit_account(account, {"userName": "heir@example.com", "externalId": None, **state})
    days_pass(live, 31)
    assert account in {str(each["id"]) for each in live.app.state.accounts()}


def test_whoever_comes_back_after_the_removal_gets_a_new_account(live: Relay) -> None:
    person = leave(live)
    before = accounts(live)[person]["id"]
    days_pass(live, 31)
    live.personio.company.rehire(int(person))
    assert live.sync().outcome is Outcome.OK
    assert accounts(live)[person]["active"] is True
    assert accounts(live)[person]["id"] != before


def test_a_few_a_day_are_removed_and_the_others_on_the_next(live: Relay) -> None:
    people = [leave(live, at=at) for at in (3, 4)]
    live.later(days=1)
    people.append(leave(live, at=5))
    assert days_pass(live, 32) == {"acme": 2}
    assert len([person for person in people if person in accounts(live)]) == 1
    assert days_pass(live, 2) == {"acme": 1}
    assert [person for person in people if person in accounts(live)] == []


def test_where_fewer_may_be_closed_a_day_no_more_are_removed(live: Relay, config: Configuration) -> None:
    people = [leave(live, at=at) for at in (3, 4)]
    guards = replace(config.guards, removals=Bound(10, 1, 1))
    live.configure(replace(config, guards=guards))
    assert days_pass(live, 31) == {"acme": 1}
    assert len([person for person in people if person in accounts(live)]) == 1
    assert days_pass(live, 2) == {"acme": 1}
    assert [person for person in people if person in accounts(live)] == []


def test_a_tenant_that_asks_for_no_removal_any_more_loses_nobody(live: Relay, config: Configuration) -> None:
    person = leave(live)
    live.configure(replace(config, policy=Policy()))
    assert days_pass(live, 31) == {}
    assert person in accounts(live)


def test_somebody_whose_way_back_was_refused_keeps_the_closed_account(live: Relay) -> None:
    person = leave(live)
    live.app.quirks.add(refused(), methods=("PATCH",), times=None)
    live.personio.company.rehire(int(person))
    live.sync()
    assert days_pass(live, 31) == {}
    assert person in accounts(live)


def test_somebody_who_is_shown_again_and_whose_way_back_was_refused_keeps_the_closed_account(
    live: Relay, config: Configuration
) -> None:
    live.configure(replace(config, policy=Policy(not_seen_deleted_after=30)))
    live.sync()
    person = next(each for each in people(live) if str(each.id) == somebody(live, at=5))
    live.personio.company.erase(person.id)
    live.sync()
    assert accounts(live)[str(person.id)]["active"] is False
    live.app.quirks.add(refused(), methods=("PATCH",), times=None)
    live.personio.company.hire_as(
        person.id, first_name=person.first_name, last_name=person.last_name, email=person.email
    )
    live.sync()
    for _ in range(2):
        days_pass(live, 31)
    assert str(person.id) in accounts(live)


def test_a_removal_that_a_stop_held_back_is_judged_anew(live: Relay) -> None:
    person = leave(live)
    live.later(days=31)
    remove_due(
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        ring_more=lambda _tx, _tenant: [],
        announce=announce,
        failed={},
    )
    with live.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.STOPPED, None)
        assert tx.changes.park(ACME) == 1
    with live.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.ACTIVE, None)
        assert tx.changes.unpark(ACME) == 1
    live.later(minutes=1)
    assert person in accounts(live)
    assert days_pass(live, 2) == {"acme": 1}
    assert person not in accounts(live)


def test_a_removal_that_waits_for_the_application_is_not_forgotten_by_the_runs_meanwhile(live: Relay) -> None:
    person = leave(live)
    live.app.quirks.add(server_error(503), methods=("DELETE",), times=None)
    assert days_pass(live, 31) == {"acme": 1}
    live.sync()
    assert person in accounts(live)
    live.app.quirks.clear()
    days_pass(live, 1)
    assert person not in accounts(live)
    assert Code.DELETION_AHEAD not in {incident.code for incident in live.incidents()}


def test_a_removal_that_the_application_refuses_is_told_once_and_not_asked_for_again(
    live: Relay,
) -> None:
    person = leave(live)
    rule = live.app.quirks.add(refused(), methods=("DELETE",), times=None)
    days_pass(live, 31)
    days_pass(live, 1)
    assert live.app.quirks.taken(rule) == 1
    assert person in accounts(live)
    assert [row.action for row in live.rows(ChangeState.DEAD)] == [Action.DELETE]


def test_a_deletion_of_before_never_meets_an_account_that_was_opened_and_closed_again(live: Relay) -> None:
    person = leave(live)
    live.personio.company.rehire(int(person))
    live.sync()
    live.personio.company.change(int(person), employment_type="external")
    live.sync()
    assert accounts(live)[person]["active"] is False, "closed again, for a cause that never removes"
    assert days_pass(live, 31) == {}
    assert person in accounts(live)
