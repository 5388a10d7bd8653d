"""Let a plan meet what is open from earlier plans, and let it go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from adapters.database import changes_planned as plans
from adapters.database.changes_delay import let_wait
from adapters.database.changes_done import drop_planned
from adapters.database.changes_moves import DUE_NOW, chunks, into, tenants_turn, these, these_into, within
from adapters.database.changes_planned import MINE, OTHER, planned, same_subject
from adapters.database.changes_refresh import refresh
from adapters.database.changes_stays import ASKING, held_by_more, stays
from adapters.database.changes_wake import wake
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import one_of, touched
from adapters.database.stock import take_stock
from adapters.database.tables_changes import CHANGES
from domain.approval import ASKED_FOR
from domain.changes import GIVING, OPEN, Action, ChangeState, on_change
from domain.events import Queue
from domain.ids import RunId, TenantId

HELD = frozenset({ChangeState.HELD})
SUSPECT_AFTER = 2
"""After so many crashes a row runs alone."""


def merge(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Carry, supersede, wait for, or drop the open rows that the run's planned rows meet."""
    tenants_turn(session, tenant_id)
    take_stock(session, tenant_id, run_id)
    session.connection.execute(*plans.overtaken(tenant_id, run_id, session.started_ms))
    drop_planned(session, tenant_id, run_id)
    session.connection.execute(*plans.behind_working(tenant_id, run_id))
    if session.connection.scalar(*plans.meetings(tenant_id, run_id)) is not None:
        _carry(session, tenant_id, run_id)
        _supersede(session, tenant_id, run_id)
        _drop_unwanted(session, tenant_id, run_id)
    session.connection.execute(*plans.keeping(tenant_id, run_id))


def release(session: Session, tenant_id: TenantId, run_id: RunId) -> int:
    """Let the run's planned rows go, each to where its notes send it; tells how many are due now.

    Another run may have released rows since ours met the open ones, so they meet once more.
    """
    merge(session, tenant_id, run_id)
    session.connection.execute(*plans.held(tenant_id, run_id))
    let_wait(session, tenant_id, run_id)
    session.connection.execute(*plans.blocked(tenant_id, run_id))
    due = touched(session.connection, *plans.moved(tenant_id, run_id, to=ChangeState.RELEASED))
    return due + wake(session, tenant_id, run_id)


def propose(session: Session, tenant_id: TenantId, run_id: RunId) -> int:
    """Make the run's planned rows proposals; one that only closes an open row proposes nothing."""
    session.connection.execute(*plans.keeping(tenant_id, run_id))
    return touched(session.connection, *plans.moved(tenant_id, run_id, to=ChangeState.PROPOSED))


