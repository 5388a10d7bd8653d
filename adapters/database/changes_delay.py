"""Let removals wait for as long as the tenant's policy says, from the moment they were first planned."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, and_, select, update

from adapters.database.changes_moves import into, these, within
from adapters.database.changes_rows import AnyRow
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import built_once
from adapters.database.tables_changes import CHANGES
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import RunId, TenantId

PLANNED = frozenset({ChangeState.PLANNED})
WAITING = frozenset({ChangeState.WAITING})

OPEN_ROW = CHANGES.alias("open_row")
"""The row of an earlier run that waits for the same."""


def delay(session: Session, tenant_id: TenantId, run_id: RunId, waits: Mapping[Code, timedelta]) -> int:
    """Note a due time on each planned removal whose waiting time is not over; returns how many wait."""
    waiting = 0
    for row in _removals(session, tenant_id, run_id, waits):
        since = row.planned_at if row.first_planned_at is None else row.first_planned_at
        due_at = since + waits[Code(row.cause)] // MILLISECOND
        if due_at > session.started_ms:
            here = these(tenant_id, [row.change_id])
            session.connection.execute(update(CHANGES).where(*here).values(planned_at=since, due_at=due_at))
            waiting += 1
    return waiting


def let_wait(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Let planned removals with a due time wait. One behind another row is left to the next run.

    A row that is woken is due at once, and would close the account before its time.
    """
    session.connection.execute(*_behind_another(tenant_id, run_id, session.started_ms))
    session.connection.execute(*_waiting(tenant_id, run_id, session.started_ms))


@built_once
def _behind_another(tenant_id: TenantId, run_id: RunId, now: int) -> Update:
    waits = (CHANGES.c.run_id == run_id, CHANGES.c.due_at > now, CHANGES.c.blocked_on.is_not(None))
    told = {"detail": "another change of this person is under way", "settled_at": now}
    return into(tenant_id, ChangeState.DROPPED, PLANNED).where(*waits).values(**told)


@built_once
def _waiting(tenant_id: TenantId, run_id: RunId, now: int) -> Update:
    waits = (CHANGES.c.run_id == run_id, CHANGES.c.due_at > now)
    return into(tenant_id, ChangeState.WAITING, PLANNED).where(*waits).values(why=Code.REMOVAL_WAITS.value)


def _removals(
    session: Session, tenant_id: TenantId, run_id: RunId, waits: Mapping[Code, timedelta]
) -> list[AnyRow]:
    causes = [cause.value for cause in waits]
    return list(session.connection.execute(*_planned_removals(tenant_id, run_id, causes)).all())


@built_once
def _planned_removals(tenant_id: TenantId, run_id: RunId, causes: Sequence[str]) -> Select[Any]:
    return (
        select(
            CHANGES.c.change_id,
            CHANGES.c.cause,
            CHANGES.c.planned_at,
            OPEN_ROW.c.planned_at.label("first_planned_at"),
        )
        .select_from(CHANGES.outerjoin(OPEN_ROW, and_(*_waits_for_the_same())))
        .where(
            CHANGES.c.tenant_id == tenant_id,
            CHANGES.c.run_id == run_id,
            within(CHANGES, PLANNED),
            CHANGES.c.action == Action.DEACTIVATE.value,
            CHANGES.c.cause.in_(causes),
        )
    )


def _waits_for_the_same() -> tuple[ColumnElement[bool], ...]:
    return (
        OPEN_ROW.c.tenant_id == CHANGES.c.tenant_id,
        OPEN_ROW.c.person_id == CHANGES.c.person_id,
        OPEN_ROW.c.aspect == CHANGES.c.aspect,
        OPEN_ROW.c.cause == CHANGES.c.cause,
        OPEN_ROW.c.why == Code.REMOVAL_WAITS.value,
        within(OPEN_ROW, WAITING),
    )
