"""A removal waits for as long as its cause says, and for nobody who comes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Policy
from domain.ids import PersonId
from domain.run import Outcome
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts

__all__ = ["live"]

DAYS = timedelta(days=3)


def leave(live: Relay, person: PersonId) -> None:
    live.personio.company.terminate(int(person))


def leave_the_filter(live: Relay, person: PersonId) -> None:
    live.personio.company.change(int(person), employment_type="external")


def vanish(live: Relay, person: PersonId) -> None:
    live.personio.company.erase(int(person))


def come_back(live: Relay, person: PersonId) -> None:
    if str(person) not in {str(each.id) for each in live.personio.truth().people}:
        live.personio.company.hire_as(
            int(person), first_name="Back", last_name="Again", email="b@example.com"
        )
    else:
        live.personio.company.change(int(person), status="active", employment_type="internal")


CAUSES = pytest.mark.parametrize(
    ("go", "policy", "cause"),
    [
        pytest.param(leave, Policy(wait_left=DAYS), Code.PERSON_LEFT, id="left"),
        pytest.param(
            leave_the_filter, Policy(wait_left_filter=DAYS), Code.PERSON_LEFT_FILTER, id="left the filter"
        ),
        pytest.param(vanish, Policy(wait_not_seen=DAYS), Code.PERSON_NOT_SEEN, id="not visible any more"),
    ],
)
Go = Callable[[Relay, PersonId], None]


def waiting(live: Relay) -> list[Change]:
    return list(live.rows(ChangeState.WAITING))


def configure(live: Relay, policy: Policy) -> None:
    live.configure(configuration(lines=SCIM_LINES, policy=policy))
    live.sync()


@CAUSES
def test_a_removal_waits_for_as_long_as_its_cause_says(
    live: Relay, go: Go, policy: Policy, cause: Code
) -> None:
    configure(live, policy)
    person = somebody(live)
    go(live, person)
    run = live.sync()
    (row,) = waiting(live)
    assert run.outcome is Outcome.OK
    assert (row.person_id, row.cause, row.why) == (person, cause, Code.REMOVAL_WAITS)
    assert row.due_at is not None
    assert abs(row.due_at - run.created_at - DAYS) < timedelta(minutes=5)
    for _ in range(2):
        live.later(days=1)
        live.sync()
    assert [(each.change_id, each.due_at) for each in waiting(live)] == [(row.change_id, row.due_at)]
    assert accounts(live)[person]["active"] is True
    live.later(days=1, minutes=1)
    assert accounts(live)[person]["active"] is False
    (done,) = [each for each in live.rows(ChangeState.APPLIED) if each.action is Action.DEACTIVATE]
    assert done.change_id == row.change_id


@CAUSES
def test_whoever_comes_back_meanwhile_keeps_the_account(
    live: Relay, go: Go, policy: Policy, cause: Code
) -> None:
    del cause
    configure(live, policy)
    person = somebody(live)
    go(live, person)
    live.sync()
    live.later(days=1)
    come_back(live, person)
    live.sync()
    assert waiting(live) == []
    live.later(days=5)
    live.sync()
    assert accounts(live)[person]["active"] is True


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        pytest.param(Policy(wait_left=2 * DAYS), timedelta(days=6), id="longer"),
        pytest.param(Policy(wait_left=timedelta(days=2)), timedelta(days=2), id="shorter"),
        pytest.param(Policy(), timedelta(0), id="none any more"),
    ],
)
def test_another_configuration_keeps_the_moment_at_which_the_waiting_began(
    live: Relay, policy: Policy, left: timedelta
) -> None:
    configure(live, Policy(wait_left=DAYS))
    person = somebody(live)
    leave(live, person)
    began = live.sync().created_at
    live.later(days=1)
    configure(live, policy)
    assert accounts(live)[person]["active"] is (left > timedelta(days=1))
    for row in waiting(live):
        assert row.due_at is not None
        assert abs(row.due_at - began - left) < timedelta(minutes=5)


def test_other_causes_do_not_wait(live: Relay) -> None:
    configure(live, Policy(wait_left=DAYS, wait_not_seen=DAYS))
    person = somebody(live)
    leave_the_filter(live, person)
    live.sync()
    assert accounts(live)[person]["active"] is False


def test_a_preview_shows_the_date(live: Relay) -> None:
    configure(live, Policy(wait_left=DAYS))
    leave(live, somebody(live))
    live.sync(plan_only=True)
    (row,) = [row for row in live.rows(ChangeState.PROPOSED) if row.action is Action.DEACTIVATE]
    assert row.due_at is not None
    assert row.why is None, "it waits for time, not for a human"


def test_what_is_held_waits_for_the_human_and_not_for_the_date(live: Relay) -> None:
    configure(live, Policy(wait_left=DAYS))
    leavers = [somebody(live, at=at) for at in range(5, 10)]
    for person in leavers:
        leave(live, person)
    live.sync()
    assert len(live.rows(ChangeState.HELD)) == 5
    live.later(days=4)
    assert all(accounts(live)[person]["active"] for person in leavers)
    live.approve()
    assert not any(accounts(live)[person]["active"] for person in leavers)


def test_joiners_and_updates_of_the_same_run_do_not_wait_behind_it(live: Relay) -> None:
    configure(live, Policy(wait_left=DAYS))
    leave(live, somebody(live))
    live.personio.company.change(int(somebody(live, at=4)), position="Countess")
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="jo@example.com")
    live.sync()
    assert accounts(live)[str(joiner)]["active"] is True
    assert accounts(live)[somebody(live, at=4)]["title"] == "Countess"


def test_waiting_times_are_kept_with_the_configuration(live: Relay) -> None:
    policy = Policy(wait_left=DAYS, wait_left_filter=timedelta(hours=1), wait_not_seen=timedelta(days=90))
    config = replace(configuration(lines=SCIM_LINES), policy=policy)
    live.configure(config)
    with live.store.read() as tx:
        stored = tx.tenants.configuration(ACME)
    assert stored is not None
    assert stored.policy == policy
