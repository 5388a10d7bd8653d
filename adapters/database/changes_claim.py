"""Take due rows to work on them, with everything that is needed to do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias, assert_never

from sqlalchemy import Select, Update, func, select, update

from adapters.database.changes_awaiting import FOR_ANOTHERS, FOR_THEIR_OWN
from adapters.database.changes_moves import (
    DUE_NOW,
    UNRUNG,
    tenants_turn,
    these,
    these_into,
    within,
)
from adapters.database.changes_rows import AnyRow, open_row
from adapters.database.links import SqlLinks
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import built_once, touched
from adapters.database.tables_changes import CHANGES
from domain.changes import Action, ChangeState, on_change, on_link
from domain.codes import Code
from domain.ids import AccountId, ChangeId, PersonId, TenantId
from domain.link import Link
from domain.records import Job
from domain.tenant import may_write

RELEASED = frozenset({ChangeState.RELEASED})
WORKING = frozenset({ChangeState.WORKING})
BLOCKED = frozenset({ChangeState.BLOCKED})
Links: TypeAlias = Mapping[PersonId, Link]


@dataclass(frozen=True, slots=True)
class Take:
    """Work on it; `manager` is the account of the person who shall be the manager."""

    manager: AccountId | None = None


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Let it wait for an account that is not there yet."""

    on: str
    why: Code | None
    detail: str


@dataclass(frozen=True, slots=True)
class Pointless:
    """Give it up: it would touch an account that we do not have."""


Verdict: TypeAlias = Take | WaitFor | Pointless


def claim(
    session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId], token: str, lease: timedelta
) -> Sequence[Job]:
    """Take the released rows among these, at most one of each person."""
    state = tenants_turn(session, tenant_id)
    if state is None or not may_write(state):
        _park(session, tenant_id, change_ids)
        return []
    rows = _free(session, tenant_id, change_ids)
    links = _links(session, tenant_id, rows)
    awaited = _awaited_names(session, tenant_id, rows)
    verdicts = [(row, _judge(row, links, awaited)) for row in rows]
    _turn_away(session, tenant_id, verdicts)
    taken = [(row, verdict) for row, verdict in verdicts if isinstance(verdict, Take)]
    _take(session, tenant_id, [row.change_id for row, _ in taken], token, lease)
    return [_job(session, row, verdict, links) for row, verdict in taken]


def keep_lease(session: Session, tenant_id: TenantId, token: str, lease: timedelta) -> int:
    """Renew the lease of all rows that this token still works on, and count them."""
    mine = (CHANGES.c.tenant_id == tenant_id, within(CHANGES, WORKING), CHANGES.c.lease_token == token)
    return touched(
        session.connection, update(CHANGES).where(*mine).values(lease_until=_until(session, lease))
    )


