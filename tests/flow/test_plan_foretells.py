"""What a plan says of a row (goes, is held, waits for an account) is what becomes of it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Configuration, Policy, ReleaseNames
from domain.guards import OFF, Bound, Guards
from domain.ids import PersonId
from domain.prospects import Prospect, prospects
from domain.run import Outcome, Run
from producers.approve import Approved
from producers.sight import Choice
from tests.flow.relay import Relay
from tests.flow.test_any_order import HAPPENINGS, Happening
from tests.flow.test_main_job import somebody
from tests.flow.test_plan_is_what_is_applied import lived
from tests.flow.truth import accounts, is_wanted, people

Said = Mapping[tuple[PersonId, Action], Prospect]

BECOMES = {
    Prospect.GO: {ChangeState.APPLIED, ChangeState.ALREADY_SO},
    Prospect.HELD: {ChangeState.HELD},
    Prospect.BLOCKED: {ChangeState.BLOCKED},
    Prospect.WAITING: {ChangeState.WAITING},
}


@pytest.fixture
def live(relay: Relay) -> Relay:
    """A tenant that is active, and in which everybody's manager has an account."""
    relay.go_live()
    (boss,) = [person.id for person in people(relay) if is_wanted(person) and person.supervisor_id is None]
    for row in relay.rows(ChangeState.BLOCKED):
        relay.personio.company.move(int(row.person_id), supervisor=boss)
    relay.sync()
    assert relay.rows(ChangeState.BLOCKED) == []
    relay.app.counters.reset()
    return relay


def planned(live: Relay) -> tuple[Run, list[Change]]:
    """Make a plan, and return its rows."""
    run = live.sync(plan_only=True)
    return run, [row for row in live.rows(ChangeState.PROPOSED) if row.run_id == run.run_id]


def said(live: Relay) -> Said:
    """Tell what a plan says of each row, by person and action; where a circle of names is cut is chance."""
    _, rows = planned(live)
    what = prospects(rows)
    told = {(row.person_id, row.action): what[row.change_id] for row in rows}
    return {key: each for key, each in told.items() if key[1] is not Action.RELEASE_NAME}


def newest(live: Relay, person: PersonId, action: Action) -> Change:
    """Find the newest row that is no proposal."""
    rows = [row for row in live.rows() if (row.person_id, row.action) == (person, action)]
    return max((row for row in rows if row.state is not ChangeState.PROPOSED), key=lambda row: row.change_id)


def untrue(live: Relay, told: Said) -> list[str]:
    """List what became otherwise than a plan had said."""
    found = {key: newest(live, *key) for key in told}
    return [
        f"{action} of {person} was said to be {told[person, action]}: {row.state} {row.why} {row.detail}"
        for (person, action), row in found.items()
        if row.state not in BECOMES[told[person, action]]
    ]


def manage(live: Relay, boss: int | str, *, at: int = 10) -> PersonId:
    """Give somebody who is there another manager."""
    person = somebody(live, at=at)
    live.personio.company.move(int(person), supervisor=int(boss))
    return person


def test_a_manager_outside_the_filter_is_foretold_as_what_blocks_the_change(live: Relay) -> None:
    boss = live.personio.company.hire(
        first_name="Ext", last_name="Ern", email="extern@example.com", employment_type="external"
    )
    person = manage(live, boss)
    _, rows = planned(live)
    (row,) = [row for row in rows if row.person_id == person]
    assert (row.action, row.why) == (Action.SET_MANAGER, Code.MANAGER_NOT_SYNCED)
    assert prospects(rows)[row.change_id] is Prospect.BLOCKED
    assert live.app.counters.writes == 0
    assert live.sync().outcome is Outcome.OK
    blocked = newest(live, person, Action.SET_MANAGER)
    assert blocked.state is ChangeState.BLOCKED
    assert (blocked.why, blocked.detail, blocked.blocked_on) == (row.why, row.detail, row.blocked_on)
    assert live.app.counters.writes == 0
    assert said(live) == {(person, Action.SET_MANAGER): Prospect.BLOCKED}, "and a plan of later says the same"


def test_a_manager_who_joins_in_the_same_run_is_followed_and_not_waited_for(live: Relay) -> None:
    boss = live.personio.company.hire(first_name="Jo", last_name="Iner", email="boss@example.com")
    report = live.personio.company.hire(
        first_name="Re", last_name="Port", email="report@example.com", supervisor=boss
    )
    person = manage(live, boss)
    told = said(live)
    assert set(told.values()) == {Prospect.GO}
    assert {who for who, action in told if action is Action.SET_MANAGER} == {person, str(report)}
    live.sync()
    assert untrue(live, told) == []
    assert accounts(live)[person]["manager"] == accounts(live)[str(boss)]["id"]


