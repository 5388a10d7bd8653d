"""Figures: a run is told by its rows, whatever became of them, and ends when nothing can move by itself."""

import pytest
from sqlalchemy import update

from adapters.database.store import SqlStore
from adapters.database.tables_changes import CHANGES
from domain.changes import KEEPS_RUN_GOING, Action, Aspect, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId
from domain.run import Figures, Outcome, Phase, RunKind
from tests.contracts.store.builders import ACME, OTHER, RUN, add_run, add_tenant, values

SECOND = RunId("run-2")


@pytest.fixture(autouse=True)
def run(store: SqlStore) -> None:
    add_tenant(store)
    add_run(store)


def plan(
    store: SqlStore,
    person: str,
    action: Action,
    state: ChangeState,
    why: Code | None = None,
    run: RunId = RUN,
) -> None:
    """Plan one row and put it where the test wants it."""
    change_id = ChangeId(f"{run}-{person}")
    aspect = Aspect.MANAGER if action is Action.SET_MANAGER else Aspect.ACCOUNT
    wish = Wish(PersonId(person), aspect, action, after=values(person))
    with store.write() as tx:
        tx.changes.plan(ACME, run, [(change_id, wish)], ConfigVersion(1), {PersonId(person): b"snapshot"})
        moved = update(CHANGES).where(CHANGES.c.change_id == change_id).values(state=state.value, why=why)
        tx.session.connection.execute(moved)


def figures(store: SqlStore, run: RunId = RUN) -> Figures:
    with store.read() as tx:
        return tx.runs.figures(ACME, run)


def finished(store: SqlStore) -> list[tuple[str, str]]:
    with store.read() as tx:
        return list(tx.runs.finished())


def apply(store: SqlStore, run: RunId = RUN) -> None:
    with store.write() as tx:
        tx.runs.enter(ACME, run, Phase.CONCLUDING)
        tx.runs.enter(ACME, run, Phase.APPLYING)


def test_a_run_without_rows_has_empty_figures(store: SqlStore) -> None:
    assert figures(store) == Figures()


def test_rows_are_counted_by_state_and_by_action_those_that_changed_something(store: SqlStore) -> None:
    plan(store, "1", Action.CREATE, ChangeState.APPLIED)
    plan(store, "2", Action.CREATE, ChangeState.ALREADY_SO)
    plan(store, "3", Action.CREATE, ChangeState.PLANNED)
    plan(store, "4", Action.UPDATE, ChangeState.APPLIED)
    told = figures(store)
    assert told.states == {"applied": 2, "already-so": 1, "planned": 1}
    assert told.actions == {"create": 1, "update": 1}


@pytest.mark.parametrize(
    "state",
    [
        ChangeState.HELD,
        ChangeState.BLOCKED,
        ChangeState.DEAD,
        ChangeState.STALE,
        ChangeState.WAITING,
    ],
)
def test_reasons_of_rows_that_ask_for_somebody_are_counted(store: SqlStore, state: ChangeState) -> None:
    plan(store, "1", Action.CREATE, state, Code.KEY_SHARED)
    plan(store, "2", Action.CREATE, state, Code.KEY_SHARED)
    plan(store, "3", Action.CREATE, state, Code.TARGET_REFUSED)
    assert figures(store).whys == {"key.shared": 2, "target.refused": 1}


def test_reasons_of_settled_rows_are_not_counted(store: SqlStore) -> None:
    plan(store, "1", Action.CREATE, ChangeState.DROPPED, Code.FEED_EMPTY)
    assert figures(store).whys == {}
    assert figures(store).states == {"dropped": 1}


def test_rows_of_another_run_or_tenant_are_not_counted(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    add_run(store, tenant_id=OTHER)
    add_run(store, SECOND, kind=RunKind.PERSON)
    plan(store, "1", Action.CREATE, ChangeState.APPLIED)
    with store.read() as tx:
        assert tx.runs.figures(OTHER, RUN) == Figures()
    assert figures(store, SECOND) == Figures()


def test_a_run_that_only_reads_is_not_finished(store: SqlStore) -> None:
    assert finished(store) == []


def test_an_applying_run_without_rows_is_finished(store: SqlStore) -> None:
    apply(store)
    assert finished(store) == [(ACME, RUN)]


@pytest.mark.parametrize("state", ChangeState)
def test_a_run_is_finished_when_nothing_moves_by_itself(store: SqlStore, state: ChangeState) -> None:
    plan(store, "1", Action.CREATE, state)
    apply(store)
    assert finished(store) == ([] if state in KEEPS_RUN_GOING else [(ACME, RUN)])


def test_an_ended_run_is_not_finished_again(store: SqlStore) -> None:
    apply(store)
    with store.write() as tx:
        tx.runs.end(ACME, RUN, Outcome.OK)
    assert finished(store) == []


@pytest.mark.parametrize(
    ("outcome", "states"),
    [(Outcome.FAILED, {"dropped": 1, "held": 1}), (Outcome.OK, {"planned": 1, "held": 1})],
)
def test_a_feed_that_failed_drops_what_it_had_planned(
    store: SqlStore, outcome: Outcome, states: dict[str, int]
) -> None:
    plan(store, "1", Action.CREATE, ChangeState.PLANNED)
    plan(store, "2", Action.CREATE, ChangeState.HELD)
    with store.write() as tx:
        tx.runs.end(ACME, RUN, outcome, Code.FEED_EMPTY)
    assert figures(store).states == states


def test_ending_a_run_a_second_time_drops_nothing(store: SqlStore) -> None:
    with store.write() as tx:
        tx.runs.end(ACME, RUN, Outcome.OK)
    plan(store, "1", Action.CREATE, ChangeState.PLANNED)
    with store.write() as tx:
        tx.runs.end(ACME, RUN, Outcome.FAILED)
    assert figures(store).states == {"planned": 1}


def test_what_a_later_run_carries_is_told_by_that_run_as_it_stood_at_its_end(store: SqlStore) -> None:
    plan(store, "1", Action.DEACTIVATE, ChangeState.HELD, Code.GUARD_REMOVALS)
    plan(store, "2", Action.SET_MANAGER, ChangeState.BLOCKED, Code.MANAGER_NOT_SYNCED)
    add_run(store, SECOND, kind=RunKind.PERSON)
    with store.write() as tx:
        tx.session.connection.execute(update(CHANGES).values(carried_by=SECOND))
        tx.runs.end(ACME, SECOND, Outcome.OK_WITH_HOLDS)
    with store.write() as tx:
        tx.session.connection.execute(update(CHANGES).values(carried_by=None, state="dropped"))
    carried = figures(store, SECOND).carried
    assert carried is not None
    assert carried.states == {"held": 1, "blocked": 1}
    assert carried.whys == {"guard.removals": 1, "manager.not-synced": 1}
