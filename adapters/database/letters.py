"""Dead letters, kept for months: of changes by person, aspect and cause, of messages by what they say."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    and_,
    case,
    delete,
    desc,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from adapters.database.changes_moves import chunks, within
from adapters.database.changes_rows import AnyRow
from adapters.database.doubts import perhaps_made
from adapters.database.session import Session, millis, moment
from adapters.database.statements import built_once, insert_into, one_of, touched
from adapters.database.tables import LETTERS, of, owner, whose
from adapters.database.tables_changes import CHANGES, DECISIONS
from domain.changes import ChangeState
from domain.codes import Code
from domain.decisions import DecisionKind
from domain.ids import INSTALLATION, ChangeId, LetterId, PersonId, TenantId
from domain.letters import Letter, LetterState

LONGEST_MESSAGE = 64 * 1024
"""What is longer was never one of our messages; its head is enough to recognise it."""

DEAD = frozenset({ChangeState.DEAD})
ON_ITS_WAY = frozenset(
    {ChangeState.RELEASED, ChangeState.WORKING, ChangeState.WAITING, ChangeState.PARKED, ChangeState.BLOCKED}
)
AFTER_A_DEATH = ON_ITS_WAY | DEAD | {ChangeState.APPLIED, ChangeState.ALREADY_SO, ChangeState.HELD}
"""States of a newer row that say: the older one is not what somebody should look at any more."""

NEWER = CHANGES.alias("newer")


class SqlLetters:
    """Keep letters; those of rows are written where the row dies, by `letters_of_rows`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, tenant_id: TenantId, letter_id: LetterId, code: Code, detail: str, message: bytes) -> bool:
        """Record a message that died outside of a row; False if its letter is known, and counted again."""
        now = self._session.started_ms
        row = first_time(now) | {
            "letter_id": letter_id,
            "tenant_id": owner(tenant_id),
            "code": code.value,
            "detail": detail,
            "message": message[:LONGEST_MESSAGE],
        }
        insert = insert_into(self._session.connection, LETTERS).values(row)
        again = {**once_more(now), "detail": detail}
        upsert = insert.on_conflict_do_update(index_elements=["letter_id"], set_=again)
        return bool(self._session.connection.scalar(upsert.returning(LETTERS.c["count"])) == 1)

    def list(
        self,
        tenant_id: TenantId,
        limit: int,
        *,
        states: Sequence[LetterState] = (LetterState.STANDING,),
        code: Code | None = None,
    ) -> Sequence[Letter]:
        """List letters in these states, or all if none is named; the last seen first."""
        here = [of(LETTERS, tenant_id)]
        here += [LETTERS.c.code == code.value] if code else []
        here += [_STATE.in_([state.value for state in states])] if states else []
        ordered = _LISTED.where(*here).order_by(desc(LETTERS.c.last_at), desc(LETTERS.c.letter_id))
        return [_letter(row) for row in self._session.connection.execute(ordered.limit(limit))]

    def get(self, tenant_id: TenantId, letter_id: LetterId) -> Letter | None:
        """Return one letter."""
        asked = _LISTED.where(of(LETTERS, tenant_id), LETTERS.c.letter_id == letter_id)
        row = self._session.connection.execute(asked).one_or_none()
        return _letter(row) if row else None

    def message(self, tenant_id: TenantId, letter_id: LetterId) -> bytes | None:
        """Return the message of a letter as it was on the queue."""
        asked = select(LETTERS.c.message).where(of(LETTERS, tenant_id), LETTERS.c.letter_id == letter_id)
        found = self._session.connection.scalar(asked)
        return None if found is None else bytes(found)

    def standing(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count people and messages whose letter stands or is under way, by cause."""
        asked = _standing(tenant_id, installation=tenant_id == INSTALLATION)
        return {Code(code): number for code, number in self._session.connection.execute(*asked)}

    def requeued(self, tenant_id: TenantId, letter_ids: Sequence[LetterId], by: str, key: str = "") -> int:
        """Note that letters were sent on their way again; a message is over with that."""
        news: dict[str, object] = {"requeued_at": self._session.started_ms, "requeued_by": by}
        news["requeued_key"] = _mark_of(key) if key else None
        is_row = LETTERS.c.change_id.is_not(None)
        return self._mark(
            tenant_id, letter_ids, news | {"stands": and_(LETTERS.c.stands, is_row)}, LETTERS.c.stands
        )

    def first_requeued(self, tenant_id: TenantId, key: str) -> datetime | None:
        """Look for the key's fingerprint."""
        asked = select(func.min(LETTERS.c.requeued_at)).where(
            of(LETTERS, tenant_id), LETTERS.c.requeued_key == _mark_of(key)
        )
        found = self._session.connection.scalar(asked)
        return None if found is None else moment(found)

    def dismiss(self, tenant_id: TenantId, letter_ids: Sequence[LetterId], by: str) -> int:
        """Take standing letters off the list until the same dies again."""
        news = {"dismissed_at": self._session.started_ms, "dismissed_by": by}
        return self._mark(tenant_id, letter_ids, news, LETTERS.c.stands, LETTERS.c.dismissed_at.is_(None))

    def close_unwanted(self, tenant_id: TenantId, before: datetime) -> int:
        """Close letters of before a complete reading that did not ask for the same again.

        What it asked for became a row, or is decided: those stay. A message that failed was rung again.
        """
        now, told = self._session.started_ms, millis(before)
        asked = _unwanted(tenant_id, told, now, installation=tenant_id == INSTALLATION)
        return touched(self._session.connection, *asked)

    def forget(self, older: timedelta, most: int) -> int:
        """Remove letters of all tenants that nobody needs any more; one that stands stays."""
        settled = one_of(_STATE, [LetterState.OVER.value, LetterState.DISMISSED.value])
        old = LETTERS.c.last_at <= millis(self._session.now() - older)
        some = select(LETTERS.c.letter_id).where(old, settled).order_by(LETTERS.c.last_at).limit(most)
        return touched(self._session.connection, delete(LETTERS).where(LETTERS.c.letter_id.in_(some)))

    def _mark(
        self,
        tenant_id: TenantId,
        letter_ids: Sequence[LetterId],
        news: Mapping[str, object],
        *where: ColumnElement[bool],
    ) -> int:
        marked = 0
        for some in chunks(sorted(set(letter_ids))):
            these = (of(LETTERS, tenant_id), LETTERS.c.letter_id.in_(some))
            change = update(LETTERS).where(*these, *where).values(dict(news))
            marked += touched(self._session.connection, change)
        return marked


def _mark_of(key: str) -> str:
    """Fingerprint the key of a request: whoever writes it may have put anything into it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def first_time(now: int) -> dict[str, object]:
    """Say of a letter that this is new."""
    return {"first_at": now, "last_at": now, "count": 1, "stands": True}


def once_more(now: int) -> dict[str, object]:
    """Say of a letter that the same died once more: whoever dismissed it hears of it again."""
    more = {"count": LETTERS.c["count"] + 1, "last_at": now, "stands": True}
    return {**more, "dismissed_at": None, "dismissed_by": None}


def _moving() -> ColumnElement[bool]:
    """Say that a row of the same person and aspect is on its way to the target."""
    same = (NEWER.c.tenant_id == LETTERS.c.tenant_id, NEWER.c.person_id == LETTERS.c.person_id)
    return exists().where(*same, NEWER.c.aspect == LETTERS.c.aspect, within(NEWER, ON_ITS_WAY))


def _still_dead() -> ColumnElement[bool]:
    """Say that the letter's row is dead of the letter's cause, and no newer row took its place."""
    newer = exists().where(
        NEWER.c.tenant_id == CHANGES.c.tenant_id,
        NEWER.c.person_id == CHANGES.c.person_id,
        NEWER.c.aspect == CHANGES.c.aspect,
        NEWER.c.change_id > CHANGES.c.change_id,
        within(NEWER, AFTER_A_DEATH),
    )
    dead = (CHANGES.c.change_id == LETTERS.c.change_id, within(CHANGES, DEAD))
    return exists().where(*dead, CHANGES.c.why == LETTERS.c.code, ~newer)


_STATE = case(
    (LETTERS.c.dismissed_at.is_not(None), LetterState.DISMISSED.value),
    (~LETTERS.c.stands, LetterState.OVER.value),
    (LETTERS.c.change_id.is_(None), LetterState.STANDING.value),
    (_moving(), LetterState.UNDER_WAY.value),
    (_still_dead(), LetterState.STANDING.value),
    else_=LetterState.OVER.value,
)
"""Where a letter stands is read from the rows, so that it is true whatever happened to them."""

_LISTED = select(*[column for column in LETTERS.c if column.name != "message"], _STATE.label("state")).where(
    true()
)


@built_once
def _standing(tenant_id: TenantId, *, installation: bool) -> Select[Any]:
    people = func.count(func.coalesce(LETTERS.c.person_id, LETTERS.c.letter_id).distinct())
    stands = one_of(_STATE, [LetterState.STANDING.value, LetterState.UNDER_WAY.value])
    here = (whose(LETTERS, tenant_id, installation=installation), stands)
    return select(LETTERS.c.code, people).where(*here).group_by(LETTERS.c.code)


@built_once
def _unwanted(tenant_id: TenantId, before: int, now: int, *, installation: bool) -> Update:
    decided = exists().where(
        DECISIONS.c.tenant_id == tenant_id,
        *of_its_decision(),
        DECISIONS.c.kind == DecisionKind.REFUSED.value,
        DECISIONS.c.until > now,
    )
    lost = exists().where(
        CHANGES.c.tenant_id == tenant_id, CHANGES.c.change_id == LETTERS.c.change_id, perhaps_made()
    )
    row = and_(LETTERS.c.change_id.is_not(None), ~_moving(), ~decided, ~lost)
    failed = and_(LETTERS.c.change_id.is_(None), LETTERS.c.code == Code.INTERNAL.value)
    mine = whose(LETTERS, tenant_id, installation=installation)
    here = (mine, LETTERS.c.stands, LETTERS.c.last_at < before)
    return update(LETTERS).where(*here, or_(row, failed)).values(stands=False)


def of_its_decision() -> Sequence[ColumnElement[bool]]:
    """Say that a letter and a decision are of one row; person and aspect only lead there by an index."""
    same = (DECISIONS.c.person_id == LETTERS.c.person_id, DECISIONS.c.aspect == LETTERS.c.aspect)
    return (*same, DECISIONS.c.change_id == LETTERS.c.change_id)


def _letter(row: AnyRow) -> Letter:
    return Letter(
        letter_id=LetterId(row.letter_id),
        tenant_id=TenantId(row.tenant_id or ""),
        code=Code(row.code),
        detail=row.detail,
        state=LetterState(row.state),
        first_at=moment(row.first_at),
        last_at=moment(row.last_at),
        count=row._mapping["count"],  # noqa: SLF001  public in SQLAlchemy; a row has a method named count
        change_id=ChangeId(row.change_id) if row.change_id else None,
        person_id=PersonId(row.person_id) if row.person_id else None,
        requeued_at=None if row.requeued_at is None else moment(row.requeued_at),
        requeued_by=row.requeued_by or "",
        dismissed_at=None if row.dismissed_at is None else moment(row.dismissed_at),
        dismissed_by=row.dismissed_by or "",
    )
