"""What a run's pages and rows add up to, counted by the database, so that memory stays flat."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, FromClause, Select, cast, exists, func, select, true

from adapters.database.doubts import perhaps_open
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import LINKS, PEOPLE
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_runs import PAGES, RUNS
from domain.attributes import Counted, Fill
from domain.changes import ChangeState
from domain.feed import PageMark, Reading
from domain.ids import PersonId, RunId, TenantId
from domain.run import Carried, Figures

DONE = (ChangeState.APPLIED,)
ASKING = (
    ChangeState.HELD,
    ChangeState.BLOCKED,
    ChangeState.DEAD,
    ChangeState.STALE,
    ChangeState.WAITING,
)
"""States of rows whose reason a human wants to see counted."""


def read_reading(session: Session, tenant_id: TenantId, run_id: RunId) -> Reading:
    """Count pages, distinct people, and how many of those first seen in an earlier run came again."""
    dialect = session.connection.dialect.name
    rows = session.connection.execute(*_marks(tenant_id, run_id)).all()
    known = session.connection.execute(*_known_before(tenant_id, run_id)).scalar_one()
    again = session.connection.execute(*_known_who_came(tenant_id, run_id, dialect=dialect)).scalar_one()
    return Reading(
        pages=[PageMark(*row[:4]) for row in rows if row.again_of is None],
        distinct=count_people(session, tenant_id, run_id),
        known=known,
        found_again=again,
        again=[PageMark(*row[:4]) for row in rows if row.again_of is not None],
    )


def count_attributes(session: Session, tenant_id: TenantId, run_id: RunId) -> Counted:
    """Add up what the pages of a run counted of each attribute; a second look counts nobody twice."""
    people, present, filled = 0, Counter[str](), Counter[str]()
    for page in session.connection.execute(*_fills(tenant_id, run_id)):
        people += page.received
        for key, (here, saying) in json.loads(page.fills).items():
            present[key] += here
            filled[key] += saying
    return Counted(people, {key: Fill(number, filled[key]) for key, number in present.items()})


def people_on_pages(dialect: str, tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    """Select the ids of everybody on a page of a run."""
    ids = unfolded_ids(dialect)
    return select(ids.c.value).select_from(PAGES).join(ids, true()).where(*pages_of(tenant_id, run_id))


def absent_people(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[PersonId]:
    """List people with an account that is or may be open, who are on no page of a run, by id."""
    dialect = session.connection.dialect.name
    found = session.connection.scalars(*_absent(tenant_id, run_id, dialect=dialect))
    return [PersonId(person_id) for person_id in found]


def was_read_since(session: Session, tenant_id: TenantId, person_id: PersonId, asked_ms: int) -> bool:
    """Look through the pages that were asked for later than this; there are hardly ever any."""
    later = session.connection.scalars(*_later_pages(tenant_id, asked_ms))
    return any(person_id in json.loads(ids) for ids in later)


def somebody_seen(session: Session, tenant_id: TenantId, run_id: RunId) -> PersonId | None:
    """Return one person of a run's first page, to be asked for as a control."""
    page = session.connection.scalar(*_first_page(tenant_id, run_id))
    ids = json.loads(page) if page else []
    return PersonId(str(ids[0])) if ids else None


def count_people(session: Session, tenant_id: TenantId, run_id: RunId) -> int:
    """Count the distinct people on all pages of a run."""
    dialect = session.connection.dialect.name
    return session.connection.execute(*_how_many_came(tenant_id, run_id, dialect=dialect)).scalar_one()


def read_figures(session: Session, tenant_id: TenantId, run_id: RunId) -> Figures:
    """Group the run's rows, and add up its pages."""
    rows = session.connection.execute(*_grouped(tenant_id, run_id)).all()
    told = session.connection.execute(*_counts(tenant_id, run_id))
    pages = unchanged = 0
    skipped: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    for page in told:
        pages, unchanged = pages + 1, unchanged + page.unchanged
        skipped.update(json.loads(page.skipped))
        warnings.update(json.loads(page.warnings))
    source, target, carried = _kept(session, tenant_id, run_id)
    return Figures(
        people=count_people(session, tenant_id, run_id),
        pages=pages,
        unchanged=unchanged,
        actions=_sum((row.action, row.n) for row in rows if row.state in DONE),
        states=_sum((row.state, row.n) for row in rows),
        skipped=dict(skipped),
        whys=_sum((row.why, row.n) for row in rows if row.why and row.state in ASKING),
        warnings=dict(warnings),
        source_requests=source,
        target_requests=target,
        carried=_carried(carried),
    )


