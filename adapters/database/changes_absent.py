"""Let go of accounts that were never made, for people who are not in the company any more."""

from sqlalchemy import Update

from adapters.database.changes_moves import into, tenants_turn
from adapters.database.readings import people_on_pages
from adapters.database.session import Session
from adapters.database.statements import built_once, one_of, touched
from adapters.database.tables_changes import CHANGES
from domain.changes import GIVING, OPEN, ChangeState
from domain.ids import RunId, TenantId


def drop_absent(session: Session, tenant_id: TenantId, run_id: RunId) -> int:
    """Drop open creates of people on no page, unless their request may have been acted upon."""
    tenants_turn(session, tenant_id)
    dialect = session.connection.dialect.name
    return touched(session.connection, *_absent(tenant_id, run_id, session.started_ms, dialect=dialect))


@built_once
def _absent(tenant_id: TenantId, run_id: RunId, now: int, *, dialect: str) -> Update:
    move = into(tenant_id, ChangeState.DROPPED, OPEN).where(
        one_of(CHANGES.c.action, GIVING),
        CHANGES.c.intent_at.is_(None),
        CHANGES.c.person_id.not_in(people_on_pages(dialect, tenant_id, run_id)),
    )
    return move.values(detail="not in Personio any more", settled_at=now)
