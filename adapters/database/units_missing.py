"""How many people of a unit went missing together: who is awaited, and leavers whose records went too."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, desc, exists, func, or_, select, true

from adapters.database.changes_rows import AnyRow
from adapters.database.readings import unfolded_ids
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables_absences import ABSENCES, UNITS_OF_PEOPLE
from adapters.database.tables_runs import PAGES, RUNS
from domain.ids import PersonId, TenantId
from domain.run import RunKind


def count_missing(
    session: Session, tenant_id: TenantId, name: str, mark: bytes, rows: Sequence[AnyRow]
) -> int:
    """Count the people of a unit, of whom none came, who went missing with those to be closed, or later.

    Nobody waits for leavers, and since when one is missing is written down nowhere; but their records stay in
    Personio's list, so the last reading that told of the first of those to be closed told of them too.
    """
    first = min(rows, key=lambda row: (row.since, row.person_id))
    dialect = session.connection.dialect.name
    began = session.connection.scalar(*_last_seen(tenant_id, first.person_id, first.since, dialect=dialect))
    # who is in no certified feed yet vanishes alone, but for whom later runs told of
    lately = first.since if began is None else began
    asked = _together(tenant_id, mark, first.since, lately, name=name, dialect=dialect)
    return session.connection.execute(*asked).scalar_one()


@built_once
def _last_seen(tenant_id: TenantId, person_id: PersonId, since: int, *, dialect: str) -> Select[int]:
    """Select when the newest certified feed before this moment began that tells of somebody."""
    ids = unfolded_ids(dialect)
    told = select(ids.c.value).select_from(PAGES).join(ids, true())
    here = (PAGES.c.tenant_id == RUNS.c.tenant_id, PAGES.c.run_id == RUNS.c.run_id)
    asked = select(RUNS.c.created_at).where(
        RUNS.c.tenant_id == tenant_id,
        RUNS.c.kind == RunKind.FEED.value,
        RUNS.c.certificate.like("certified%"),
        func.coalesce(RUNS.c.first_page_asked_at, RUNS.c.created_at) < since,
        exists(told.where(*here, ids.c.value == person_id).correlate(RUNS)),
    )
    return asked.order_by(desc(RUNS.c.created_at)).limit(1)


@built_once
def _together(
    tenant_id: TenantId, mark: bytes, since: int, lately: int, *, name: str, dialect: str
) -> Select[int]:
    """Count the people of a unit who are missing since then, or whom a run told of lately."""
    awaited = (
        ABSENCES.c.tenant_id == UNITS_OF_PEOPLE.c.tenant_id,
        ABSENCES.c.person_id == UNITS_OF_PEOPLE.c.person_id,
        ABSENCES.c.since >= since,
    )
    return (
        select(func.count())
        .select_from(UNITS_OF_PEOPLE)
        .where(
            UNITS_OF_PEOPLE.c.tenant_id == tenant_id,
            UNITS_OF_PEOPLE.c[name] == mark,
            or_(exists().where(*awaited), _was_told(tenant_id, lately, dialect)),
        )
    )


def _was_told(tenant_id: TenantId, lately: int, dialect: str) -> ColumnElement[bool]:
    """Say that a run that began then, or later, told of somebody."""
    ids = unfolded_ids(dialect)
    runs: Select[Any] = select(RUNS.c.run_id).where(
        RUNS.c.tenant_id == tenant_id, RUNS.c.created_at >= lately
    )
    came = select(ids.c.value).select_from(PAGES).join(ids, true())
    return UNITS_OF_PEOPLE.c.person_id.in_(
        came.where(PAGES.c.tenant_id == tenant_id, PAGES.c.run_id.in_(runs))
    )
