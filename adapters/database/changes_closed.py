"""Let go of rows that would close an account which another row has closed by now."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, select, update

from adapters.database.changes_moves import chunks, these_into, within
from adapters.database.changes_planned import planned
from adapters.database.changes_wake import wake_waiters
from adapters.database.doubts import perhaps_open
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import Action, ChangeState, on_change
from domain.ids import ChangeId, PersonId, RunId, TenantId

PLANNED = frozenset({ChangeState.PLANNED})
HELD = frozenset({ChangeState.HELD})


def drop_planned(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Drop the run's planned rows that are done already; what waited for them waits for nothing any more."""
    for some in chunks(session.connection.scalars(*_planned(tenant_id, run_id)).all()):
        awaited = [on_change(ChangeId(each)) for each in some]
        waits = (*planned(CHANGES, tenant_id, run_id), CHANGES.c.blocked_on.in_(awaited))
        session.connection.execute(update(CHANGES).where(*waits).values(blocked_on=None))
        _drop(session, tenant_id, some, PLANNED)


def drop_held(session: Session, tenant_id: TenantId, people: Sequence[PersonId]) -> None:
    """Drop what was held about these people meanwhile, and let go what waited for it."""
    found = session.connection.scalars(*_held(tenant_id, people)).all() if people else []
    if found:
        _drop(session, tenant_id, found, HELD)
        wake_waiters(session, tenant_id, [on_change(ChangeId(each)) for each in found])


def _drop(
    session: Session, tenant_id: TenantId, change_ids: Sequence[str], among: frozenset[ChangeState]
) -> None:
    dropped = these_into(tenant_id, ChangeState.DROPPED, change_ids, among)
    told = {"detail": "the account is closed by now", "settled_at": session.started_ms}
    session.connection.execute(dropped.values(**told))


@built_once
def _planned(tenant_id: TenantId, run_id: RunId) -> Select[str]:
    return select(CHANGES.c.change_id).where(*planned(CHANGES, tenant_id, run_id), _closed_since())


@built_once
def _held(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[str]:
    theirs = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.person_id.in_(people), within(CHANGES, HELD))
    return select(CHANGES.c.change_id).where(*theirs, _closed_since())


def _closed_since() -> ColumnElement[bool]:
    """Say that the account was closed after the row was planned. A row that a human saw looks for itself."""
    closed = exists().where(
        LINKS.c.tenant_id == CHANGES.c.tenant_id,
        LINKS.c.person_id == CHANGES.c.person_id,
        LINKS.c.version != CHANGES.c.link_version,
        ~perhaps_open(),
    )
    return and_(CHANGES.c.action == Action.DEACTIVATE.value, CHANGES.c.strict.is_(False), closed)
