"""Lists of rows that humans were shown, and what they said of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Row, Update, delete, desc, select, update

from adapters.database.session import MILLISECOND, Session, moment
from adapters.database.statements import built_once, insert_into, touched
from adapters.database.tables_approvals import APPROVALS, OPEN_LISTS
from adapters.database.values import pack
from domain.approval import ASKED_FOR, SECOND_YES_WITHIN, Approval, YesState, readable, sheet, told
from domain.changes import Change
from domain.ids import ApprovalId, ChangeId, RunId, TenantId

PURPOSE = "approval"


class SqlApprovals:
    """Keep lists and yeses; `domain.ports_approvals.Approvals` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def hash_of(self, tenant_id: TenantId, rows: Sequence[Change]) -> str:
        """Fingerprint a list under the tenant's key, so that it tells nothing about anybody."""
        return readable(self._session.digest(tenant_id, PURPOSE, sheet(rows)))

    def fingerprints(self, tenant_id: TenantId, rows: Sequence[Change]) -> Mapping[ChangeId, str]:
        """Fingerprint each row."""
        return {row.change_id: readable(self._session.digest(tenant_id, PURPOSE, told(row))) for row in rows}

    def show(self, tenant_id: TenantId, new_id: ApprovalId, about: str, rows: Sequence[Change]) -> Approval:
        """Insert the list, or show the open one of the same hash again."""
        hash_ = self.hash_of(tenant_id, rows)
        known = self.get(tenant_id, hash_)
        self._end_old(tenant_id, hash_)
        news: dict[str, object] = {
            "about": about,
            "rows": pack(dict(self.fingerprints(tenant_id, rows))),
            "shown_at": self._session.started_ms,
        }
        if known is not None and known.state is YesState.FIRST_YES:
            self._session.connection.execute(self._open(tenant_id, known.approval_id).values(**news))
        else:
            news["expires_at"] = self._in(ASKED_FOR)
            key = {"tenant_id": tenant_id, "approval_id": new_id, "hash": hash_}
            insert = insert_into(self._session.connection, APPROVALS)
            insert = insert.values(**key, state=YesState.SHOWN.value, **news)
            upsert = insert.on_conflict_do_update(
                index_elements=["tenant_id", "hash"], index_where=OPEN_LISTS, set_=news
            )
            self._session.connection.execute(upsert)
        found = self.get(tenant_id, hash_)
        if found is None:
            raise LookupError(f"the list {hash_} of {tenant_id} is not there although it was just stored")
        return found

    def get(self, tenant_id: TenantId, hash_: str) -> Approval | None:
        """Return the open list of a hash that has not expired."""
        asked = select(APPROVALS).where(
            APPROVALS.c.tenant_id == tenant_id,
            APPROVALS.c.hash == hash_,
            OPEN_LISTS,
            APPROVALS.c.expires_at > self._session.started_ms,
        )
        row = self._session.connection.execute(asked).one_or_none()
        return _approval(row) if row else None

    def say_first(self, tenant_id: TenantId, approval_id: ApprovalId, by: str) -> bool:
        """Turn a shown list into one that waits for a second yes."""
        move = self._open(tenant_id, approval_id).where(APPROVALS.c.state == YesState.SHOWN.value)
        values = {
            "state": YesState.FIRST_YES.value,
            "first_by": by,
            "first_at": self._session.started_ms,
            "expires_at": self._in(SECOND_YES_WITHIN),
        }
        return touched(self._session.connection, move.values(**values)) == 1

    def give(self, tenant_id: TenantId, approval_id: ApprovalId, by: str, run_id: RunId) -> bool:
        """Settle a list with its last yes."""
        first = APPROVALS.c.state == YesState.SHOWN.value
        one = {"first_by": by, "first_at": self._session.started_ms}
        settled = {"state": YesState.GIVEN.value, "settled_at": self._session.started_ms, "run_id": run_id}
        alone = self._open(tenant_id, approval_id).where(first).values(**settled, **one)
        second = self._open(tenant_id, approval_id).where(~first).values(**settled, second_by=by)
        return any(touched(self._session.connection, each) for each in (alone, second))

    def refuse(self, tenant_id: TenantId, approval_id: ApprovalId, by: str) -> bool:
        """Settle a list with a no; who said the first yes stays written beside it."""
        values = {
            "state": YesState.REJECTED.value,
            "second_by": by,
            "settled_at": self._session.started_ms,
        }
        return touched(self._session.connection, self._open(tenant_id, approval_id).values(**values)) == 1

    def awaiting(self, tenant_id: TenantId) -> Sequence[Approval]:
        """List first yeses that have not expired, oldest first."""
        here = (
            APPROVALS.c.tenant_id == tenant_id,
            APPROVALS.c.state == YesState.FIRST_YES.value,
            APPROVALS.c.expires_at > self._session.started_ms,
        )
        asked = select(APPROVALS).where(*here).order_by(APPROVALS.c.first_at, APPROVALS.c.approval_id)
        return [_approval(row) for row in self._session.connection.execute(asked)]

    def newest(self, tenant_id: TenantId, limit: int) -> Sequence[Approval]:
        """List what was said, newest first."""
        said = (APPROVALS.c.tenant_id == tenant_id, APPROVALS.c.state != YesState.SHOWN.value)
        asked = select(APPROVALS).where(*said).order_by(desc(APPROVALS.c.shown_at)).limit(limit)
        return [_approval(row) for row in self._session.connection.execute(asked)]

    def lapse(self) -> int:
        """Let first yeses lapse and remove lists that were only looked at."""
        connection, now = self._session.connection, self._session.started_ms
        return touched(connection, *_lapsed(now)) + touched(connection, *_only_looked_at(now))

    def _end_old(self, tenant_id: TenantId, hash_: str) -> None:
        """Make room for a list whose expired predecessor nobody has swept away yet."""
        self._session.connection.execute(*_lapsed_before(tenant_id, hash_, self._session.started_ms))

    def _open(self, tenant_id: TenantId, approval_id: ApprovalId) -> Update:
        here: tuple[ColumnElement[bool], ...] = (
            APPROVALS.c.tenant_id == tenant_id,
            APPROVALS.c.approval_id == approval_id,
        )
        return update(APPROVALS).where(*here, OPEN_LISTS)

    def _in(self, span: timedelta) -> int:
        return self._session.started_ms + span // MILLISECOND


