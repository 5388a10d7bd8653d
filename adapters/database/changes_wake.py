"""Let blocked rows go once what they waited for is there."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Update, and_, exists, func, or_

from adapters.database.changes_moves import ANY, DUE_NOW, into_of_all, within
from adapters.database.session import Session
from adapters.database.statements import built_once, touched
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
    return sum(_woken(session, tenant_id, run_id, links=links) for links in (True, False))


def _woken(session: Session, tenant_id: TenantId | None, run_id: RunId | None, *, links: bool) -> int:
    if tenant_id is None:
        return touched(session.connection, *_let_go_of_all(links=links))
    if run_id is None:
        return touched(session.connection, *_let_go_of_tenant(tenant_id, links=links))
    return touched(session.connection, *_let_go(tenant_id, run_id, links=links))


def _drop_pointless_names(session: Session, tenant_id: TenantId | None) -> None:
    now = session.started_ms
    dropped = _dropped_of_all(now) if tenant_id is None else _dropped(tenant_id, now)
    if touched(session.connection, *dropped):
        session.connection.execute(*(_kept_of_all() if tenant_id is None else _kept(tenant_id)))


@built_once
def _let_go_of_all(*, links: bool) -> Update:
    return (_link_is_there() if links else _row_is_over()).values(**DUE_NOW)


@built_once
def _let_go_of_tenant(tenant_id: TenantId, *, links: bool) -> Update:
    move = _link_is_there() if links else _row_is_over()
    return move.where(CHANGES.c.tenant_id == tenant_id).values(**DUE_NOW)


@built_once
def _let_go(tenant_id: TenantId, run_id: RunId, *, links: bool) -> Update:
    move = _link_is_there() if links else _row_is_over()
    return move.where(CHANGES.c.tenant_id == tenant_id, CHANGES.c.run_id == run_id).values(**DUE_NOW)


@built_once
def _dropped_of_all(now: int) -> Update:
    return _pointless().values(settled_at=now)


@built_once
def _dropped(tenant_id: TenantId, now: int) -> Update:
    return _pointless().where(CHANGES.c.tenant_id == tenant_id).values(settled_at=now)


@built_once
def _kept_of_all() -> Update:
    return _name_is_kept()


@built_once
def _kept(tenant_id: TenantId) -> Update:
    return _name_is_kept().where(CHANGES.c.tenant_id == tenant_id)


def _pointless() -> Update:
    """Drop what would free a name of an account that was not closed."""
    name = CHANGES.c.aspect == Aspect.NAME.value
    move = into_of_all(ChangeState.DROPPED, BLOCKED)
    not_done = exists().where(*_awaited(), within(AWAITED, NOT_DONE))
    return move.where(name, not_done).values(detail="the account was not closed")


def _name_is_kept() -> Update:
    """Hold whoever wanted such a name."""
    freed = (AWAITED.c.aspect == Aspect.NAME.value, within(AWAITED, {ChangeState.DROPPED}))
    move = into_of_all(ChangeState.HELD, BLOCKED).where(exists().where(*_awaited(), *freed))
    told = {"why": Code.KEY_SHARED.value, "detail": "its holder keeps the name", "to_hold": True}
    return move.values(**DUE_NOW).values(**told)


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
        session.connection.execute(*_waiters(tenant_id, waits))


@built_once
def _waiters(tenant_id: TenantId, waits: Sequence[str]) -> Update:
    blocked = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.blocked_on.in_(waits))
    return into_of_all(ChangeState.RELEASED, BLOCKED).where(*blocked).values(**DUE_NOW)


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
