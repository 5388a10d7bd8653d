"""The second look at a feed that moved while it was read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, true, update

from adapters.database.readings import pages_of, people_on_pages, unfolded_ids
from adapters.database.runs_rows import page_row, text_of
from adapters.database.session import Session, millis
from adapters.database.statements import built_once
from adapters.database.tables_runs import PAGES, RUNS
from domain.ids import PersonId, RunId, TenantId
from domain.records import PageRecord


class SqlReadings:
    """Keep pages that were read twice; each names the page of the first look that it is about."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def repeated(self, tenant_id: TenantId, run_id: RunId, most: int) -> Sequence[int]:
        """List pages that hold somebody of an earlier page."""
        ids = unfolded_ids(self._session.connection.dialect.name)
        latest = (
            select(func.max(PAGES.c.number).label("number"))
            .select_from(PAGES)
            .join(ids, true())
            .where(*pages_of(tenant_id, run_id), PAGES.c.again_of.is_(None))
            .group_by(ids.c.value)
            .having(func.count(PAGES.c.number.distinct()) > 1)
            .subquery()
        )
        asked = select(latest.c.number).distinct().order_by(latest.c.number).limit(most)
        return list(self._session.connection.scalars(asked))

    def read_again(self, tenant_id: TenantId, run_id: RunId) -> frozenset[int]:
        """Tell which pages were read a second time already."""
        found = self._session.connection.scalars(*_again(tenant_id, run_id))
        return frozenset(number for number in found if number is not None)

    def cursor_of(self, tenant_id: TenantId, run_id: RunId, number: int) -> str | None:
        """Return the cursor that the page before handed out."""
        before = (*pages_of(tenant_id, run_id), PAGES.c.again_of.is_(None), PAGES.c.number == number - 1)
        return self._session.connection.scalar(select(PAGES.c.next_cursor).where(*before))

    def on_pages(self, tenant_id: TenantId, run_id: RunId, people: Sequence[PersonId]) -> frozenset[PersonId]:
        """Tell who of these people is on a page of this run already."""
        came = people_on_pages(self._session.connection.dialect.name, tenant_id, run_id)
        column = came.selected_columns[0]
        found = self._session.connection.scalars(came.where(column.in_(people)).distinct())
        return frozenset(PersonId(str(person_id)) for person_id in found)

    def add_again(
        self, tenant_id: TenantId, run_id: RunId, number: int, page: PageRecord, asked_at: datetime
    ) -> None:
        """Store the second look at a page behind all other pages of the run."""
        if number in self.read_again(tenant_id, run_id):
            return
        digest = self._session.digest(tenant_id, "page", text_of(sorted(page.person_ids)))
        last = self._session.connection.scalar(
            select(func.max(PAGES.c.number)).where(*pages_of(tenant_id, run_id))
        )
        row = page_row(tenant_id, run_id, page, digest, millis(asked_at))
        behind = {"number": 0 if last is None else last + 1, "again_of": number}
        self._session.connection.execute(PAGES.insert(), {**row, **behind})
        here = (RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)
        self._session.connection.execute(update(RUNS).where(*here).values(tries=0))


@built_once
def _again(tenant_id: TenantId, run_id: RunId) -> Select[int | None]:
    return select(PAGES.c.again_of).where(*pages_of(tenant_id, run_id), PAGES.c.again_of.is_not(None))