@built_once
def _lapsed(now: int) -> Update:
    """Let first yeses of all tenants lapse that nobody joined in time."""
    return _lapse(now).where(OPEN_LISTS)


@built_once
def _lapsed_before(tenant_id: TenantId, hash_: str, now: int) -> Update:
    return _lapse(now).where(APPROVALS.c.tenant_id == tenant_id, APPROVALS.c.hash == hash_)


def _lapse(now: int) -> Update:
    waiting = (APPROVALS.c.state == YesState.FIRST_YES.value, APPROVALS.c.expires_at <= now)
    return update(APPROVALS).where(*waiting).values(state=YesState.LAPSED.value, settled_at=now)


@built_once
def _only_looked_at(now: int) -> Delete:
    shown = (OPEN_LISTS, APPROVALS.c.expires_at <= now, APPROVALS.c.state == YesState.SHOWN.value)
    return delete(APPROVALS).where(*shown)


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        approval_id=ApprovalId(row.approval_id),
        tenant_id=TenantId(row.tenant_id),
        hash=row.hash,
        about=row.about,
        state=YesState(row.state),
        rows=json.loads(row.rows),
        shown_at=moment(row.shown_at),
        expires_at=moment(row.expires_at),
        first_by=row.first_by,
        first_at=None if row.first_at is None else moment(row.first_at),
        second_by=row.second_by,
        settled_at=None if row.settled_at is None else moment(row.settled_at),
        run_id=RunId(row.run_id) if row.run_id else None,
    )
