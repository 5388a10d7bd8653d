"""Runs, their turns and their pages. Every step is one compare-and-set on the run's row."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import desc, select

from adapters.database import runs_statements as statements
from adapters.database.changes_prune import forget_runs
from adapters.database.errors import PhaseRefusedError
from adapters.database.people import forget_newcomers
from adapters.database.readings import (
    absent_people,
    count_attributes,
    read_figures,
    read_reading,
    somebody_seen,
    was_read_since,
)
from adapters.database.runs_carried import sum_up
from adapters.database.runs_rows import first_row, page_row, run_of, text_of
from adapters.database.session import MILLISECOND, Session, millis, moment
from adapters.database.statements import Asked, insert_new, touched
from adapters.database.stock import take_stock
from adapters.database.tables_runs import PAGES, RUNS
from domain.attributes import Counted
from domain.codes import Code
from domain.feed import Reading
from domain.ids import ConfigVersion, PersonId, RunId, TenantId
from domain.news import RunBegan
from domain.records import NewRun, PageRecord
from domain.run import Figures, Outcome, Phase, Run, RunKind

PLANS = frozenset({RunKind.FEED, RunKind.PERSON, RunKind.UNDO})
"""Runs whose plan is of no use if they fail: an approval's rows were planned by another one."""


class SqlRuns:
    """Keep runs. A partial unique index allows one busy feed run per tenant."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, tenant_id: TenantId, run_id: RunId, new: NewRun, config: ConfigVersion) -> Run | None:
        """Insert a run; None if its slot exists, or another feed run of the tenant is busy."""
        row = first_row(self._session, tenant_id, run_id, new, config)
        added = touched(self._session.connection, insert_new(self._session.connection, RUNS), row)
        made = self.get(tenant_id, run_id) if added else None
        if made is not None:
            self._session.news.append(RunBegan(made))
        return made

    def get(self, tenant_id: TenantId, run_id: RunId) -> Run | None:
        """Return a run, or None."""
        return self._one(statements.run(tenant_id, run_id))

    def by_slot(self, tenant_id: TenantId, slot: str) -> Run | None:
        """Return the run of a slot, or None."""
        return self._one(statements.in_slot(tenant_id, slot))

    def reading_now(self, tenant_id: TenantId) -> Run | None:
        """Return the busy feed run of the tenant, if there is one."""
        return self._one(statements.busy_feed(tenant_id))

    def hungry(self, within: timedelta) -> int:
        """Count the tenants whose feed run reads and is due within so long; each has one at most."""
        return self._session.connection.scalar(*statements.hungry(self._in(within))) or 0

    def anybody_waits(self) -> bool:
        """Tell whether a busy run is due and nobody has its turn."""
        waits = statements.somebody_without_a_turn(self._session.started_ms)
        return self._session.connection.scalar(*waits) is not None

    def newest(self, tenant_id: TenantId | None, limit: int) -> Sequence[Run]:
        """List runs, newest first; None lists all tenants."""
        runs = select(RUNS).order_by(desc(RUNS.c.created_at), desc(RUNS.c.run_id)).limit(limit)
        if tenant_id is not None:
            runs = runs.where(RUNS.c.tenant_id == tenant_id)
        return [run_of(row) for row in self._session.connection.execute(runs)]

    def last_success(self, tenant_id: TenantId) -> datetime | None:
        """Tell when the newest complete run that went well ended."""
        ended = self._session.connection.scalar(*statements.successes(tenant_id))
        return None if ended is None else moment(ended)

    def take_turn(self, tenant_id: TenantId, run_id: RunId, token: str, lease: timedelta) -> Run | None:
        """Take the run's lease; one that ran out counts as a failed try: whoever held it is no more."""
        now = self._session.started_ms
        return self._one(statements.turn_taken(tenant_id, run_id, token, now, self._in(lease)))

    def keep_turn(self, tenant_id: TenantId, run_id: RunId, token: str, lease: timedelta) -> bool:
        """Renew the lease; False means it was lost. An expired one that nobody took is still ours."""
        return self._did(statements.turn_kept(tenant_id, run_id, token, self._in(lease)))

    def end_turn(
        self, tenant_id: TenantId, run_id: RunId, token: str, due_in: timedelta = timedelta(0)
    ) -> None:
        """Give the lease back; the sweeper rings again no earlier than after `due_in`."""
        self._did(statements.turn_ended(tenant_id, run_id, token, self._in(due_in)))

    def failed_once_more(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Count one more failed try of the present page and return how many there were."""
        return int(self._session.connection.execute(*statements.failure(tenant_id, run_id)).scalar_one())

    def learn_attributes(
        self, tenant_id: TenantId, run_id: RunId, universal: Mapping[str, str], blind: Sequence[str]
    ) -> None:
        """Remember universal ids, and mapped attributes that are not granted."""
        told = (text_of(dict(universal)), text_of(list(blind)))
        self._did(statements.attributes_learned(tenant_id, run_id, *told))

    def add_page(self, tenant_id: TenantId, run_id: RunId, page: PageRecord, asked_at: datetime) -> None:
        """Store a page and advance the run; a page that is there already changes nothing."""
        asked_ms, digest = millis(asked_at), self._page_digest(tenant_id, page.person_ids)
        row = page_row(tenant_id, run_id, page, digest, asked_ms)
        if touched(self._session.connection, insert_new(self._session.connection, PAGES), row):
            self._did(statements.page_read(tenant_id, run_id, page.next_cursor, asked_ms))

    def read_since(self, tenant_id: TenantId, person_id: PersonId, asked_at: datetime) -> bool:
        """Tell whether a page that was asked for later holds this person."""
        return was_read_since(self._session, tenant_id, person_id, millis(asked_at))

    def page_ids_seen(self, tenant_id: TenantId, run_id: RunId, person_ids: Sequence[PersonId]) -> bool:
        """Tell whether an earlier page of this run consisted of exactly these people, in any order."""
        digest = self._page_digest(tenant_id, person_ids)
        same = statements.page_of_the_same(tenant_id, run_id, digest)
        return self._session.connection.scalar(*same) is not None

    def reading(self, tenant_id: TenantId, run_id: RunId) -> Reading:
        """Count the pages, the distinct people, and how many of the people known before came again."""
        return read_reading(self._session, tenant_id, run_id)

    def counted(self, tenant_id: TenantId, run_id: RunId) -> Counted:
        """Add up on how many records of this run each attribute was, and how many said something."""
        return count_attributes(self._session, tenant_id, run_id)

    def absent(self, tenant_id: TenantId, run_id: RunId) -> Sequence[PersonId]:
        """List people with an open account who are on no page of this run."""
        return absent_people(self._session, tenant_id, run_id)

    def control(self, tenant_id: TenantId, run_id: RunId) -> PersonId | None:
        """Return somebody who is on the first page."""
        return somebody_seen(self._session, tenant_id, run_id)

    def set_cursor(self, tenant_id: TenantId, run_id: RunId, cursor: str | None) -> None:
        """Remember where listing goes on; failed tries belonged to the page before."""
        self._did(statements.cursor_set(tenant_id, run_id, cursor))

    def certify(self, tenant_id: TenantId, run_id: RunId, certificate: str) -> None:
        """Remember the verdict over the reading, in words."""
        self._did(statements.certified(tenant_id, run_id, certificate))

    def enter(self, tenant_id: TenantId, run_id: RunId, phase: Phase) -> None:
        """Go to another phase from one that leads there; raises `PhaseRefusedError` otherwise.

        Listing begins at the first page of the target, so it forgets where reading the source had ended.
        """
        if not self._did(statements.entered(tenant_id, run_id, self._session.started_ms, phase=phase)):
            run = self.get(tenant_id, run_id)
            here = f"it is in {run.phase}" if run else "there is no such run"
            raise PhaseRefusedError(f"run {run_id} cannot enter {phase}: {here}")
        if phase is Phase.CONCLUDING:
            take_stock(self._session, tenant_id, run_id)

    def end(
        self, tenant_id: TenantId, run_id: RunId, outcome: Outcome, code: Code | None = None, detail: str = ""
    ) -> bool:
        """End a run once; one that failed before it applied anything drops its planned rows."""
        now = self._session.started_ms
        carried = sum_up(self._session, tenant_id, run_id) if outcome is not Outcome.FAILED else None
        ended = statements.ended(tenant_id, run_id, outcome.value, code, detail, carried, now)
        kind = self._session.connection.scalar(*ended)
        if kind in PLANS and outcome is Outcome.FAILED:
            self._did(statements.plan_dropped(tenant_id, run_id, code, now))
            forget_newcomers(self._session, tenant_id, run_id)
        return kind is not None

    def figures(self, tenant_id: TenantId, run_id: RunId) -> Figures:
        """Group the run's rows and pages into counts."""
        return read_figures(self._session, tenant_id, run_id)

    def add_requests(self, tenant_id: TenantId, run_id: RunId, source: int, target: int) -> None:
        """Add to the counts of requests sent to each side."""
        self._did(statements.requests_added(tenant_id, run_id, source, target))

    def overdue(self) -> Sequence[tuple[TenantId, RunId]]:
        """List busy runs whose turn is free and due: the doorbell was lost."""
        return self._ids(statements.without_a_turn(self._session.started_ms))

    def forget(self, older: timedelta, most: int) -> int:
        """Remove ended runs of all tenants without a row, the oldest first."""
        return forget_runs(self._session, older, most)

    def finished(self) -> Sequence[tuple[TenantId, RunId]]:
        """List applying runs without a row that keeps a run going; parked rows do not."""
        return self._ids(statements.without_a_row())

    def _one(self, asked: Asked) -> Run | None:
        row = self._session.connection.execute(*asked).one_or_none()
        return run_of(row) if row else None

    def _ids(self, asked: Asked) -> Sequence[tuple[TenantId, RunId]]:
        rows = self._session.connection.execute(*asked)
        return [(TenantId(tenant_id), RunId(run_id)) for tenant_id, run_id in rows]

    def _did(self, asked: Asked) -> bool:
        return touched(self._session.connection, *asked) > 0

    def _in(self, span: timedelta) -> int:
        return self._session.started_ms + span // MILLISECOND

    def _page_digest(self, tenant_id: TenantId, person_ids: Sequence[PersonId]) -> bytes:
        return self._session.digest(tenant_id, "page", text_of(sorted(person_ids)))
