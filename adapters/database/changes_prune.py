"""Forget what is over: first what rows said of people, much later rows and runs, a few at a time.

Two partial indexes keep each step short however long the history is: one over settled rows that still say
something, one over those that do not.
"""

from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    and_,
    delete,
    exists,
    or_,
    select,
    text,
    tuple_,
    update,
)

from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import touched
from adapters.database.tables_changes import CHANGES, EMPTIED, TELLING
from adapters.database.tables_runs import RUNS
from domain.changes import ChangeState
from domain.run import Phase

NOTHING = b""
"""What is sealed in a row whose values were forgotten."""


def forget_values(session: Session, older: timedelta, dead_older: timedelta, most: int) -> int:
    """Empty settled rows of all tenants; dead ones later, for they may be released again."""
    is_over = CHANGES.c.settled_at <= _before(session, older)
    is_dead = CHANGES.c.state == ChangeState.DEAD.value
    is_long_over = CHANGES.c.settled_at <= _before(session, dead_older)
    some = _oldest(text(TELLING), is_over, or_(~is_dead, is_long_over)).limit(most)
    emptied = update(CHANGES).where(CHANGES.c.change_id.in_(some)).values(sealed=NOTHING)
    return touched(session.connection, emptied)


def forget_rows(session: Session, older: timedelta, most: int) -> int:
    """Remove emptied rows of all tenants."""
    some = _oldest(text(EMPTIED), CHANGES.c.settled_at <= _before(session, older)).limit(most)
    return touched(session.connection, delete(CHANGES).where(CHANGES.c.change_id.in_(some)))


def forget_runs(session: Session, older: timedelta, most: int) -> int:
    """Remove ended runs without a row, and their pages; the newest of each tenant stays."""
    newer = RUNS.alias("newer")
    is_over = and_(RUNS.c.created_at <= _before(session, older), RUNS.c.phase == Phase.ENDED.value)
    has_rows = exists().where(CHANGES.c.tenant_id == RUNS.c.tenant_id, CHANGES.c.run_id == RUNS.c.run_id)
    is_not_the_newest = exists().where(
        newer.c.tenant_id == RUNS.c.tenant_id, newer.c.created_at > RUNS.c.created_at
    )
    some = (
        select(RUNS.c.tenant_id, RUNS.c.run_id)
        .where(is_over, ~has_rows, is_not_the_newest)
        .order_by(RUNS.c.created_at)
        .limit(most)
    )
    removed = delete(RUNS).where(tuple_(RUNS.c.tenant_id, RUNS.c.run_id).in_(some))
    return touched(session.connection, removed)


def _oldest(*where: ColumnElement[bool] | TextClause) -> Select[str]:
    return select(CHANGES.c.change_id).where(*where).order_by(CHANGES.c.settled_at)


def _before(session: Session, span: timedelta) -> int:
    return session.started_ms - span // MILLISECOND
