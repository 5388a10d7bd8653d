"""Record what happened to the rows of one envelope, in one pass."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Delete, Integer, Select, Text, Update, bindparam, delete, select, update

from adapters.database.changes_death import REFUSED, bury
from adapters.database.changes_done import drop_held
from adapters.database.changes_moves import (
    DUE_NOW,
    UNLEASED,
    UNRUNG,
    into,
    into_of_all,
    tenants_turn,
    these,
    within,
)
from adapters.database.changes_rows import AnyRow
from adapters.database.changes_wake import wake, wake_waiters
from adapters.database.changes_yield import Learned, give_way
from adapters.database.decisions import remember_undone
from adapters.database.doubts import believe, doubt
from adapters.database.history import keep_in_mind
from adapters.database.links import drop_links, forget_links, store_links
from adapters.database.links_brought_up import (
    doubt_replaced,
    link_row,
    note_late,
    remember_losses,
    stored_links,
    with_managers,
)
from adapters.database.managers_kept import bring_managers_back, doubt_reports, keep_managers
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import built_once
from adapters.database.tables_changes import CHANGES, DECISIONS
from adapters.database.taking_over import TakenOver, hand_on, in_doubt, leave_seconds, take_over
from domain.changes import Action, ChangeState, on_change, on_link
from domain.ids import ChangeId, LetterId, TenantId
from domain.records import Done, Outdated, Postponed, Refused, Removed, Returned, Settled, Settlement

WORKING = frozenset({ChangeState.WORKING})
WAITING = frozenset({ChangeState.WAITING})
S = TypeVar("S", Done, Removed, Postponed, Refused, Outdated, Returned)
Held = Mapping[str, AnyRow]
"""The rows that the token still holds, by id."""


def settle(session: Session, tenant_id: TenantId, token: str, settlements: Sequence[Settlement]) -> Settled:
    """Record each settlement whose row this token still holds, and return which, with the new letters."""
    tenants_turn(session, tenant_id)
    held = _held(session, tenant_id, token, [settlement.change_id for settlement in settlements])
    mine = [settlement for settlement in settlements if settlement.change_id in held]
    note_late(
        session, tenant_id, [settlement for settlement in settlements if settlement.change_id not in held]
    )
    _done(session, tenant_id, _of(Done, mine), held)
    _removed(session, tenant_id, _of(Removed, mine), held)
    _outdated(session, tenant_id, _of(Outdated, mine))
    letters = _refused(session, tenant_id, _of(Refused, mine), held)
    _postponed(session, tenant_id, _of(Postponed, mine), held)
    _returned(session, tenant_id, _of(Returned, mine), held)
    return Settled(tuple(mine), tuple(letters))


def _of(kind: type[S], settlements: Sequence[Settlement]) -> list[S]:
    return [settlement for settlement in settlements if isinstance(settlement, kind)]


def _held(session: Session, tenant_id: TenantId, token: str, change_ids: Sequence[ChangeId]) -> Held:
    found = session.connection.execute(*_still_held(tenant_id, token, change_ids))
    return {row.change_id: row for row in found}


def _done(session: Session, tenant_id: TenantId, done: Sequence[Done], held: Held) -> None:
    if not done:
        return
    for state in (ChangeState.APPLIED, ChangeState.ALREADY_SO):
        done_now = [
            {"this": one.change_id, "note": one.note, "code": None, "version": one.link.version + 1}
            for one in done
            if one.state is state
        ]
        _move_each(session, tenant_id, state, done_now)
    stored = stored_links(session, tenant_id, done)
    moved = remember_losses(session, tenant_id, done, stored)
    done = with_managers(session, tenant_id, done, stored, moved)
    taken = _take_over(session, tenant_id, done, held)
    kept = [one for one in done if not one.forget]
    store_links(session, tenant_id, [link_row(session, tenant_id, one) for one in kept])
    hand_on(session, tenant_id, taken)
    doubt_replaced(session, tenant_id, kept, stored)
    bring_managers_back(session, tenant_id, kept)
    doubt_reports(session, tenant_id, kept)
    keep_managers(session, tenant_id, [one for one in done if one.forget])
    forget_links(session, tenant_id, [one.link.person_id for one in done if one.forget])
    rows = [held[one.change_id] for one in done]
    believe(session, tenant_id, {one.link.person_id: one.believed for one in kept if one.believed})
    _forget_refusals(session, tenant_id, rows)
    remember_undone(session, tenant_id, rows)
    links = [on_link(one.link.person_id) for one in kept if one.link.active]
    drop_held(session, tenant_id, [one.link.person_id for one in kept])
    wake_waiters(session, tenant_id, [*links, *(on_change(one.change_id) for one in done)])


def _removed(session: Session, tenant_id: TenantId, removed: Sequence[Removed], held: Held) -> None:
    """Settle rows whose account is gone for good, and forget its link; a second account is theirs then."""
    if not removed:
        return
    for state in (ChangeState.APPLIED, ChangeState.ALREADY_SO):
        gone = [one.change_id for one in removed if one.state is state]
        notes = [{"this": each, "note": "", "code": None, "version": None} for each in gone]
        _move_each(session, tenant_id, state, notes)
    people = [held[one.change_id].person_id for one in removed]
    keep_in_mind(session, tenant_id, people)
    doubts = in_doubt(session, tenant_id, people)
    drop_links(session, tenant_id, people)
    leave_seconds(session, tenant_id, doubts)
    wake_waiters(session, tenant_id, [on_change(one.change_id) for one in removed])


def _take_over(
    session: Session, tenant_id: TenantId, done: Sequence[Done], held: Held
) -> Sequence[TakenOver]:
    """Take an account that was linked anew from whoever had it before, such as the same person's old id."""
    linked = [one.link for one in done if held[one.change_id].action == Action.LINK.value]
    return take_over(session, tenant_id, {link.account_id: link.person_id for link in linked})