def test_who_has_a_manager_that_is_held_waits_behind_the_hold_and_goes_with_its_yes(
    live: Relay, config: Configuration
) -> None:
    live.configure(replace(config, guards=Guards(creates=Bound(1, 1, 1))))
    boss = live.personio.company.hire(first_name="He", last_name="Ld", email="held@example.com")
    report = live.personio.company.hire(
        first_name="Re", last_name="Port", email="report@example.com", supervisor=boss
    )
    person = manage(live, boss)
    told = said(live)
    assert told[PersonId(str(boss)), Action.CREATE] is Prospect.HELD
    assert told[PersonId(str(report)), Action.SET_MANAGER] is Prospect.BLOCKED
    assert told[person, Action.SET_MANAGER] is Prospect.BLOCKED
    live.sync()
    assert untrue(live, told) == []
    live.approve()
    assert {accounts(live)[who]["manager"] for who in (person, str(report))} == {
        accounts(live)[str(boss)]["id"]
    }


def test_a_yes_to_a_whole_plan_with_a_held_manager_brings_the_manager_and_the_reports(
    live: Relay, config: Configuration
) -> None:
    live.configure(replace(config, guards=Guards(creates=Bound(1, 1, 1))))
    boss = live.personio.company.hire(first_name="He", last_name="Ld", email="held@example.com")
    live.personio.company.hire(first_name="An", last_name="Other", email="another@example.com")
    person = manage(live, boss)
    plan, rows = planned(live)
    assert Prospect.BLOCKED in prospects(rows).values()
    assert isinstance(live.say_yes(Choice(plan=plan.run_id)), Approved)
    assert accounts(live)[person]["manager"] == accounts(live)[str(boss)]["id"]
    assert live.rows(ChangeState.BLOCKED, ChangeState.STALE) == []


def test_who_waits_for_a_manager_goes_on_alone_once_the_manager_has_an_account(live: Relay) -> None:
    boss = live.personio.company.hire(first_name="Boss", last_name="Later", email=None)
    person = manage(live, boss)
    live.sync()
    assert newest(live, person, Action.SET_MANAGER).state is ChangeState.BLOCKED
    live.personio.company.change(boss, email="later@example.com")
    assert said(live)[person, Action.SET_MANAGER] is Prospect.GO
    live.sync_person(PersonId(str(boss)))
    assert accounts(live)[person]["manager"] == accounts(live)[str(boss)]["id"]
    assert newest(live, person, Action.SET_MANAGER).state is ChangeState.APPLIED


def test_a_plan_that_was_made_before_the_manager_had_an_account_is_applied_all_the_same(live: Relay) -> None:
    boss = live.personio.company.hire(first_name="Boss", last_name="Later", email=None)
    person = manage(live, boss)
    plan, rows = planned(live)
    assert [prospects(rows)[row.change_id] for row in rows] == [Prospect.BLOCKED]
    live.personio.company.change(boss, email="later@example.com")
    live.sync_person(PersonId(str(boss)))
    live.say_yes(Choice(plan=plan.run_id))
    assert accounts(live)[person]["manager"] == accounts(live)[str(boss)]["id"]


def test_a_manager_who_leaves_in_the_same_run_is_waited_for(live: Relay) -> None:
    boss = somebody(live, at=2)
    person = manage(live, boss)
    live.personio.company.terminate(int(boss))
    told = said(live)
    assert told == {(boss, Action.DEACTIVATE): Prospect.GO, (person, Action.SET_MANAGER): Prospect.BLOCKED}
    live.sync()
    assert untrue(live, told) == []


def test_who_waits_for_a_name_of_somebody_held_is_foretold_as_blocked_and_so_are_their_reports(
    live: Relay, config: Configuration
) -> None:
    free = Policy(release_names=ReleaseNames.WHEN_NEEDED)
    live.configure(replace(config, policy=free, guards=Guards(creates=OFF, removals=Bound(1, 1, 1))))
    leavers = [somebody(live, at=at) for at in range(2, 5)]
    name = next(one.email for one in people(live) if str(one.id) == leavers[0])
    for leaver in leavers:
        live.personio.company.terminate(int(leaver))
    boss = live.personio.company.hire(first_name="Na", last_name="Mesake", email=name)
    person = manage(live, boss)
    told = said(live)
    assert told[leavers[0], Action.DEACTIVATE] is Prospect.HELD
    assert told[PersonId(str(boss)), Action.CREATE] is not Prospect.GO
    assert told[person, Action.SET_MANAGER] is Prospect.BLOCKED
    live.sync()
    assert untrue(live, told) == []


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
@given(happenings=HAPPENINGS)
@example(happenings=[("hire", 3), ("move", 11), ("external", 4), ("leave", 9)])
def test_whatever_happened_a_run_does_what_the_plan_before_it_said(happenings: list[Happening]) -> None:
    with lived(happenings) as relay:
        told = said(relay)
        relay.sync()
        assert untrue(relay, told) == []
        relay.store.close()
