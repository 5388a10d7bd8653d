"""Find what waited for a human for too long: held rows, and plans that nobody applied."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, Update, select

from adapters.database.changes_moves import into_of_all, within
from adapters.database.changes_stays import ASKING
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import built_once, one_of, touched
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.ids import ChangeId, PersonId, TenantId

HELD = frozenset({ChangeState.HELD})
PROPOSED = frozenset({ChangeState.PROPOSED})


def old_holds(session: Session, older: timedelta) -> Sequence[tuple[TenantId, ChangeId, PersonId]]:
    """List rows of all tenants that have waited for a human for so long, oldest first."""
    found = session.connection.execute(*_held_before(_before(session, older)))
    return [(TenantId(row.tenant_id), ChangeId(row.change_id), PersonId(row.person_id)) for row in found]


def drop_old_plans(session: Session, older: timedelta) -> int:
    """Drop proposals of all tenants that nobody applied for so long."""
    now = session.started_ms
    return touched(session.connection, *_dropped(_before(session, older), now))


@built_once
def _held_before(moment: int) -> Select[str, str, str]:
    here = (within(CHANGES, HELD), one_of(CHANGES.c.why, ASKING), CHANGES.c.planned_at <= moment)
    asked = select(CHANGES.c.tenant_id, CHANGES.c.change_id, CHANGES.c.person_id).where(*here)
    return asked.order_by(CHANGES.c.tenant_id, CHANGES.c.change_id)


@built_once
def _dropped(moment: int, now: int) -> Update:
    move = into_of_all(ChangeState.DROPPED, PROPOSED).where(CHANGES.c.planned_at <= moment)
    return move.values(detail="nobody applied this plan in time", settled_at=now)


def _before(session: Session, span: timedelta) -> int:
    return session.started_ms - span // MILLISECOND