@built_once
def _marks(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    columns = (PAGES.c.number, PAGES.c.received, PAGES.c.total, PAGES.c.telling, PAGES.c.again_of)
    return select(*columns).where(*pages_of(tenant_id, run_id)).order_by(PAGES.c.number)


@built_once
def _fills(tenant_id: TenantId, run_id: RunId) -> Select[int, str]:
    here = (*pages_of(tenant_id, run_id), PAGES.c.again_of.is_(None))
    return select(PAGES.c.received, PAGES.c.fills).where(*here)


@built_once
def _counts(tenant_id: TenantId, run_id: RunId) -> Select[int, str, str]:
    return select(PAGES.c.unchanged, PAGES.c.skipped, PAGES.c.warnings).where(*pages_of(tenant_id, run_id))


@built_once
def _later_pages(tenant_id: TenantId, asked_ms: int) -> Select[str]:
    return select(PAGES.c.ids).where(PAGES.c.tenant_id == tenant_id, PAGES.c.asked_at > asked_ms)


@built_once
def _first_page(tenant_id: TenantId, run_id: RunId) -> Select[str]:
    return select(PAGES.c.ids).where(*pages_of(tenant_id, run_id)).order_by(PAGES.c.number).limit(1)


@built_once
def _how_many_came(tenant_id: TenantId, run_id: RunId, *, dialect: str) -> Select[int]:
    ids = unfolded_ids(dialect)
    distinct = func.count(ids.c.value.distinct())
    return select(distinct).select_from(PAGES).join(ids, true()).where(*pages_of(tenant_id, run_id))


@built_once
def _absent(tenant_id: TenantId, run_id: RunId, *, dialect: str) -> Select[str]:
    came = people_on_pages(dialect, tenant_id, run_id)
    here = (LINKS.c.tenant_id == tenant_id, perhaps_open(), LINKS.c.person_id.not_in(came))
    return select(LINKS.c.person_id).where(*here).order_by(LINKS.c.person_id)


@built_once
def _grouped(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    columns = (CHANGES.c.state, CHANGES.c.action, CHANGES.c.why)
    mine = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.run_id == run_id)
    return select(*columns, func.count().label("n")).where(*mine).group_by(*columns)


def _kept(session: Session, tenant_id: TenantId, run_id: RunId) -> tuple[int, int, str | None]:
    """Read what the run itself keeps: its requests, and what it carried."""
    row = session.connection.execute(*_kept_by(tenant_id, run_id)).one_or_none()
    return (row[0], row[1], row[2]) if row else (0, 0, None)


def _carried(stored: str | None) -> Carried | None:
    """Read what was written down; None for a run that has not ended."""
    if stored is None:
        return None
    told: dict[str, Any] = json.loads(stored)
    return Carried(people=told["people"], states=told["states"], whys=told["whys"])


@built_once
def _kept_by(tenant_id: TenantId, run_id: RunId) -> Select[int, int, str | None]:
    here = (RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)
    return select(RUNS.c.source_requests, RUNS.c.target_requests, RUNS.c.carried).where(*here)


def _sum(counts: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for name, number in counts:
        total[name] += number
    return dict(total)


def pages_of(tenant_id: TenantId, run_id: RunId) -> tuple[ColumnElement[bool], ...]:
    """Say that a page belongs to a run."""
    return PAGES.c.tenant_id == tenant_id, PAGES.c.run_id == run_id


@built_once
def _known_before(tenant_id: TenantId, run_id: RunId) -> Select[int]:
    return select(func.count()).select_from(PEOPLE).where(*_expected(tenant_id, run_id))


@built_once
def _known_who_came(tenant_id: TenantId, run_id: RunId, *, dialect: str) -> Select[int]:
    came = PEOPLE.c.person_id.in_(people_on_pages(dialect, tenant_id, run_id))
    return select(func.count()).select_from(PEOPLE).where(*_expected(tenant_id, run_id), came)


def _expected(tenant_id: TenantId, run_id: RunId) -> tuple[ColumnElement[bool], ...]:
    """Choose people whom another run saw first, before this one began.

    People whose account was closed may be erased in Personio one day; their absence is no sign of a bad feed.
    """
    closed = (
        LINKS.c.tenant_id == PEOPLE.c.tenant_id,
        LINKS.c.person_id == PEOPLE.c.person_id,
        ~perhaps_open(),
    )
    began = select(RUNS.c.created_at).where(RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)
    return (
        PEOPLE.c.tenant_id == tenant_id,
        PEOPLE.c.first_run_id != run_id,
        PEOPLE.c.first_asked_at <= began.scalar_subquery(),
        ~exists().where(*closed),
    )


def unfolded_ids(dialect: str) -> FromClause:
    """Unfold each page's JSON list of ids into rows with one column, `value`."""
    if dialect == "postgresql":
        unfolded = func.json_array_elements_text(cast(PAGES.c.ids, JSON))
        return unfolded.table_valued("value", name="ids").render_derived().lateral()
    return func.json_each(PAGES.c.ids).table_valued("value", name="ids")