def _park(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> None:
    move = these_into(tenant_id, ChangeState.PARKED, change_ids, RELEASED)
    session.connection.execute(move.values(**UNRUNG))


def _free(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> list[AnyRow]:
    """Read the released rows, one of each person; the others ring again when that one is settled."""
    rows = session.connection.execute(*_asked(tenant_id, change_ids)).all()
    busy = _working(session, tenant_id, {row.person_id for row in rows})
    first: dict[str, AnyRow] = {}
    for row in rows:
        if row.person_id not in busy:
            first.setdefault(row.person_id, row)
    free = {row.change_id for row in first.values()}
    _leave(session, tenant_id, [row.change_id for row in rows if row.change_id not in free])
    return list(first.values())


def _working(session: Session, tenant_id: TenantId, people: set[str]) -> set[str]:
    return set(session.connection.scalars(*_worked_on(tenant_id, sorted(people)))) if people else set()


def _leave(session: Session, tenant_id: TenantId, change_ids: Sequence[str]) -> None:
    if change_ids:
        session.connection.execute(*_left(tenant_id, change_ids))


def _links(session: Session, tenant_id: TenantId, rows: Sequence[AnyRow]) -> Links:
    people = {PersonId(row.person_id) for row in rows}
    managers = {PersonId(row.after_manager) for row in rows if row.after_manager}
    return SqlLinks(session).get(tenant_id, sorted(people | managers)) if rows else {}


def _awaited_names(session: Session, tenant_id: TenantId, rows: Sequence[AnyRow]) -> frozenset[str]:
    """Find those rows that would free a name for somebody who waits for it."""
    names = [on_change(ChangeId(row.change_id)) for row in rows if row.action == Action.RELEASE_NAME.value]
    if not names:
        return frozenset()
    asked = select(CHANGES.c.blocked_on).where(
        CHANGES.c.tenant_id == tenant_id, within(CHANGES, BLOCKED), CHANGES.c.blocked_on.in_(names)
    )
    return frozenset(session.connection.scalars(asked))


def _judge(row: AnyRow, links: Links, awaited: frozenset[str]) -> Verdict:
    """Look whether the accounts are there that a row needs.

    An open account gives its name up only in a circle, for somebody who waits for it, or gets an old one
    back where the circle came to nothing.
    """
    own = links.get(PersonId(row.person_id))
    match Action(row.action):
        case Action.CREATE | Action.LINK:
            return Take()
        case Action.SET_MANAGER:
            return _judge_manager(row, own, links)
        case Action.RELEASE_NAME if own and own.active:
            healing = row.cause == Code.NAME_TEMPORARY.value
            return Take() if healing or on_change(ChangeId(row.change_id)) in awaited else Pointless()
        case Action.UPDATE | Action.DEACTIVATE | Action.REACTIVATE:
            return Take()  # without an account nothing is sent, but the person is looked at afresh
        case Action.RELEASE_NAME | Action.UNLINK:
            return Take() if own else Pointless()
        case Action.DELETE:
            return Take() if own and not own.active else Pointless()
        case Action.KEEP:
            return Pointless()
        case unknown:
            assert_never(unknown)


def _judge_manager(row: AnyRow, own: Link | None, links: Links) -> Verdict:
    if own is None or not own.active:
        return WaitFor(on_link(PersonId(row.person_id)), None, FOR_THEIR_OWN)
    if row.after_manager is None:
        return Take()
    manager = links.get(PersonId(row.after_manager))
    if manager is None or not manager.active:
        awaited = on_link(PersonId(row.after_manager))
        return WaitFor(awaited, Code.MANAGER_NOT_SYNCED, f"{FOR_ANOTHERS}{row.after_manager}")
    return Take(manager.account_id)


def _turn_away(session: Session, tenant_id: TenantId, verdicts: Sequence[tuple[AnyRow, Verdict]]) -> None:
    for row, verdict in verdicts:
        match verdict:
            case Take():
                continue
            case WaitFor(on, why, detail):
                told = {**DUE_NOW, "blocked_on": on, "why": why.value if why else None, "detail": detail}
                move = these_into(tenant_id, ChangeState.BLOCKED, [row.change_id], RELEASED)
                session.connection.execute(move.values(**told))
            case Pointless():
                told = {"why": Code.PLAN_STALE.value, "detail": "no account of ours belongs to this person"}
                move = these_into(tenant_id, ChangeState.STALE, [row.change_id], RELEASED)
                session.connection.execute(move.values(**told, settled_at=session.started_ms, **UNRUNG))
            case _:
                assert_never(verdict)


def _take(
    session: Session, tenant_id: TenantId, change_ids: Sequence[str], token: str, lease: timedelta
) -> None:
    """Write the lease and the intent. An earlier intent stays: its request may have been acted upon."""
    if change_ids:
        given = (token, _until(session, lease), session.started_ms)
        session.connection.execute(*_taken(tenant_id, change_ids, *given))


@built_once
def _asked(tenant_id: TenantId, change_ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    released = CHANGES.c.state == ChangeState.RELEASED.value
    return (
        select(CHANGES)
        .where(*these(tenant_id, change_ids), released)
        .order_by(CHANGES.c.lane, CHANGES.c.change_id)
    )


@built_once
def _worked_on(tenant_id: TenantId, people: Sequence[str]) -> Select[str]:
    theirs = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.person_id.in_(people))
    return select(CHANGES.c.person_id).where(*theirs, within(CHANGES, WORKING))


@built_once
def _left(tenant_id: TenantId, change_ids: Sequence[str]) -> Update:
    released = CHANGES.c.state == ChangeState.RELEASED.value
    return update(CHANGES).where(*these(tenant_id, change_ids), released).values(**UNRUNG)


@built_once
def _taken(tenant_id: TenantId, change_ids: Sequence[str], token: str, until: int, now: int) -> Update:
    return these_into(tenant_id, ChangeState.WORKING, change_ids, RELEASED).values(
        lease_token=token,
        lease_until=until,
        tries=CHANGES.c.tries + 1,
        intent_before=CHANGES.c.intent_at,
        intent_at=func.coalesce(CHANGES.c.intent_at, now),
    )


def _job(session: Session, row: AnyRow, verdict: Take, links: Links) -> Job:
    """Tell the row as it is now, but with the intent as it was before this try."""
    change = replace(open_row(session, row), state=ChangeState.WORKING, tries=row.tries + 1)
    return Job(change, links.get(change.person_id), verdict.manager)


def _until(session: Session, lease: timedelta) -> int:
    return session.started_ms + lease // MILLISECOND
