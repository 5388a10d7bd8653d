"""Undo a run: everybody whom it changed is as before, and the next runs do not do the same again."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.run import Outcome, Run
from domain.schedule import Every, Schedule
from domain.undo import Left
from producers.approve import reject
from producers.on_demand import NotPossibleError
from simulators.scim.effects import refused, server_error
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, is_wanted, people
from tests.flow.undoing import Image, ended, image, undone

__all__ = ["live"]


@dataclass(frozen=True)
class Day:
    """What happened in one run, and how the application was before."""

    run: Run
    before: Image
    joiner: str
    bride: str
    moved: str
    leaver: str


@pytest.fixture
def day(live: Relay) -> Day:
    """One run with a joiner, a marriage, another manager and a leaver."""
    before = image(live)
    company = live.personio.company
    bosses = {person.supervisor_id for person in people(live)}
    staff = [each for each in people(live) if is_wanted(each) and each.id not in bosses][1:]
    bride, moved, leaver = staff[:3]
    boss = next(
        each.id for each in people(live) if is_wanted(each) and each.id not in {moved.id, moved.supervisor_id}
    )
    joiner = company.hire(first_name="Jo", last_name="Iner", email="joiner@example.com")
    company.marry(bride.id, "Neumann", "neumann@example.com")
    company.move(moved.id, supervisor=boss)
    company.terminate(leaver.id)
    run = live.sync()
    assert live.figures(run).actions == {"create": 1, "update": 1, "set-manager": 1, "deactivate": 1}
    return Day(run, before, str(joiner), str(bride.id), str(moved.id), str(leaver.id))


def test_everybody_is_as_before_and_the_joiner_has_a_closed_account(live: Relay, day: Day) -> None:
    done = undone(live, day.run)
    assert ended(live, done).outcome is Outcome.OK
    assert live.figures(ended(live, done)).actions == {
        "deactivate": 1,
        "reactivate": 1,
        "set-manager": 1,
        "update": 1,
    }
    now = image(live)
    assert now.pop(day.joiner).active is False
    assert now == day.before


def test_three_runs_later_nothing_was_done_again_and_each_run_says_why(live: Relay, day: Day) -> None:
    undone(live, day.run)
    before = image(live)
    live.app.counters.reset()
    for _ in range(3):
        run = live.sync()
        assert run.outcome is Outcome.OK
        assert live.figures(run).skipped[Code.DECIDED_UNDONE] == 4
        live.later(days=1)
    assert live.app.counters.writes == 0
    assert image(live) == before


def test_a_preview_writes_nothing_decides_nothing_and_says_what_it_would_do(live: Relay, day: Day) -> None:
    now = image(live)
    done = undone(live, day.run, plan_only=True)
    assert ended(live, done).outcome is Outcome.PLANNED
    proposed = {row.person_id: row for row in live.rows(ChangeState.PROPOSED) if row.undoes}
    assert set(proposed) == {day.joiner, day.bride, day.moved, day.leaver}
    assert (proposed[PersonId(day.bride)].after or {})["name.familyName"] != "Neumann"
    assert image(live) == now
    with live.store.read() as tx:
        assert tx.decisions.standing(ACME) == []


def test_who_was_changed_since_is_left_and_named(live: Relay, day: Day) -> None:
    live.personio.company.change(int(day.bride), position="Chief of Staff")
    live.sync()
    now = image(live)
    done = undone(live, day.run)
    assert done.left == (Left(PersonId(day.bride), Code.UNDO_CHANGED_SINCE),)
    assert image(live)[day.bride] == now[day.bride]
    assert image(live)[day.leaver] == day.before[day.leaver]
    assert live.figures(ended(live, done)).skipped == {Code.UNDO_CHANGED_SINCE: 1}


def test_what_somebody_edited_in_the_application_since_is_not_overwritten(live: Relay, day: Day) -> None:
    account = accounts(live)[day.bride]
    live.app.state.edit_account(str(account["id"]), {"name": {"familyName": "von Neumann"}})
    done = undone(live, day.run)
    assert ended(live, done).outcome is Outcome.PARTIAL
    [stale] = [row for row in live.rows(ChangeState.STALE) if row.undoes]
    assert (stale.person_id, stale.detail) == (
        day.bride,
        "edited in the application since: name.familyName",
    )
    assert accounts(live)[day.bride]["name.familyName"] == "von Neumann"


def test_only_those_who_are_named_are_put_back(live: Relay, day: Day) -> None:
    now = image(live)
    undone(live, day.run, day.leaver)
    assert image(live) == now | {day.leaver: day.before[day.leaver]}


def test_one_change_can_be_undone_alone(live: Relay, day: Day) -> None:
    [row] = [
        row
        for row in live.rows(ChangeState.APPLIED)
        if row.person_id == day.moved and row.run_id == day.run.run_id
    ]
    undone(live, day.run, change_ids=[row.change_id])
    assert image(live)[day.moved] == day.before[day.moved]
    assert not image(live)[day.leaver].active


def test_a_run_that_changed_nothing_cannot_be_undone(live: Relay) -> None:
    with pytest.raises(NotPossibleError, match="changed nothing"):
        undone(live, live.sync())


def test_an_undo_that_would_close_too_many_accounts_is_held_and_a_yes_lets_it_go(live: Relay) -> None:
    company = live.personio.company
    for number in range(5):
        company.hire(first_name="Jo", last_name=f"Iner{number}", email=f"joiner{number}@example.com")
    before = image(live)
    run = live.sync()
    done = undone(live, run)
    assert ended(live, done).outcome is Outcome.OK_WITH_HOLDS
    assert {row.why for row in live.rows(ChangeState.HELD)} == {Code.GUARD_REMOVALS}
    live.sync()
    assert len(live.rows(ChangeState.HELD)) == 5
    live.approve()
    assert {person: each for person, each in image(live).items() if each.active} == {
        person: each for person, each in before.items() if each.active
    }
    live.sync()
    assert [each for person, each in image(live).items() if person not in before and each.active] == []


def test_a_record_that_says_something_else_ends_what_was_decided(live: Relay, day: Day) -> None:
    undone(live, day.run)
    live.sync()
    live.personio.company.change(int(day.bride), last_name="Meier")
    live.sync()
    assert accounts(live)[day.bride]["name.familyName"] == "Meier"


def test_who_comes_back_and_leaves_again_leaves(live: Relay, day: Day) -> None:
    undone(live, day.run, day.leaver)
    live.personio.company.rehire(int(day.leaver))
    live.sync()
    live.personio.company.terminate(int(day.leaver))
    live.sync()
    assert not accounts(live)[day.leaver]["active"]


def test_a_decision_that_a_human_ends_lets_the_next_run_do_it(live: Relay, day: Day) -> None:
    undone(live, day.run)
    with live.store.write() as tx:
        assert tx.decisions.end(ACME, person_id=PersonId(day.leaver)) == 1
    live.sync()
    assert not accounts(live)[day.leaver]["active"]
    assert accounts(live)[day.bride]["name.familyName"] != "Neumann"


def test_after_ninety_days_a_decision_is_over(live: Relay, day: Day) -> None:
    undone(live, day.run, day.leaver)
    live.later(days=89)
    live.sync()
    assert accounts(live)[day.leaver]["active"]
    live.later(days=2)
    live.sync()
    assert not accounts(live)[day.leaver]["active"]


def test_another_schedule_asks_nobody_again(live: Relay, day: Day) -> None:
    undone(live, day.run)
    before = image(live)
    live.configure(configuration(lines=SCIM_LINES, schedule=Schedule(Every(timedelta(hours=1)))))
    live.sync()
    assert image(live) == before


def test_an_undo_can_be_undone(live: Relay, day: Day) -> None:
    after = image(live)
    done = undone(live, day.run)
    undone(live, ended(live, done))
    assert image(live) == after
    live.sync()
    assert image(live) == after
    with live.store.read() as tx:
        assert tx.decisions.standing(ACME) == []


def test_two_runs_after_a_no_the_same_is_not_asked_again_and_counted(live: Relay) -> None:
    leavers = [person for person in people(live) if is_wanted(person)][3:8]
    for person in leavers:
        live.personio.company.terminate(person.id)
    live.sync()
    assert reject(ACME, by="operator:ina", store=live.store) == 5
    for _ in range(2):
        run = live.sync()
        assert live.figures(run).skipped[Code.DECIDED_REJECTED] == 5
    assert all(accounts(live)[str(person.id)]["active"] for person in leavers)


def test_a_refused_change_is_counted_tried_again_once_a_day_and_on_requeue(live: Relay) -> None:
    person = somebody(live)
    rule = live.app.quirks.add(refused(), methods=("PATCH",), times=None)
    live.personio.company.change(int(person), position="Pilot")
    live.sync()
    assert live.figures(live.sync()).skipped[Code.DECIDED_REFUSED] == 1
    live.later(days=1)
    assert live.figures(live.sync()).count(ChangeState.DEAD) == 1
    live.app.quirks.remove(rule)
    [dead] = live.rows(ChangeState.DEAD)[-1:]
    with live.store.write() as tx:
        tx.changes.requeue(ACME, [dead.change_id])
    live.later(minutes=2)
    assert accounts(live)[person]["title"] == "Pilot"


def test_what_is_still_on_its_way_is_told_and_not_put_back(live: Relay) -> None:
    first, second = somebody(live, at=5), somebody(live, at=6)
    live.personio.company.terminate(int(first))
    live.personio.company.terminate(int(second))
    live.app.quirks.add(server_error(503), methods=("PATCH",), times=1)
    run = live.sync()
    (late,) = [person for person in (first, second) if accounts(live)[person]["active"]]
    done = undone(live, run, plan_only=True)
    assert (done.rows, done.left) == (1, (Left(late, Code.UNDO_UNDER_WAY),))
    with pytest.raises(NotPossibleError, match="1 of its changes are on their way"):
        undone(live, run, late)
