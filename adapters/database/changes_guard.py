"""Count what the guard over closed accounts wants to know."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from adapters.database.changes_moves import within
from adapters.database.session import Session
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.guards import Removals
from domain.ids import ChangeId, RunId, TenantId

PLANNED = frozenset({ChangeState.PLANNED})
HELD = frozenset({ChangeState.HELD})
WENT = frozenset(
    {
        ChangeState.BLOCKED,
        ChangeState.RELEASED,
        ChangeState.WORKING,
        ChangeState.WAITING,
        ChangeState.PARKED,
        ChangeState.APPLIED,
        ChangeState.ALREADY_SO,
        ChangeState.DEAD,
    }
)
"""States of a row that nobody held: it was, is, or can still be sent."""

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def removals(session: Session, tenant_id: TenantId, run_id: RunId) -> tuple[Sequence[ChangeId], Removals]:
    """Return the run's planned rows that close an account, and how many such rows went or are held."""
    planned = _removing(tenant_id, within(CHANGES, PLANNED), CHANGES.c.run_id == run_id)
    change_ids = [
        ChangeId(found) for found in session.connection.scalars(select(CHANGES.c.change_id).where(*planned))
    ]
    if not change_ids:
        return [], Removals(wanted=0, open_accounts=0)
    held = _removing(tenant_id, within(CHANGES, HELD), CHANGES.c.why == Code.GUARD_REMOVALS.value)
    return change_ids, Removals(
        wanted=len(change_ids),
        open_accounts=_open_accounts(session, tenant_id),
        day=_went_since(session, tenant_id, DAY),
        week=_went_since(session, tenant_id, WEEK),
        held=_count(session, held),
    )


def holds(session: Session, tenant_id: TenantId) -> Mapping[Code, int]:
    """Count the people whose change is held now, by cause."""
    people = func.count(CHANGES.c.person_id.distinct())
    held = (CHANGES.c.tenant_id == tenant_id, within(CHANGES, HELD), CHANGES.c.why.is_not(None))
    asked = select(CHANGES.c.why, people).where(*held).group_by(CHANGES.c.why)
    return {Code(why): number for why, number in session.connection.execute(asked)}


def _removing(tenant_id: TenantId, *more: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (CHANGES.c.tenant_id == tenant_id, CHANGES.c.action == Action.DEACTIVATE.value, *more)


def _went_since(session: Session, tenant_id: TenantId, span: timedelta) -> int:
    """Count rows that went without a human's yes; what a human approved does not use the budget up."""
    since = session.started_ms - span // timedelta(milliseconds=1)
    went = (within(CHANGES, WENT), CHANGES.c.strict.is_(False), CHANGES.c.planned_at >= since)
    return _count(session, _removing(tenant_id, *went))


def _open_accounts(session: Session, tenant_id: TenantId) -> int:
    counted = select(func.count()).select_from(LINKS)
    return session.connection.execute(
        counted.where(LINKS.c.tenant_id == tenant_id, LINKS.c.active.is_(True))
    ).scalar_one()


def _count(session: Session, rows: tuple[ColumnElement[bool], ...]) -> int:
    return session.connection.execute(select(func.count()).select_from(CHANGES).where(*rows)).scalar_one()
