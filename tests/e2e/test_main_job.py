"""The main job through real processes: planned, activated, unchanged, changed; the scheduler fires alone."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.changes import Action, ChangeState
from domain.run import Outcome
from domain.schedule import Every, Schedule
from tests.chaos.tally import WRITES
from tests.e2e.house import Town, Window, town
from tests.flow.truth import is_wanted

pytestmark = pytest.mark.e2e


def test_sixty_people_travel_planned_activated_unchanged_and_changed(tmp_path: Path) -> None:
    with town(tmp_path, 60) as here:
        here.up()
        with here.window() as window:
            window.connect(here, schedule=Schedule(Every(timedelta(seconds=4))))
            the_plan_names_everybody_and_writes_nothing(here, window)
            known = window.runs()
            assert window.ended(window.activate()).outcome is Outcome.OK
            assert here.differences() == []
            assert set(here.app.creates().values()) == {1}
            window.scheduled(known)
            an_unchanged_company_costs_no_write(here, window)
            what_changed_arrives_and_nothing_else(here, window)
        assert here.app.doubled() == []
        assert here.app.overlapping() == {}
        assert here.interrupt() == 0


def the_plan_names_everybody_and_writes_nothing(here: Town, window: Window) -> None:
    wanted = [str(person.id) for person in here.people() if is_wanted(person)]
    assert window.sync().outcome is Outcome.PLANNED
    proposed = [row.person_id for row in window.rows(ChangeState.PROPOSED) if row.action is Action.CREATE]
    assert sorted(proposed) == sorted(wanted)
    assert here.app.requests(*WRITES) == 0


def an_unchanged_company_costs_no_write(here: Town, window: Window) -> None:
    writes = here.app.requests(*WRITES)
    run = window.scheduled(window.runs())
    assert (run.outcome, run.certificate) == (Outcome.OK, "certified: 60 people, complete")
    assert window.figures(run).states == {}
    assert here.app.requests(*WRITES) == writes


def what_changed_arrives_and_nothing_else(here: Town, window: Window) -> None:
    writes = here.app.requests(*WRITES)
    bride, leaver, boss = [person for person in here.people() if is_wanted(person)][3:6]
    company = here.personio.company
    company.marry(bride.id, "Lovelace", email="lovelace@example.com")
    company.terminate(leaver.id, last_working_day=date(2026, 11, 20))
    company.hire(first_name="Neu", last_name="Hier", email="neu@example.com", supervisor=boss.id)
    window.scheduled(window.runs())
    window.scheduled(window.runs())
    assert here.differences() == []
    assert window.rows(ChangeState.DEAD) == []
    assert here.app.requests(*WRITES) == writes + len(("marry", "terminate", "hire", "and the manager"))
