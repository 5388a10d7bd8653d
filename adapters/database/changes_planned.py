"""Statements over the planned rows of a run, each built once, and what they meet."""

from sqlalchemy import (
    ColumnElement,
    Delete,
    FromClause,
    Select,
    Update,
    and_,
    delete,
    exists,
    literal,
    select,
    update,
)

from adapters.database.changes_moves import into, within
from adapters.database.statements import built_once
from adapters.database.tables import PEOPLE
from adapters.database.tables_changes import CHANGES
from domain.changes import OPEN, Action, ChangeState
from domain.ids import RunId, TenantId

PLANNED = frozenset({ChangeState.PLANNED})
WORKING = frozenset({ChangeState.WORKING})

MINE = CHANGES.alias("mine")
"""A planned row of the run, where the table itself stands for the row that it meets."""

OTHER = CHANGES.alias("other")
"""The row that is met, where the table itself stands for the planned one."""


def same_subject(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Say that two rows are about the same aspect of the same person."""
    return and_(
        one.c.tenant_id == other.c.tenant_id,
        one.c.person_id == other.c.person_id,
        one.c.aspect == other.c.aspect,
    )


def planned(table: FromClause, tenant_id: TenantId, run_id: RunId) -> tuple[ColumnElement[bool], ...]:
    """Choose the planned rows of a run."""
    return (table.c.tenant_id == tenant_id, table.c.run_id == run_id, within(table, PLANNED))


@built_once
def moved(tenant_id: TenantId, run_id: RunId, *, to: ChangeState) -> Update:
    """Let planned rows go to a state."""
    return into(tenant_id, to, PLANNED).where(CHANGES.c.run_id == run_id)


@built_once
def held(tenant_id: TenantId, run_id: RunId) -> Update:
    """Hold planned rows that a note says to hold."""
    mine = (CHANGES.c.run_id == run_id, CHANGES.c.to_hold.is_(True))
    return into(tenant_id, ChangeState.HELD, PLANNED).where(*mine)


@built_once
def blocked(tenant_id: TenantId, run_id: RunId) -> Update:
    """Let planned rows wait for the rows and links that they name."""
    mine = (CHANGES.c.run_id == run_id, CHANGES.c.blocked_on.is_not(None))
    return into(tenant_id, ChangeState.BLOCKED, PLANNED).where(*mine)


@built_once
def keeping(tenant_id: TenantId, run_id: RunId) -> Delete:
    """Remove rows that only say that an open one is not wanted any more."""
    return delete(CHANGES).where(*planned(CHANGES, tenant_id, run_id), CHANGES.c.action == Action.KEEP.value)


@built_once
def meetings(tenant_id: TenantId, run_id: RunId) -> Select[str]:
    """Select an open row that a planned one meets."""
    met = (*planned(MINE, tenant_id, run_id), same_subject(MINE, OTHER), within(OTHER, OPEN))
    return select(OTHER.c.change_id).where(*met).limit(1)


@built_once
def overtaken(tenant_id: TenantId, run_id: RunId, now: int) -> Update:
    """Drop what was planned from a reading that is not the newest of that person any more.

    Whoever stored the newer one has planned what follows from it. A strict row goes on: whoever takes it up
    finds it stale and asks for a fresh look, for the newer reading may have been a plan that nobody applied.
    """
    newer = exists().where(
        PEOPLE.c.tenant_id == CHANGES.c.tenant_id,
        PEOPLE.c.person_id == CHANGES.c.person_id,
        PEOPLE.c.digest != CHANGES.c.snapshot,
    )
    return (
        into(tenant_id, ChangeState.DROPPED, PLANNED)
        .where(CHANGES.c.run_id == run_id, CHANGES.c.strict.is_(False), newer)
        .values(detail="read again since", settled_at=now)
    )


@built_once
def behind_working(tenant_id: TenantId, run_id: RunId) -> Update:
    """Let planned rows wait for the row of the same that is being carried out."""
    return (
        update(CHANGES)
        .where(
            *planned(CHANGES, tenant_id, run_id),
            CHANGES.c.blocked_on.is_(None),
            same_subject(CHANGES, OTHER),
            within(OTHER, WORKING),
        )
        .values(blocked_on=literal("change:") + OTHER.c.change_id)
    )
