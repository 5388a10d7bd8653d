"""Tell PostgreSQL what a big plan has put into its tables, before the statements that join all of it.

It plans a statement by what it counted last, and counts anew only once a tenth of a table has changed. Where
it counted none, it believes that a join meets one row, and compares each of 20,000 with each of 20,000. That
is longer than any statement may take, so no try of the run would ever end. SQLite plans without counting.
"""

from collections.abc import Sequence

from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import DBAPIError

from adapters.database.changes_moves import within
from adapters.database.engine import sqlstate
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import LINKS, PEOPLE, TARGET_ACCOUNTS
from adapters.database.tables_cases import MATCH_KEYS
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.ids import RunId, TenantId

BIG = 500
"""Below so many rows even the worst order of a join is quick."""

PATIENCE_S = 10.0
PATIENCE = text("SELECT set_config('statement_timeout', :patience, true)")
USUAL = text("SET LOCAL statement_timeout TO DEFAULT")
JOINED: Sequence[str] = [each.name for each in (CHANGES, PEOPLE, LINKS, TARGET_ACCOUNTS, MATCH_KEYS)]
COUNT = text(f"ANALYZE (SKIP_LOCKED) {', '.join(JOINED)}")
"""A table that somebody else counts at this moment needs no second count."""

GAVE_UP = "57014"
WAITING_TO_GO = frozenset({ChangeState.PLANNED, ChangeState.PROPOSED})


def take_stock(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Let PostgreSQL count where a run has a big plan, once in a transaction."""
    if not _counts(session) or run_id in session.counted:
        return
    session.counted.add(run_id)
    if session.connection.execute(*_rows(tenant_id, run_id)).scalar_one() == BIG:
        count(session)


def count(session: Session, patience_s: float = PATIENCE_S) -> None:
    """Count, or leave it: that helps and is no condition, and a disk may be too slow for it."""
    if not _counts(session):
        return
    try:
        with session.connection.begin_nested():
            session.connection.execute(PATIENCE, {"patience": f"{patience_s * 1000:.0f}ms"})
            session.connection.execute(COUNT)
            session.connection.execute(USUAL)
    except DBAPIError as error:
        if sqlstate(error.orig) != GAVE_UP:
            raise


def _counts(session: Session) -> bool:
    return session.connection.dialect.name == "postgresql"


@built_once
def _rows(tenant_id: TenantId, run_id: RunId) -> Select[int]:
    """Count the run's rows that wait to go, but not further than matters."""
    here = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.run_id == run_id, within(CHANGES, WAITING_TO_GO))
    some = select(CHANGES.c.change_id).where(*here).limit(BIG).subquery()
    return select(func.count()).select_from(some)