def _carry(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Leave open rows as they are that want just what the plan wants, and are held back by the same."""
    pairs = select(
        MINE.c.change_id.label("planned_id"),
        MINE.c.to_hold,
        MINE.c.why.label("why_now"),
        MINE.c.detail.label("detail_now"),
        MINE.c.blocked_on.label("awaits_now"),
        OTHER.c.change_id.label("open_id"),
        OTHER.c.state,
        OTHER.c.why,
        OTHER.c.blocked_on.label("awaited"),
        and_(*_read_anew()).label("read_anew"),
        and_(*_waited_too_long(session, OTHER)).label("too_old"),
    ).where(
        *planned(MINE, tenant_id, run_id),
        same_subject(MINE, OTHER),
        within(OTHER, OPEN),
        MINE.c.digest == OTHER.c.digest,
    )
    carried = [pair for pair in session.connection.execute(pairs).all() if stays(pair)]
    open_for = {on_change(pair.planned_id): on_change(pair.open_id) for pair in carried}
    _follow_carried(session, tenant_id, run_id, open_for)
    for some in chunks(carried):
        refresh(session, tenant_id, {pair.open_id: pair.planned_id for pair in some if pair.read_anew})
        ids = [pair.open_id for pair in some]
        session.connection.execute(update(CHANGES).where(*these(tenant_id, ids)).values(carried_by=run_id))
        overtaken = [pair.planned_id for pair in some]
        session.connection.execute(delete(CHANGES).where(*these(tenant_id, overtaken)))
    for pair in carried:
        if pair.state == ChangeState.HELD.value and held_by_more(pair):
            told = {"why": pair.why_now, "detail": pair.detail_now}
            here = these(tenant_id, [pair.open_id])
            session.connection.execute(update(CHANGES).where(*here).values(**told))
        awaits = open_for.get(pair.awaits_now, pair.awaits_now)
        if (pair.awaited or "").startswith("change:") and pair.awaited != awaits:
            _wait_anew(session, tenant_id, pair.open_id, awaits)


def _read_anew() -> tuple[ColumnElement[bool], ...]:
    """Say that a held row was planned from an older reading, or an older account, than the planned one."""
    newer = or_(MINE.c.snapshot != OTHER.c.snapshot, MINE.c.link_version != OTHER.c.link_version)
    return (OTHER.c.state == ChangeState.HELD.value, OTHER.c.strict.is_(False), newer)


def _waited_too_long(session: Session, table: FromClause) -> tuple[ColumnElement[bool], ...]:
    """Say that a row waits for a human, and was asked about too long ago."""
    asked = session.started_ms - ASKED_FOR // MILLISECOND
    return (table.c.state == ChangeState.HELD.value, one_of(table.c.why, ASKING), table.c.planned_at <= asked)


def _follow_carried(
    session: Session, tenant_id: TenantId, run_id: RunId, open_for: Mapping[str, str]
) -> None:
    """Let the plan's rows that wait for a planned row wait for the open one that stays in its place."""
    if not open_for:
        return
    waits = select(CHANGES.c.change_id, CHANGES.c.blocked_on).where(
        *planned(CHANGES, tenant_id, run_id), CHANGES.c.blocked_on.startswith("change:")
    )
    for row in session.connection.execute(waits).all():
        if row.blocked_on in open_for:
            here = these(tenant_id, [row.change_id])
            session.connection.execute(
                update(CHANGES).where(*here).values(blocked_on=open_for[row.blocked_on])
            )


def _wait_anew(session: Session, tenant_id: TenantId, change_id: str, awaits: str | None) -> None:
    """Let a carried row wait for what it waits for by the new plan, or for nothing any more."""
    if awaits is None:
        free = these_into(tenant_id, ChangeState.RELEASED, [change_id], {ChangeState.BLOCKED})
        session.connection.execute(free.values(**DUE_NOW))
    else:
        here = these(tenant_id, [change_id])
        session.connection.execute(update(CHANGES).where(*here).values(blocked_on=awaits))


def _supersede(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Replace open rows that want something else; what waited for them waits for their successors."""
    _inherit(session, tenant_id, run_id)
    met = (
        *planned(MINE, tenant_id, run_id),
        same_subject(CHANGES, MINE),
        MINE.c.action != Action.KEEP.value,
    )
    settled = {"superseded_by": MINE.c.change_id, "settled_at": session.started_ms}
    expired = into(tenant_id, ChangeState.EXPIRED, HELD).where(*met, *_waited_too_long(session, CHANGES))
    session.connection.execute(expired.values(**settled, detail="nobody decided in time; asked anew"))
    replaced = into(tenant_id, ChangeState.SUPERSEDED, OPEN).where(*met).values(**settled)
    session.connection.execute(replaced)
    session.connection.execute(
        update(CHANGES)
        .where(
            CHANGES.c.tenant_id == tenant_id,
            within(CHANGES, {ChangeState.BLOCKED}),
            CHANGES.c.blocked_on.startswith("change:"),
            OTHER.c.change_id == func.substr(CHANGES.c.blocked_on, len("change:") + 1),
            OTHER.c.tenant_id == tenant_id,
            OTHER.c.superseded_by.is_not(None),
        )
        .values(blocked_on=literal("change:") + OTHER.c.superseded_by)
    )


def _inherit(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Hand on what stays true: crashes, a request that may have been acted upon, and the hold of a human.

    A hold is over one kind of change: who was to be closed and is only to be updated now waits for nobody.
    One that no yes lifts is not covered up by one that a yes does.
    """
    held = and_(
        OTHER.c.state == ChangeState.HELD.value,
        one_of(OTHER.c.why, ASKING),
        OTHER.c.action == CHANGES.c.action,
        or_(CHANGES.c.to_hold.is_(False), one_of(CHANGES.c.why, ASKING)),
    )
    suspect = OTHER.c.crashes >= SUSPECT_AFTER
    values: dict[str, Any] = {
        "intent_at": OTHER.c.intent_at,
        "sent_at": OTHER.c.sent_at,
        "crashes": OTHER.c.crashes,
        "queue": case((suspect, Queue.SUSPECTS.value), else_=CHANGES.c.queue),
        "to_hold": case((held, true()), else_=CHANGES.c.to_hold),
        "why": case((held, OTHER.c.why), else_=CHANGES.c.why),
        "detail": case((held, OTHER.c.detail), else_=CHANGES.c.detail),
    }
    session.connection.execute(
        update(CHANGES)
        .where(*planned(CHANGES, tenant_id, run_id), same_subject(CHANGES, OTHER), within(OTHER, OPEN))
        .values(**values)
    )


def _drop_unwanted(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Close open rows that are not wanted any more. No record ever asked for a row that takes one back.

    A row that may have given somebody an account goes on: one that nobody links is an open door.
    The next run closes what this one then finds.
    """
    perhaps_made = and_(one_of(CHANGES.c.action, GIVING), CHANGES.c.intent_at.is_not(None))
    session.connection.execute(
        into(tenant_id, ChangeState.DROPPED, OPEN)
        .where(
            *planned(MINE, tenant_id, run_id),
            same_subject(CHANGES, MINE),
            MINE.c.action == Action.KEEP.value,
            ~perhaps_made,
            CHANGES.c.undoes.is_(None),
        )
        .values(detail="not wanted any more", settled_at=session.started_ms)
    )
