"""Whatever happens in whatever order: rows move only as drawn, and one row of an aspect is open at a time."""

import shutil
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import text

from adapters.database.changes_moves import sources
from adapters.vault import MasterKey, TenantVault
from domain.changes import OPEN, TRANSITIONS, Change, ChangeState, on_change, on_link
from domain.codes import Code
from domain.compare import Wish
from domain.events import Queue
from domain.ids import PersonId
from domain.records import Job, Outdated, Returned, Settlement
from domain.run import RunKind
from domain.tenant import TenantState
from tests.contracts.store.builders import ACME, HandClock, account, link
from tests.contracts.store.plans import (
    SOON,
    Plans,
    create,
    deactivate,
    done,
    free_name,
    keep,
    later,
    manage,
    refused,
    update,
)
from tests.quick_store import new_sqlite, quick_store

S = ChangeState
KEY = MasterKey.from_text("A" * 43 + "=")
QUEUES = (Queue.URGENT, Queue.RECONCILE, Queue.SUSPECTS)
MOVES = "CREATE TABLE moves (old TEXT, new TEXT, UNIQUE (old, new))"
WATCHER = """
    CREATE TRIGGER watch AFTER UPDATE OF state ON changes WHEN old.state <> new.state
    BEGIN INSERT OR IGNORE INTO moves VALUES (old.state, new.state); END
"""

people = st.sampled_from(["1", "2", "3"])
names = st.sampled_from(["ada", "eve"])
wishes = st.one_of(
    st.builds(create, people, names),
    st.builds(update, people, names, names),
    st.builds(deactivate, people, names),
    st.builds(manage, people, st.sampled_from(["1", "2", None])),
    st.builds(free_name, people),
    st.builds(keep, people),
)
kinds = st.sampled_from([RunKind.FEED, RunKind.PERSON])
notes = st.sampled_from(["hold", "contest", "wait", "free", "link"])
ends = st.sampled_from(["done", "already so", "later", "maybe", "refused", "outdated", "returned", "crash"])


@cache
def template() -> Path:
    """Migrate one empty store; every example copies it."""
    path = Path(mkdtemp()) / "template.db"
    store = quick_store(new_sqlite(path), TenantVault(KEY))
    with store.write() as tx:
        for statement in (MOVES, WATCHER):
            tx.session.connection.execute(text(statement))
    store.close()
    return path


