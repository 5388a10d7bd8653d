"""Let blocked rows go once what they waited for is there."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Update, and_, exists, func, or_

from adapters.database.changes_moves import ANY, DUE_NOW, IDS, TENANT, into_of_all, within
from adapters.database.session import Session
from adapters.database.statements import touched
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import Aspect, ChangeState
from domain.codes import Code
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

NOT_DONE = frozenset(
    {
        ChangeState.DROPPED,
        ChangeState.STALE,
        ChangeState.REJECTED,
        ChangeState.EXPIRED,
        ChangeState.DEAD,
    }
)
"""A row in one of these was not carried out."""

AWAITED = CHANGES.alias("awaited")


def wake(session: Session, tenant_id: TenantId | None = None, run_id: RunId | None = None) -> int:
    """Release blocked rows whose link or row is there by now: of a run, or all of them.

    A name is freed only after its account was closed. Where that did not come about, nobody's name is
    touched, and whoever wanted it is held until the next run judges again.
    """
    _drop_pointless_names(session, tenant_id)
    woken = 0
    for move in (_link_is_there(), _row_is_over()):
        narrowed = move if tenant_id is None else move.where(CHANGES.c.tenant_id == tenant_id)
        narrowed = narrowed if run_id is None else narrowed.where(CHANGES.c.run_id == run_id)
        woken += touched(session.connection, narrowed.values(**DUE_NOW))
    return woken


def _drop_pointless_names(session: Session, tenant_id: TenantId | None) -> None:
    here = () if tenant_id is None else (CHANGES.c.tenant_id == tenant_id,)
    name = CHANGES.c.aspect == Aspect.NAME.value
    dropped = (
        into_of_all(ChangeState.DROPPED, BLOCKED)
        .where(*here, name, exists().where(*_awaited(), within(AWAITED, NOT_DONE)))
        .values(detail="the account was not closed", settled_at=session.started_ms)
    )
    if not touched(session.connection, dropped):
        return
    freed = (AWAITED.c.aspect == Aspect.NAME.value, within(AWAITED, {ChangeState.DROPPED}))
    session.connection.execute(
        into_of_all(ChangeState.HELD, BLOCKED)
        .where(*here, exists().where(*_awaited(), *freed))
        .values(**DUE_NOW)
        .values(why=Code.KEY_SHARED.value, detail="its holder keeps the name", to_hold=True)
    )


def _awaited() -> tuple[ColumnElement[bool], ...]:
    """Join a row that waits with the row that it waits for."""
    return (
        CHANGES.c.blocked_on.startswith("change:"),
        AWAITED.c.change_id == func.substr(CHANGES.c.blocked_on, len("change:") + 1),
        AWAITED.c.tenant_id == CHANGES.c.tenant_id,
    )


def wake_waiters(session: Session, tenant_id: TenantId, waits: Sequence[str]) -> None:
    """Release the rows that are blocked on exactly these."""
    if waits:
        session.connection.execute(_waiters(), {"tenant": tenant_id, "ids": waits})


@cache
def _waiters() -> Update:
    blocked = (CHANGES.c.tenant_id == TENANT, CHANGES.c.blocked_on.in_(IDS))
    return into_of_all(ChangeState.RELEASED, BLOCKED).where(*blocked).values(**DUE_NOW)


@cache
def _link_is_there() -> Update:
    link = (
        LINKS.c.tenant_id == CHANGES.c.tenant_id,
        LINKS.c.person_id == func.substr(CHANGES.c.blocked_on, len("link:") + 1),
        LINKS.c.active.is_(True),
    )
    waiting = CHANGES.c.blocked_on.startswith("link:")
    return into_of_all(ChangeState.RELEASED, BLOCKED).where(waiting, exists().where(*link))


@cache
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
