"""Find what waited for a human for too long: held rows, and plans that nobody applied."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from adapters.database.changes_moves import into_of_all, within
from adapters.database.changes_stays import ASKING
from adapters.database.session import Session
from adapters.database.statements import touched
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.ids import ChangeId, PersonId, TenantId

HELD = frozenset({ChangeState.HELD})
PROPOSED = frozenset({ChangeState.PROPOSED})


def old_holds(session: Session, older: timedelta) -> Sequence[tuple[TenantId, ChangeId, PersonId]]:
    """List rows of all tenants that have waited for a human for so long, oldest first."""
    asked = select(CHANGES.c.tenant_id, CHANGES.c.change_id, CHANGES.c.person_id).where(
        within(CHANGES, HELD), CHANGES.c.why.in_(ASKING), _older(session, older)
    )
    found = session.connection.execute(asked.order_by(CHANGES.c.tenant_id, CHANGES.c.change_id))
    return [(TenantId(row.tenant_id), ChangeId(row.change_id), PersonId(row.person_id)) for row in found]


def drop_old_plans(session: Session, older: timedelta) -> int:
    """Drop proposals of all tenants that nobody applied for so long."""
    move = into_of_all(ChangeState.DROPPED, PROPOSED).where(_older(session, older))
    told = {"detail": "nobody applied this plan in time", "settled_at": session.started_ms}
    return touched(session.connection, move.values(**told))


def _older(session: Session, span: timedelta) -> ColumnElement[bool]:
    return CHANGES.c.planned_at <= session.started_ms - span // timedelta(milliseconds=1)