class Relay(RuleBasedStateMachine):
    """Plans, approvals, workers, crashes and the sweeper, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "store.db"
        shutil.copy(template(), path)
        self.store = quick_store(f"sqlite:///{path}", TenantVault(KEY), HandClock())
        clock = self.store._clock
        assert isinstance(clock, HandClock)
        self.clock = clock
        self.plans = Plans(self.store, clock)
        self.runs = 0
        self.planned: list[str] = []
        self.proposed: list[str] = []
        self.writes = True
        self.plans.linked(link("2", "ada"), link("3", "mia"))
        self.plans.released("r000", create("1", "ada"), update("2", "ada", "eve"), manage("3", "1"))

    def teardown(self) -> None:
        self.drain()
        self.store.close()
        self.folder.cleanup()

    # what people and feeds want

    @rule(wanted=st.lists(wishes, min_size=1, max_size=5), kind=kinds, notes=st.lists(notes, max_size=2))
    def conclude(self, wanted: list[Wish], kind: RunKind, notes: list[str]) -> None:
        """Plan and release at once, as a run of one does."""
        run = self._plan(wanted, kind)
        self._note(notes)
        self.plans.release(run)

    @rule(wanted=st.lists(wishes, min_size=1, max_size=5))
    def read_pages(self, wanted: list[Wish]) -> None:
        """Plan, and conclude later, as a feed run does."""
        self.planned.append(self._plan(wanted, RunKind.FEED))

    @precondition(lambda self: self.planned)
    @rule(notes=st.lists(notes, max_size=2))
    def conclude_later(self, notes: list[str]) -> None:
        self._note(notes)
        self.plans.release(self.planned.pop(0))

    @rule(wanted=st.lists(wishes, min_size=1, max_size=5), notes=st.lists(notes, max_size=2))
    def preview(self, wanted: list[Wish], notes: list[str]) -> None:
        run = self._plan(wanted, RunKind.FEED)
        self._note(notes)
        self.plans.propose(run)
        self.proposed.append(run)

    @precondition(lambda self: self.proposed)
    @rule()
    def approve(self) -> None:
        plan = self.proposed.pop(0)
        self.plans.adopt(plan, f"yes-{plan}")
        self.plans.release(f"yes-{plan}")

    @rule()
    def requeue(self) -> None:
        self.plans.requeue(*[row.change_id for row in self.plans.rows() if row.state is S.DEAD])

    # what workers do

    @rule(fates=st.lists(ends, min_size=3, max_size=3), meanwhile=st.none() | st.lists(wishes, max_size=3))
    def work(self, fates: list[str], meanwhile: list[Wish] | None) -> None:
        """Let each queue have its turn; a plan may be concluded while the target is called."""
        self._go_on()
        for queue in QUEUES:
            for envelope in self.plans.window(queue, most=2, size=2):
                token = str(envelope.envelope_id)
                jobs = self.plans.claim(*envelope.change_ids, token=token)
                if meanwhile:
                    self.plans.release(self._plan(meanwhile, RunKind.PERSON))
                settled = [end_of(job, fate) for job, fate in zip(jobs, fates, strict=False)]
                self.plans.settle(*[one for one in settled if one], token=token)

    # what time and operators do

    @rule()
    def time_passes(self) -> None:
        """Leases run out, waiting rows become due, and the sweeper looks."""
        self.clock.advance(SOON)
        self.plans.expire()
        self.plans.wake()
        with self.store.write() as tx:
            tx.changes.forget_rung(timedelta(0))

    @precondition(lambda self: self.writes)
    @rule()
    def stop(self) -> None:
        self.writes = False
        self.plans.move(TenantState.STOPPED)
        with self.store.write() as tx:
            tx.changes.park(ACME)

    # what must be true at any time

    @invariant()
    def rows_move_only_as_drawn(self) -> None:
        with self.store.read() as tx:
            moves = tx.session.connection.execute(text("SELECT old, new FROM moves")).all()
        drawn = {(old.value, new.value) for old, ways in TRANSITIONS.items() for new in ways}
        assert {tuple(move) for move in moves} <= drawn

    @invariant()
    def every_row_is_where_it_can_be(self) -> None:
        rows = self.plans.rows()
        still_open = [(row.person_id, row.aspect) for row in rows if row.state in OPEN]
        working = [row.person_id for row in rows if row.state is S.WORKING]
        assert len(still_open) == len(set(still_open))
        assert len(working) == len(set(working))
        assert all(row.blocked_on for row in rows if row.state is S.BLOCKED)
        assert all(row.due_at for row in rows if row.state is S.WAITING)
        assert all(row.why for row in rows if row.state is S.HELD)

    def drain(self) -> None:
        """With a good target and a sweeper, nothing that is due stays undone."""
        self._go_on()
        for run in self.planned:
            self.plans.release(run)
        for _ in range(40):
            if not self._undone():
                return
            self.time_passes()
            for queue in QUEUES:
                for envelope in self.plans.window(queue):
                    jobs = self.plans.claim(*envelope.change_ids, token="good")
                    self.plans.settle(*[done(job) for job in jobs], token="good")
        assert self._undone() == []

    def _undone(self) -> list[Change]:
        due = {S.PLANNED, S.RELEASED, S.WORKING, S.WAITING, S.PARKED}
        return [row for row in self.plans.rows() if row.state in due]

    def _go_on(self) -> None:
        if not self.writes:
            self.writes = True
            self.plans.move(TenantState.ACTIVE)
            with self.store.write() as tx:
                tx.changes.unpark(ACME)

    def _plan(self, wanted: list[Wish], kind: RunKind) -> str:
        self.runs += 1
        run = f"r{self.runs:03}"
        self.plans.plan(run, *wanted, kind=kind)
        return run

    def _note(self, notes: list[str]) -> None:
        """Do to planned rows what concluding does to them."""
        planned = [row for row in self.plans.rows() if row.state is S.PLANNED]
        for note, row in zip(notes, planned, strict=False):
            match note:
                case "hold":
                    self.plans.hold(row.change_id)
                case "contest":
                    self.plans.hold(row.change_id, why=Code.KEY_SHARED)
                case "wait":
                    self.plans.block(row.change_id, on_change(planned[-1].change_id))
                case "free":
                    self.plans.insert(row.run_id, free_name(row.person_id), on_link(PersonId("2")))
                case _:
                    with self.store.write() as tx:
                        tx.changes.turn_into_link(ACME, row.change_id, account())


def end_of(job: Job, fate: str) -> Settlement | None:
    """What the worker reports; one that crashes reports nothing."""
    change_id = job.change.change_id
    outcomes: dict[str, Settlement] = {
        "done": done(job),
        "already so": done(job, state=S.ALREADY_SO),
        "later": later(change_id),
        "maybe": later(change_id, intent=True),
        "refused": refused(change_id),
        "outdated": Outdated(change_id, Code.PLAN_STALE, "moved"),
        "returned": Returned(change_id),
    }
    return outcomes.get(fate)


TestRelay = Relay.TestCase
TestRelay.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_the_way_into_a_state_is_read_from_the_drawing() -> None:
    assert sources(S.HELD) == {state for state in S if S.HELD in TRANSITIONS[state]}
    assert sources(S.PLANNED) == {S.PROPOSED}