def _forget_refusals(session: Session, tenant_id: TenantId, rows: Sequence[AnyRow]) -> None:
    """What was done is not refused any more."""
    for aspect in sorted({row.aspect for row in rows}):
        people = [row.person_id for row in rows if row.aspect == aspect]
        session.connection.execute(*_refusals(tenant_id, aspect, people))


def _outdated(session: Session, tenant_id: TenantId, outdated: Sequence[Outdated]) -> None:
    notes = [
        {"this": one.change_id, "note": one.detail, "code": one.code.value, "version": None}
        for one in outdated
    ]
    _move_each(session, tenant_id, ChangeState.STALE, notes)
    made = [one.made for one in outdated if one.made]
    if made:
        owners = {one.link.account_id: one.link.person_id for one in made}
        taken = take_over(session, tenant_id, owners)
        store_links(session, tenant_id, [link_row(session, tenant_id, one) for one in made])
        hand_on(session, tenant_id, taken)
        wake_waiters(session, tenant_id, [on_link(one.link.person_id) for one in made if one.link.active])
    if outdated:
        wake(session, tenant_id)


def _refused(
    session: Session, tenant_id: TenantId, refused: Sequence[Refused], held: Held
) -> Sequence[LetterId]:
    deaths = [(held[one.change_id], one.code, one.detail) for one in refused]
    letters = bury(session, tenant_id, deaths)
    doubt(session, tenant_id, [held[one.change_id] for one in refused if one.intent_kept])
    definite = [one.change_id for one in refused if not one.intent_kept]
    if definite:
        session.connection.execute(
            update(CHANGES).where(*these(tenant_id, definite)).values(intent_at=None, sent_at=None)
        )
    return letters


def _postponed(session: Session, tenant_id: TenantId, postponed: Sequence[Postponed], held: Held) -> None:
    doubt(session, tenant_id, [held[one.change_id] for one in postponed if one.intent_kept])
    for one in postponed:
        row = held[one.change_id]
        intent = row.intent_at if one.intent_kept else None
        sent = {"sent_at": session.started_ms + one.stands // MILLISECOND} if one.sent else {}
        learned_at = sent.get("sent_at", row.sent_at) if intent else None
        due = session.started_ms + one.wait // MILLISECOND
        if give_way(session, row, Learned(row.crashes, row.queue, intent, learned_at, due)):
            continue
        session.connection.execute(
            into(tenant_id, ChangeState.WAITING, WORKING)
            .where(CHANGES.c.change_id == one.change_id)
            .values(
                why=one.code.value,
                detail=one.detail,
                due_at=due,
                intent_at=intent,
                tries=row.tries if one.counted else row.tries - 1,
                **sent,
                **UNRUNG,
                **UNLEASED,
            )
        )


def _returned(session: Session, tenant_id: TenantId, returned: Sequence[Returned], held: Held) -> None:
    """Take the try back. The states are drawn through waiting, so the row passes it."""
    for one in returned:
        row = held[one.change_id]
        sent_at = row.sent_at if row.intent_before else None
        if give_way(session, row, Learned(row.crashes, row.queue, row.intent_before, sent_at, None)):
            continue
        this = CHANGES.c.change_id == one.change_id
        untried = {"tries": row.tries - 1, "intent_at": row.intent_before, **UNLEASED}
        session.connection.execute(
            into(tenant_id, ChangeState.WAITING, WORKING).where(this).values(**untried)
        )
        session.connection.execute(
            into(tenant_id, ChangeState.RELEASED, WAITING).where(this).values(**DUE_NOW)
        )


def _move_each(
    session: Session,
    tenant_id: TenantId,
    state: ChangeState,
    notes: Sequence[Mapping[str, str | int | None]],
) -> None:
    """Move rows one by one, but in one round to the database; each has its own note."""
    if notes:
        here = {"tenant": tenant_id, "now": session.started_ms}
        session.connection.execute(_settled(state), [{**here, **note} for note in notes])


@built_once
def _still_held(tenant_id: TenantId, token: str, change_ids: Sequence[ChangeId]) -> Select[*tuple[Any, ...]]:
    mine = (CHANGES.c.lease_token == token, CHANGES.c.change_id.in_(change_ids))
    return select(CHANGES).where(CHANGES.c.tenant_id == tenant_id, within(CHANGES, WORKING), *mine)


@cache
def _settled(state: ChangeState) -> Update:
    """Build what is given the values of many rows in one round."""
    this = (CHANGES.c.tenant_id == bindparam("tenant"), CHANGES.c.change_id == bindparam("this"))
    told = {"why": bindparam("code", type_=Text), "detail": bindparam("note")}
    version = bindparam("version", type_=Integer)
    now = bindparam("now", type_=BigInteger)
    over = {"settled_at": now, "intent_at": None, "due_at": None, "done_version": version, **UNLEASED}
    return into_of_all(state, WORKING).where(*this).values(**told, **over)


@built_once
def _refusals(tenant_id: TenantId, aspect: str, people: Sequence[str]) -> Delete:
    refused = (DECISIONS.c.tenant_id == tenant_id, DECISIONS.c.kind == REFUSED)
    theirs = (DECISIONS.c.aspect == aspect, DECISIONS.c.person_id.in_(people))
    return delete(DECISIONS).where(*refused, *theirs)
