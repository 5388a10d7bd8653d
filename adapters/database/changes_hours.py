"""Let rows wait for the hours in which their tenant writes by itself."""

from datetime import datetime

from sqlalchemy import ColumnElement, Update, case, exists, func, or_, update

from adapters.database.changes_moves import DUE_NOW, UNRUNG, into, tenants_turn, within
from adapters.database.session import Session, millis
from adapters.database.statements import built_once, one_of
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_runs import RUNS
from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import TenantId
from domain.run import BY_ITSELF

RELEASED = frozenset({ChangeState.RELEASED})
WAITING = frozenset({ChangeState.WAITING})
RESTS = CHANGES.c.why == Code.APPLY_HOURS.value


def keep_hours(session: Session, tenant_id: TenantId, opens_at: datetime | None) -> None:
    """Let rows rest until the hours open; what a human asked for does not rest, and None lets all go."""
    tenants_turn(session, tenant_id)
    if opens_at is None:
        session.connection.execute(*_awake(tenant_id))
        return
    session.connection.execute(*_awake_if_asked_for(tenant_id))
    session.connection.execute(*_rest(tenant_id, millis(opens_at)))
    session.connection.execute(*_rest_longer(tenant_id, millis(opens_at)))


@built_once
def _awake(tenant_id: TenantId) -> Update:
    return into(tenant_id, ChangeState.RELEASED, WAITING).where(RESTS).values(**DUE_NOW)


@built_once
def _awake_if_asked_for(tenant_id: TenantId) -> Update:
    return into(tenant_id, ChangeState.RELEASED, WAITING).where(RESTS, _asked_for()).values(**DUE_NOW)


@built_once
def _rest(tenant_id: TenantId, opens: int) -> Update:
    due = into(tenant_id, ChangeState.WAITING, RELEASED).where(~_asked_for())
    return due.values(due_at=opens, why=_reason(), **UNRUNG)


@built_once
def _rest_longer(tenant_id: TenantId, opens: int) -> Update:
    """Let what failed, or waits for its day, wait for the opening as well; and follow other hours."""
    too_early = or_(CHANGES.c.due_at < opens, RESTS & (CHANGES.c.due_at != opens))
    mine = (CHANGES.c.tenant_id == tenant_id, within(CHANGES, WAITING), ~_asked_for(), too_early)
    return update(CHANGES).where(*mine).values(due_at=opens)


def _asked_for() -> ColumnElement[bool]:
    """Say that a human asked for the run of a row, or for the newest one that wanted the same."""
    return exists().where(
        RUNS.c.tenant_id == CHANGES.c.tenant_id,
        or_(RUNS.c.run_id == CHANGES.c.run_id, RUNS.c.run_id == CHANGES.c.carried_by),
        ~one_of(RUNS.c.asked_by, BY_ITSELF),
    )


def _reason() -> ColumnElement[str]:
    """Keep the reason of a removal that waited for its day: a later plan asks since when it did."""
    waited = func.coalesce(CHANGES.c.why, "") == Code.REMOVAL_WAITS.value
    return case((waited, CHANGES.c.why), else_=Code.APPLY_HOURS.value)
