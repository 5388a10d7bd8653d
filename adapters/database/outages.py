"""Remember since when a tenant's target has not answered, and count whose changes wait for what."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, delete, func, or_, select, update

from adapters.database.changes_moves import within
from adapters.database.session import Session, moment
from adapters.database.statements import built_once, insert_new, one_of, touched
from adapters.database.tables import TENANTS
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_setbacks import OUTAGES
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import TenantId
from domain.outages import SILENT, Outage
from domain.tenant import TenantState, may_write

UNDER_WAY = frozenset({ChangeState.RELEASED, ChangeState.WORKING, ChangeState.WAITING, ChangeState.PARKED})
SILENT_ONES = frozenset(code.value for code in SILENT)
RESTING = frozenset(
    state.value
    for state in TenantState
    if not may_write(state) and state not in {TenantState.SETUP, TenantState.READY}
)
"""Tenants that wrote before and may not write now."""


class SqlOutages:
    """Keep at most one outage for each tenant."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, tenant_id: TenantId) -> Outage | None:
        """Return the outage of a tenant's target, if it does not answer."""
        row = self._session.connection.execute(*_outage(tenant_id)).one_or_none()
        return Outage(moment(row.since), row.told) if row else None

    def begin(self, tenant_id: TenantId) -> None:
        """Remember that the target did not answer; one that began before stays as it is."""
        row = {"tenant_id": tenant_id, "since": self._session.started_ms, "told": False}
        self._session.connection.execute(insert_new(self._session.connection, OUTAGES), row)

    def told(self, tenant_id: TenantId) -> None:
        """Remember that an incident speaks of it."""
        self._session.connection.execute(
            update(OUTAGES).where(OUTAGES.c.tenant_id == tenant_id).values(told=True)
        )

    def end(self, tenant_id: TenantId) -> bool:
        """Forget it; False if there was none."""
        return touched(self._session.connection, *_ended(tenant_id)) == 1

    def standing(self) -> Mapping[TenantId, Outage]:
        """List the outages of all tenants."""
        rows = self._session.connection.execute(*_outages())
        return {TenantId(row.tenant_id): Outage(moment(row.since), row.told) for row in rows}

    def waiting(self, tenant_id: TenantId) -> int:
        """Count the people whose changes wait because the target did not answer."""
        here = (CHANGES.c.tenant_id == tenant_id, one_of(CHANGES.c.why, SILENT_ONES))
        people = func.count(CHANGES.c.person_id.distinct())
        asked = select(people).where(*here, within(CHANGES, UNDER_WAY))
        return self._session.connection.execute(asked).scalar_one()

    def leavers(self) -> Mapping[TenantId, int]:
        """Count, by tenant that may not write, the people whose account would be closed if it might."""
        rows = self._session.connection.execute(*_leavers(self._session.started_ms))
        return {TenantId(tenant_id): count for tenant_id, count in rows}


@built_once
def _outage(tenant_id: TenantId) -> Select[Any]:
    return select(OUTAGES).where(OUTAGES.c.tenant_id == tenant_id)


@built_once
def _outages() -> Select[Any]:
    return select(OUTAGES).order_by(OUTAGES.c.tenant_id)


@built_once
def _ended(tenant_id: TenantId) -> Delete:
    return delete(OUTAGES).where(OUTAGES.c.tenant_id == tenant_id)


@built_once
def _leavers(now: int) -> Select[Any]:
    due = or_(CHANGES.c.due_at.is_(None), CHANGES.c.due_at <= now)
    where = (*_closings(), within(CHANGES, UNDER_WAY), due, one_of(TENANTS.c.state, RESTING))
    joined = CHANGES.join(TENANTS, CHANGES.c.tenant_id == TENANTS.c.tenant_id)
    people = func.count(CHANGES.c.person_id.distinct())
    asked = select(CHANGES.c.tenant_id, people).select_from(joined).where(*where)
    return asked.group_by(CHANGES.c.tenant_id)


def _closings() -> Iterable[ColumnElement[bool]]:
    """Choose rows that close an account; one that waits for its day is nobody's trouble before it."""
    return (
        one_of(CHANGES.c.action, [Action.DEACTIVATE.value, Action.DELETE.value]),
        func.coalesce(CHANGES.c.why, "") != Code.REMOVAL_WAITS.value,
    )
