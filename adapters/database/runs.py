"""Runs, their turns and their pages. Every step is one compare-and-set on the run's row."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    Update,
    and_,
    bindparam,
    case,
    desc,
    exists,
    func,
    or_,
    select,
    update,
)

from adapters.database.changes_moves import within
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
from adapters.database.session import Session, millis, moment
from adapters.database.statements import insert_into, touched
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_runs import BUSY_FEED, PAGES, RUNS, UNDER_WAY
from domain.attributes import Counted
from domain.changes import KEEPS_RUN_GOING, ChangeState
from domain.codes import Code
from domain.feed import Reading
from domain.ids import ConfigVersion, PersonId, RunId, TenantId
from domain.records import NewRun, PageRecord
from domain.run import NEXT_PHASES, WENT_WELL, Figures, Outcome, Phase, Run, RunKind

BUSY = (Phase.READING.value, Phase.LISTING.value, Phase.CONCLUDING.value)
"""Phases in which a run needs turns."""

MILLISECOND = timedelta(milliseconds=1)


class SqlRuns:
    """Keep runs. A partial unique index allows one busy feed run per tenant."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, tenant_id: TenantId, run_id: RunId, new: NewRun, config: ConfigVersion) -> Run | None:
        """Insert a run; None if its slot exists, or another feed run of the tenant is busy."""
        insert = insert_into(self._session.connection, RUNS).on_conflict_do_nothing()
        row = first_row(self._session, tenant_id, run_id, new, config)
        added = touched(self._session.connection, insert, row)
        return self.get(tenant_id, run_id) if added else None

    def get(self, tenant_id: TenantId, run_id: RunId) -> Run | None:
        """Return a run, or None."""
        row = self._session.connection.execute(_run(), {"tenant": tenant_id, "run": run_id}).one_or_none()
        return run_of(row) if row else None

    def by_slot(self, tenant_id: TenantId, slot: str) -> Run | None:
        """Return the run of a slot, or None."""
        return self._one(RUNS.c.tenant_id == tenant_id, RUNS.c.slot == slot)

    def reading_now(self, tenant_id: TenantId) -> Run | None:
        """Return the busy feed run of the tenant, if there is one."""
        return self._one(RUNS.c.tenant_id == tenant_id, BUSY_FEED)

    def newest(self, tenant_id: TenantId | None, limit: int) -> Sequence[Run]:
        """List runs, newest first; None lists all tenants."""
        runs = select(RUNS).order_by(desc(RUNS.c.created_at), desc(RUNS.c.run_id)).limit(limit)
        if tenant_id is not None:
            runs = runs.where(RUNS.c.tenant_id == tenant_id)
        return [run_of(row) for row in self._session.connection.execute(runs)]

    def last_success(self, tenant_id: TenantId) -> datetime | None:
        """Tell when the newest complete run that went well ended."""
        asked = select(RUNS.c.ended_at).where(
            RUNS.c.tenant_id == tenant_id,
            RUNS.c.kind == RunKind.FEED.value,
            RUNS.c.plan_only.is_(False),
            RUNS.c.outcome.in_(sorted(WENT_WELL)),
        )
        ended = self._session.connection.scalar(asked.order_by(desc(RUNS.c.created_at)).limit(1))
        return None if ended is None else moment(ended)

    def take_turn(self, tenant_id: TenantId, run_id: RunId, token: str, lease: timedelta) -> Run | None:
        """Take the run's lease; one that ran out counts as a failed try: whoever held it is no more."""
        mine = or_(self._turn_is_free(), RUNS.c.lease_token == token)
        left = case((RUNS.c.lease_token.is_not(None), 1), else_=0)
        taken = (
            update(RUNS)
            .where(*_here(tenant_id, run_id), RUNS.c.phase.in_(BUSY), mine)
            .values(lease_token=token, lease_until=self._in(lease), tries=RUNS.c.tries + left)
            .returning(RUNS)
        )
        row = self._session.connection.execute(taken).one_or_none()
        return run_of(row) if row else None

    def keep_turn(self, tenant_id: TenantId, run_id: RunId, token: str, lease: timedelta) -> bool:
        """Renew the lease; False means it was lost. An expired one that nobody took is still ours."""
        held = (*_here(tenant_id, run_id), RUNS.c.lease_token == token)
        return self._did(update(RUNS).where(*held).values(lease_until=self._in(lease)))

    def end_turn(
        self, tenant_id: TenantId, run_id: RunId, token: str, due_in: timedelta = timedelta(0)
    ) -> None:
        """Give the lease back; the sweeper rings again no earlier than after `due_in`."""
        held = (*_here(tenant_id, run_id), RUNS.c.lease_token == token)
        self._did(
            update(RUNS).where(*held).values(lease_token=None, lease_until=None, due_at=self._in(due_in))
        )

    def failed_once_more(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Count one more failed try of the present page and return how many there were."""
        counted = update(RUNS).where(*_here(tenant_id, run_id)).values(tries=RUNS.c.tries + 1)
        return int(self._session.connection.execute(counted.returning(RUNS.c.tries)).scalar_one())

    def learn_attributes(
        self, tenant_id: TenantId, run_id: RunId, universal: Mapping[str, str], blind: Sequence[str]
    ) -> None:
        """Remember universal ids, and mapped attributes that are not granted."""
        self._set(tenant_id, run_id, universal=text_of(dict(universal)), blind=text_of(list(blind)))

    def add_page(self, tenant_id: TenantId, run_id: RunId, page: PageRecord, asked_at: datetime) -> None:
        """Store a page and advance the run; a page that is there already changes nothing."""
        asked_ms, digest = millis(asked_at), self._page_digest(tenant_id, page.person_ids)
        insert = insert_into(self._session.connection, PAGES).on_conflict_do_nothing()
        row = page_row(tenant_id, run_id, page, digest, asked_ms)
        if not touched(self._session.connection, insert, row):
            return
        self._set(
            tenant_id,
            run_id,
            cursor=page.next_cursor,
            pages=RUNS.c.pages + 1,
            tries=0,
            first_page_asked_at=func.coalesce(RUNS.c.first_page_asked_at, asked_ms),
        )

    def read_since(self, tenant_id: TenantId, person_id: PersonId, asked_at: datetime) -> bool:
        """Tell whether a page that was asked for later holds this person."""
        return was_read_since(self._session, tenant_id, person_id, millis(asked_at))

    def page_ids_seen(self, tenant_id: TenantId, run_id: RunId, person_ids: Sequence[PersonId]) -> bool:
        """Tell whether an earlier page of this run consisted of exactly these people, in any order."""
        same = exists().where(
            PAGES.c.tenant_id == tenant_id,
            PAGES.c.run_id == run_id,
            PAGES.c.ids_digest == self._page_digest(tenant_id, person_ids),
        )
        return bool(self._session.connection.scalar(select(same)))

    def reading(self, tenant_id: TenantId, run_id: RunId) -> Reading:
        """Count the pages, the distinct people, and how many of the people known before came again."""
        return read_reading(self._session, tenant_id, run_id)

    def counted(self, tenant_id: TenantId, run_id: RunId) -> Counted:
        """Add up on how many records of this run each attribute was, and how many said something."""
        return count_attributes(self._session, tenant_id, run_id)

    def absent(self, tenant_id: TenantId, run_id: RunId, most: int) -> Sequence[PersonId]:
        """List people with an open account who are on no page of this run."""
        return absent_people(self._session, tenant_id, run_id, most)

    def control(self, tenant_id: TenantId, run_id: RunId) -> PersonId | None:
        """Return somebody who is on the first page."""
        return somebody_seen(self._session, tenant_id, run_id)

    def set_cursor(self, tenant_id: TenantId, run_id: RunId, cursor: str | None) -> None:
        """Remember where listing goes on; failed tries belonged to the page before."""
        self._set(tenant_id, run_id, cursor=cursor, tries=0)

    def certify(self, tenant_id: TenantId, run_id: RunId, certificate: str) -> None:
        """Remember the verdict over the reading, in words."""
        self._set(tenant_id, run_id, certificate=certificate)

    def enter(self, tenant_id: TenantId, run_id: RunId, phase: Phase) -> None:
        """Go to another phase from one that leads there; raises `PhaseRefusedError` otherwise.

        Listing begins at the first page of the target, so it forgets where reading the source had ended.
        """
        news: dict[str, object] = {"phase": phase.value, "tries": 0, "due_at": self._session.started_ms}
        news |= {"cursor": None} if phase is Phase.LISTING else {}
        news |= {"ended_at": self._session.started_ms} if phase is Phase.ENDED else {}
        before = [earlier.value for earlier, later in NEXT_PHASES.items() if phase in later]
        allowed = (*_here(tenant_id, run_id), RUNS.c.phase.in_(before))
        if not self._did(update(RUNS).where(*allowed).values(news)):
            run = self.get(tenant_id, run_id)
            here = f"it is in {run.phase}" if run else "there is no such run"
            raise PhaseRefusedError(f"run {run_id} cannot enter {phase}: {here}")

    def end(
        self, tenant_id: TenantId, run_id: RunId, outcome: Outcome, code: Code | None = None, detail: str = ""
    ) -> None:
        """End a run once; one that failed before it applied anything drops its planned rows."""
        now = self._session.started_ms
        carried = sum_up(self._session, tenant_id, run_id) if outcome is not Outcome.FAILED else None
        ended = (
            update(RUNS)
            .where(*_here(tenant_id, run_id), RUNS.c.phase != Phase.ENDED.value)
            .values(phase=Phase.ENDED.value, outcome=outcome.value, code=code, detail=detail, ended_at=now)
            .values(lease_token=None, lease_until=None, carried=carried)
            .returning(RUNS.c.kind)
        )
        kind = self._session.connection.scalar(ended)
        if kind in {RunKind.FEED, RunKind.PERSON, RunKind.UNDO} and outcome is Outcome.FAILED:
            self._drop_plan(tenant_id, run_id, code)
            forget_newcomers(self._session, tenant_id, run_id)

    def figures(self, tenant_id: TenantId, run_id: RunId) -> Figures:
        """Group the run's rows and pages into counts."""
        return read_figures(self._session, tenant_id, run_id)

    def add_requests(self, tenant_id: TenantId, run_id: RunId, source: int, target: int) -> None:
        """Add to the counts of requests sent to each side."""
        given = {"tenant": tenant_id, "run": run_id, "source": source, "target": target}
        self._session.connection.execute(_requests(), given)

    def overdue(self) -> Sequence[tuple[TenantId, RunId]]:
        """List busy runs whose turn is free and due: the doorbell was lost."""
        due = and_(RUNS.c.phase.in_(BUSY), self._turn_is_free(), RUNS.c.due_at <= self._session.started_ms)
        return self._ids(due)

    def forget(self, older: timedelta, most: int) -> int:
        """Remove ended runs of all tenants without a row, the oldest first."""
        return forget_runs(self._session, older, most)

    def finished(self) -> Sequence[tuple[TenantId, RunId]]:
        """List applying runs without a row that keeps a run going; parked rows do not."""
        going = exists().where(
            CHANGES.c.tenant_id == RUNS.c.tenant_id,
            CHANGES.c.run_id == RUNS.c.run_id,
            within(CHANGES, KEEPS_RUN_GOING),
        )
        return self._ids(and_(RUNS.c.phase == Phase.APPLYING.value, ~going))

    def _drop_plan(self, tenant_id: TenantId, run_id: RunId, code: Code | None) -> None:
        planned = (
            CHANGES.c.tenant_id == tenant_id,
            CHANGES.c.run_id == run_id,
            CHANGES.c.state == ChangeState.PLANNED.value,
        )
        settled = {"state": ChangeState.DROPPED.value, "why": code, "settled_at": self._session.started_ms}
        self._did(update(CHANGES).where(*planned).values(settled))

    def _one(self, *where: ColumnElement[bool] | TextClause) -> Run | None:
        row = self._session.connection.execute(select(RUNS).where(*where)).one_or_none()
        return run_of(row) if row else None

    def _ids(self, where: ColumnElement[bool]) -> Sequence[tuple[TenantId, RunId]]:
        runs = select(RUNS.c.tenant_id, RUNS.c.run_id).where(UNDER_WAY, where)
        rows = self._session.connection.execute(runs.order_by(RUNS.c.created_at, RUNS.c.run_id))
        return [(TenantId(tenant_id), RunId(run_id)) for tenant_id, run_id in rows]

    def _set(self, tenant_id: TenantId, run_id: RunId, **values: object) -> None:
        self._did(update(RUNS).where(*_here(tenant_id, run_id)).values(values))

    def _did(self, statement: Update) -> bool:
        return touched(self._session.connection, statement) > 0

    def _in(self, span: timedelta) -> int:
        return self._session.started_ms + span // MILLISECOND

    def _turn_is_free(self) -> ColumnElement[bool]:
        return or_(RUNS.c.lease_token.is_(None), RUNS.c.lease_until <= self._session.started_ms)

    def _page_digest(self, tenant_id: TenantId, person_ids: Sequence[PersonId]) -> bytes:
        return self._session.digest(tenant_id, "page", text_of(sorted(person_ids)))


@cache
def _run() -> Select[*tuple[Any, ...]]:
    return select(RUNS).where(RUNS.c.tenant_id == bindparam("tenant"), RUNS.c.run_id == bindparam("run"))


@cache
def _requests() -> Update:
    here = (RUNS.c.tenant_id == bindparam("tenant"), RUNS.c.run_id == bindparam("run"))
    more = {name: RUNS.c[f"{name}_requests"] + bindparam(name) for name in ("source", "target")}
    return update(RUNS).where(*here).values({f"{name}_requests": sum_ for name, sum_ in more.items()})


def _here(tenant_id: TenantId, run_id: RunId) -> tuple[ColumnElement[bool], ...]:
    return RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id
