"""What one part holds back is not let go by another: overrides, guards, lost attributes, waiting removals."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Policy
from domain.guards import OFF, Guards
from domain.ids import PersonId
from domain.overrides import OverrideKind
from domain.tenant import TenantState
from producers.deletions import remove_due
from producers.on_demand import NotPossibleError
from producers.sight import Choice
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.test_overrides import fix
from tests.flow.truth import accounts
from workers.farewell import announce

__all__ = ["live"]


def many_leave(live: Relay) -> list[PersonId]:
    people = [somebody(live, at=at) for at in range(2, 8)]
    for person in people:
        live.personio.company.terminate(int(person))
    live.sync()
    return people


def holds(live: Relay) -> dict[PersonId, Code | None]:
    return {row.person_id: row.why for row in live.rows(ChangeState.HELD)}


@pytest.mark.parametrize("corrected", [False, True])
def test_a_guards_yes_does_not_close_somebody_whom_a_human_told_to_wait(
    live: Relay, *, corrected: bool
) -> None:
    people = many_leave(live)
    assert set(holds(live).values()) == {Code.GUARD_REMOVALS}
    if corrected:
        live.personio.company.change(int(people[0]), termination_date="2020-01-31")
    fix(live, people[0], OverrideKind.HOLD_UNTIL, days=5)
    assert holds(live)[people[0]] is Code.OVERRIDE_ON_HOLD
    live.sync()
    live.say_yes()
    assert [person for person in people if accounts(live)[person]["active"]] == [people[0]]


def test_an_account_that_is_protected_while_its_removal_waits_is_not_closed_with_the_others(
    live: Relay,
) -> None:
    people = many_leave(live)
    guards = Guards(creates=OFF, protect=frozenset({f"personio:{people[0]}"}))
    live.configure(replace(configuration(lines=SCIM_LINES), guards=guards))
    live.sync()
    assert holds(live)[people[0]] is Code.GUARD_PROTECTED
    live.say_yes(Choice(code=Code.GUARD_REMOVALS))
    assert [person for person in people if accounts(live)[person]["active"]] == [people[0]]


@pytest.mark.parametrize(
    "kind", [OverrideKind.PIN_ACTIVE, OverrideKind.IGNORE, OverrideKind.HOLD_UNTIL], ids=str
)
def test_an_older_plan_does_not_close_somebody_of_whom_a_human_said_otherwise_since(
    live: Relay, kind: OverrideKind
) -> None:
    person = somebody(live)
    live.personio.company.terminate(int(person))
    plan = live.sync(plan_only=True)
    fix(live, person, kind)
    with suppress(NotPossibleError):
        live.say_yes(Choice(plan=plan.run_id))
    assert accounts(live)[person]["active"]
    live.sync()
    assert accounts(live)[person]["active"]


@pytest.mark.parametrize("kind", [OverrideKind.IGNORE, OverrideKind.HOLD_UNTIL], ids=str)
def test_an_account_is_not_removed_for_good_while_a_human_says_otherwise(
    live: Relay, kind: OverrideKind
) -> None:
    live.configure(configuration(lines=SCIM_LINES, policy=Policy(left_deleted_after=30)))
    live.sync()
    person = somebody(live)
    live.personio.company.terminate(int(person))
    live.sync()
    fix(live, person, kind)
    live.later(days=31)
    remove_due(
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        ring_more=live._ring_more,
        announce=announce,
        failed={},
    )
    live.drain()
    assert person in accounts(live)


def wait_for_removals(live: Relay) -> PersonId:
    live.configure(configuration(lines=SCIM_LINES, policy=Policy(wait_left=timedelta(days=3))))
    live.sync()
    person = somebody(live)
    live.personio.company.terminate(int(person))
    return person


def resume(live: Relay) -> None:
    with live.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.ACTIVE, None)
        tx.changes.unpark(ACME)
    live.later(seconds=1)


def stop(live: Relay) -> None:
    with live.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.STOPPED, None)
        tx.changes.park(ACME)


def test_a_removal_that_waits_keeps_no_joiner_waiting_after_a_stop(live: Relay) -> None:
    leaver = wait_for_removals(live)
    live.personio.company.hire()
    live.sync()
    stop(live)
    resume(live)
    waiting = [row for row in live.rows(ChangeState.WAITING) if row.person_id == leaver]
    assert [row.why for row in waiting] == [Code.REMOVAL_WAITS]


def test_a_removal_that_no_reading_confirmed_lately_waits_for_one(live: Relay) -> None:
    person = wait_for_removals(live)
    live.sync()
    live.personio.company.rehire(int(person))
    live.later(days=4)
    assert accounts(live)[person]["active"]
    live.sync()
    assert accounts(live)[person]["active"]
    assert not [row for row in live.rows(ChangeState.WAITING) if row.action is Action.DEACTIVATE]


def test_a_removal_whose_time_came_while_nobody_looked_goes_once_a_reading_confirms_it(live: Relay) -> None:
    person = wait_for_removals(live)
    live.sync()
    live.later(days=4)
    assert accounts(live)[person]["active"]
    live.sync()
    live.later(minutes=1)
    assert not accounts(live)[person]["active"]
