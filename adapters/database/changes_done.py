"""Let go of rows of which nothing is left to do, because another run has done the same by now."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update

from adapters.database.changes_moves import chunks, tenants_turn, these_into, within
from adapters.database.changes_planned import MINE, OTHER, planned, same_subject
from adapters.database.changes_rows import AnyRow, open_row
from adapters.database.changes_wake import wake_waiters
from adapters.database.links import SqlLinks
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.already import DONE_BY_NOW, IN_HAND, is_so_already
from domain.changes import OPEN, Action, ChangeState, on_change
from domain.ids import ChangeId, PersonId, RunId, TenantId

PLANNED = frozenset({ChangeState.PLANNED})
HELD = frozenset({ChangeState.HELD})
IN_WORK = frozenset({ChangeState.RELEASED, ChangeState.WORKING})


def drop_planned(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Drop the run's planned rows that are done already; what waited for them waits for nothing any more.

    One that meets an open row which wants something else goes on, for it takes that one's place.
    """
    rows = session.connection.execute(*_planned(tenant_id, run_id)).all()
    for some in chunks(_done_by_now(session, tenant_id, rows)):
        awaited = [on_change(each) for each in some]
        waits = (*planned(CHANGES, tenant_id, run_id), CHANGES.c.blocked_on.in_(awaited))
        session.connection.execute(update(CHANGES).where(*waits).values(blocked_on=None))
        _drop(session, tenant_id, some, PLANNED)


def set_aside(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Drop from a plan what is done already, or in hand of another run; nothing of other runs is touched.

    A run that applies meets the same rows by `merge`: so both plan the same, and the guards judge the same.
    """
    tenants_turn(session, tenant_id)
    drop_planned(session, tenant_id, run_id)
    pairs = {row.mine: row.other for row in session.connection.execute(*_in_hand(tenant_id, run_id))}
    for mine, other in pairs.items():
        awaited = on_change(ChangeId(other))
        follows = (*planned(CHANGES, tenant_id, run_id), CHANGES.c.blocked_on == on_change(ChangeId(mine)))
        session.connection.execute(update(CHANGES).where(*follows).values(blocked_on=awaited))
        dropped = these_into(tenant_id, ChangeState.DROPPED, [mine], PLANNED)
        told = {"detail": IN_HAND, "blocked_on": awaited, "settled_at": session.started_ms}
        session.connection.execute(dropped.values(**told))


def drop_held(session: Session, tenant_id: TenantId, people: Sequence[PersonId]) -> None:
    """Drop what was held about these people and is done meanwhile, and let go what waited for it."""
    rows = session.connection.execute(*_held(tenant_id, people)).all() if people else []
    found = _done_by_now(session, tenant_id, rows)
    if found:
        _drop(session, tenant_id, found, HELD)
        wake_waiters(session, tenant_id, [on_change(each) for each in found])


def _done_by_now(session: Session, tenant_id: TenantId, rows: Sequence[AnyRow]) -> list[ChangeId]:
    """Choose the rows of which the account says what they want."""
    found: list[ChangeId] = []
    for some in chunks(rows):
        links = SqlLinks(session).get(tenant_id, sorted({PersonId(row.person_id) for row in some}))
        changes = [open_row(session, row) for row in some]
        there = [(change, links.get(change.person_id)) for change in changes]
        found += [change.change_id for change, link in there if link and is_so_already(change, link)]
    return found


def _drop(
    session: Session, tenant_id: TenantId, change_ids: Sequence[str], among: frozenset[ChangeState]
) -> None:
    dropped = these_into(tenant_id, ChangeState.DROPPED, change_ids, among)
    told = {"detail": DONE_BY_NOW, "settled_at": session.started_ms}
    session.connection.execute(dropped.values(**told))


@built_once
def _planned(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    meets = exists().where(same_subject(CHANGES, OTHER), within(OTHER, OPEN))
    alone = or_(CHANGES.c.action == Action.DEACTIVATE.value, ~meets)
    return select(CHANGES).where(*planned(CHANGES, tenant_id, run_id), _written_since(), alone)


@built_once
def _in_hand(tenant_id: TenantId, run_id: RunId) -> Select[str, str]:
    """Pair the run's planned rows with rows of other runs that want the same and are at work."""
    same = (same_subject(MINE, OTHER), within(OTHER, IN_WORK), MINE.c.digest == OTHER.c.digest)
    asked = select(MINE.c.change_id.label("mine"), OTHER.c.change_id.label("other"))
    return asked.where(*planned(MINE, tenant_id, run_id), MINE.c.to_hold.is_(False), *same)


@built_once
def _held(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[Any]:
    theirs = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.person_id.in_(people), within(CHANGES, HELD))
    return select(CHANGES).where(*theirs, _written_since())


def _written_since() -> ColumnElement[bool]:
    """Say that the account was written after the row was planned. A row that a human saw looks for itself."""
    written = exists().where(
        LINKS.c.tenant_id == CHANGES.c.tenant_id,
        LINKS.c.person_id == CHANGES.c.person_id,
        LINKS.c.version != CHANGES.c.link_version,
    )
    return and_(CHANGES.c.strict.is_(False), written)
