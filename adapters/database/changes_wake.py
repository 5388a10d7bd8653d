"""Let blocked rows go once what they waited for is there."""

from collections.abc import Sequence

from sqlalchemy import Update, and_, exists, func, or_

from adapters.database.changes_moves import ANY, DUE_NOW, into, into_of_all, within
from adapters.database.session import Session
from adapters.database.statements import touched
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.ids import RunId, TenantId

BLOCKED = frozenset({ChangeState.BLOCKED})
OVER = frozenset(
    {
        ChangeState.APPLIED,
        ChangeState.ALREADY_SO,
        ChangeState.DROPPED,
        ChangeState.SUPERSEDED,
        ChangeState.STALE,
    }
)
"""A row in one of these has done what others waited for, or will never do it."""

AWAITED = CHANGES.alias("awaited")


def wake(session: Session, tenant_id: TenantId | None = None, run_id: RunId | None = None) -> int:
    """Release blocked rows whose link or row is there by now: of a run, or all of them."""
    woken = 0
    for move in (_link_is_there(), _row_is_over()):
        narrowed = move if tenant_id is None else move.where(CHANGES.c.tenant_id == tenant_id)
        narrowed = narrowed if run_id is None else narrowed.where(CHANGES.c.run_id == run_id)
        woken += touched(session.connection, narrowed.values(**DUE_NOW))
    return woken


def wake_waiters(session: Session, tenant_id: TenantId, waits: Sequence[str]) -> None:
    """Release the rows that are blocked on exactly these."""
    if waits:
        move = into(tenant_id, ChangeState.RELEASED, BLOCKED).where(CHANGES.c.blocked_on.in_(waits))
        session.connection.execute(move.values(**DUE_NOW))


def _link_is_there() -> Update:
    link = (
        LINKS.c.tenant_id == CHANGES.c.tenant_id,
        LINKS.c.person_id == func.substr(CHANGES.c.blocked_on, len("link:") + 1),
        LINKS.c.active.is_(True),
    )
    waiting = CHANGES.c.blocked_on.startswith("link:")
    return into_of_all(ChangeState.RELEASED, BLOCKED).where(waiting, exists().where(*link))


def _row_is_over() -> Update:
    """A dead row still blocks others, but not its own successor; a row that is gone blocks nobody."""
    successor = and_(AWAITED.c.person_id == CHANGES.c.person_id, AWAITED.c.aspect == CHANGES.c.aspect)
    standing = (
        AWAITED.c.change_id == func.substr(CHANGES.c.blocked_on, len("change:") + 1),
        AWAITED.c.tenant_id == CHANGES.c.tenant_id,
        within(AWAITED, ANY - OVER),
        or_(AWAITED.c.state != ChangeState.DEAD.value, ~successor),
    )
    waiting = CHANGES.c.blocked_on.startswith("change:")
    return into_of_all(ChangeState.RELEASED, BLOCKED).where(waiting, ~exists().where(*standing))
