"""Dispatches: what is on its way to humans, one row for each notice and channel."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    delete,
    distinct,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from adapters.database.session import Session, millis, moment
from adapters.database.statements import Asked, built_once, insert_new, one_of, touched
from adapters.database.tables import INCIDENTS, TENANTS, of, owner, whose
from adapters.database.tables_notices import DISPATCHES
from domain.codes import Code
from domain.dispatches import (
    LEASE,
    Dispatch,
    DispatchState,
    Ending,
    NewDispatch,
    Sent,
    Undelivered,
    Waits,
    Withdrawn,
)
from domain.ids import INSTALLATION, IncidentId, TenantId
from domain.notices import Audience, Stage
from domain.tenant import TenantState

HERE = DISPATCHES.c
OVER = one_of(
    HERE.state, [DispatchState.SENT.value, DispatchState.WITHDRAWN.value, DispatchState.UNDELIVERED.value]
)
IS_DUE = HERE.state == DispatchState.DUE.value
ORDER = case(
    (HERE.state == DispatchState.UNDELIVERED.value, 0), (HERE.state == DispatchState.DUE.value, 1), else_=2
)


class SqlDispatches:
    """Keep dispatches; a lease is a token and a `due_at` behind its end."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, tenant_id: TenantId, new: Sequence[NewDispatch]) -> int:
        """Ask for dispatches, due at once; those that are known stay as they are."""
        now = self._session.started_ms
        insert = insert_new(self._session.connection, DISPATCHES)
        rows = [
            {
                "whose": tenant_id,
                "tenant_id": owner(tenant_id),
                "notice_id": each.notice_id,
                "channel": each.channel,
                "stage": each.stage.value,
                "about": each.about,
                "audience": each.audience.value,
                "state": DispatchState.DUE.value,
                "tries": 0,
                "doubtful": 0,
                "made_at": now,
                "due_at": now,
                "detail": "",
            }
            for each in new
        ]
        return sum(touched(self._session.connection, insert, row) for row in rows)

    def take(self, tenant_id: TenantId, token: str) -> Dispatch | None:
        """Lease the dispatch that has been due the longest."""
        now = self._session.started_ms
        oldest = _oldest(tenant_id, now, installation=tenant_id == INSTALLATION)
        found = self._session.connection.execute(*oldest).one_or_none()
        if found is None:
            return None
        taken = (
            update(DISPATCHES)
            .where(of(DISPATCHES, tenant_id), HERE.notice_id == found.notice_id)
            .where(HERE.channel == found.channel, IS_DUE, HERE.due_at <= now)
            .values(
                lease_token=token,
                due_at=now + int(LEASE.total_seconds() * 1000),
                tries=HERE.tries + 1,
                doubtful=HERE.doubtful + 1,
            )
            .returning(DISPATCHES)
        )
        row = self._session.connection.execute(taken).one_or_none()
        return _dispatch(row) if row else None

    def settle(self, taken: Dispatch, token: str, ending: Ending) -> bool:
        """Write down how a try ended, unless somebody else has the lease."""
        mine = (
            of(DISPATCHES, taken.tenant_id),
            HERE.notice_id == taken.notice_id,
            HERE.channel == taken.channel,
            HERE.lease_token == token,
        )
        changed = update(DISPATCHES).where(*mine, IS_DUE).values(lease_token=None, **self._news(ending))
        return touched(self._session.connection, changed) == 1

    def _news(self, ending: Ending) -> dict[str, Any]:
        now = self._session.started_ms
        match ending:
            case Sent():
                return {"state": DispatchState.SENT.value, "settled_at": now, "code": None, "detail": ""}
            case Waits(code, detail, wait, doubtful):
                counted = HERE.doubtful if doubtful else HERE.doubtful - 1
                due_at = now + int(wait.total_seconds() * 1000)
                return {"due_at": due_at, "doubtful": counted, "code": code.value, "detail": detail}
            case Undelivered(code, detail):
                state = DispatchState.UNDELIVERED.value
                return {"state": state, "settled_at": now, "code": code.value, "detail": detail}
            case Withdrawn(detail):
                state = DispatchState.WITHDRAWN.value
                return {"state": state, "settled_at": now, "code": None, "detail": detail}
            case _:
                assert_never(ending)

    def withdraw(self, tenant_id: TenantId, incident_id: IncidentId, why: str) -> int:
        """Withdraw what is due of an incident and has no lease that still holds."""
        idle = HERE.lease_token.is_(None) | (HERE.due_at <= self._session.started_ms)
        changed = (
            update(DISPATCHES)
            .where(of(DISPATCHES, tenant_id), HERE.about == incident_id, IS_DUE, idle)
            .values(lease_token=None, **self._news(Withdrawn(why)))
        )
        return touched(self._session.connection, changed)

    def tellings(self, tenant_id: TenantId, incident_id: IncidentId, stage: Stage) -> int:
        """Count the notices of this stage that were ever asked for."""
        asked = select(func.count(distinct(HERE.notice_id))).where(
            of(DISPATCHES, tenant_id), HERE.about == incident_id, HERE.stage == stage.value
        )
        return self._session.connection.scalar(asked) or 0

    def again(self, tenant_id: TenantId) -> int:
        """Let everything undelivered be tried afresh, as if it were asked for now."""
        now = self._session.started_ms
        changed = (
            update(DISPATCHES)
            .where(of(DISPATCHES, tenant_id), HERE.state == DispatchState.UNDELIVERED.value)
            .values(
                state=DispatchState.DUE.value,
                made_at=now,
                due_at=now,
                tries=0,
                doubtful=0,
                settled_at=None,
                lease_token=None,
            )
        )
        return touched(self._session.connection, changed)

    def of(self, tenant_id: TenantId, limit: int) -> Sequence[Dispatch]:
        """List dispatches: undelivered first, then what is due, then the newest."""
        rows = self._session.connection.execute(
            select(DISPATCHES)
            .where(of(DISPATCHES, tenant_id))
            .order_by(ORDER, HERE.made_at.desc(), HERE.notice_id, HERE.channel)
            .limit(limit)
        )
        return [_dispatch(row) for row in rows]

    def undelivered(self, tenant_id: TenantId) -> Sequence[Dispatch]:
        """List what was given up, the oldest first."""
        rows = self._session.connection.execute(
            select(DISPATCHES)
            .where(HERE.state == DispatchState.UNDELIVERED.value, HERE.tenant_id == tenant_id)
            .order_by(HERE.made_at, HERE.notice_id, HERE.channel)
        )
        return [_dispatch(row) for row in rows]

    def open_ones(self) -> Sequence[Dispatch]:
        """List what is undelivered or due, of all tenants, the oldest first."""
        standing = [DispatchState.UNDELIVERED.value, DispatchState.DUE.value]
        rows = self._session.connection.execute(
            select(DISPATCHES)
            .where(HERE.state.in_(standing))
            .order_by(ORDER, HERE.made_at, HERE.tenant_id, HERE.notice_id, HERE.channel)
        )
        return [_dispatch(row) for row in rows]

    def due(self) -> Sequence[TenantId]:
        """List tenants of whom something is due."""
        return self._tenants(_due(self._session.started_ms))

    def without_digest(self, due: datetime, day: str) -> Sequence[TenantId]:
        """List tenants with something open since `due` and no digest of that day."""
        return self._tenants(_without_digest(millis(due), day))

    def unescalated(self, codes: Sequence[Code], before: datetime) -> Sequence[TenantId]:
        """List tenants with an incident of these causes, open since `before`, not told once more."""
        return self._tenants(_unescalated([code.value for code in codes], millis(before)))

    def forget(self, older: timedelta, undelivered_older: timedelta, most: int) -> int:
        """Remove what is over; what was told of an incident stays as long as that has not ended."""
        now = self._session.now()
        lasts = exists().where(
            INCIDENTS.c.incident_id == HERE.about,
            or_(INCIDENTS.c.resolved_at.is_(None), INCIDENTS.c.told_resolved_at.is_(None)),
        )
        lost = HERE.state == DispatchState.UNDELIVERED.value
        old = HERE.settled_at <= case((lost, millis(now - undelivered_older)), else_=millis(now - older))
        this = (HERE.whose, HERE.notice_id, HERE.channel)
        some = select(*this).where(OVER, HERE.made_at <= millis(now - older), old, ~lasts)
        removed = delete(DISPATCHES).where(tuple_(*this).in_(some.order_by(HERE.made_at).limit(most)))
        return touched(self._session.connection, removed)

    def _tenants(self, asked: Asked) -> Sequence[TenantId]:
        rows = self._session.connection.execute(*asked)
        return sorted(TenantId(tenant_id or "") for (tenant_id,) in rows)


@built_once
def _oldest(tenant_id: TenantId, now: int, *, installation: bool) -> Select[str, str]:
    mine = whose(DISPATCHES, tenant_id, installation=installation)
    due = select(HERE.notice_id, HERE.channel).where(mine, IS_DUE, HERE.due_at <= now)
    first = due.order_by(HERE.due_at, HERE.made_at, HERE.notice_id, HERE.channel).limit(1)
    return first.with_for_update(skip_locked=True)


@built_once
def _due(now: int) -> Select[str | None]:
    return select(HERE.tenant_id).distinct().where(IS_DUE, HERE.due_at <= now)


@built_once
def _without_digest(due: int, day: str) -> Select[str | None]:
    told = exists().where(
        HERE.tenant_id.is_not_distinct_from(INCIDENTS.c.tenant_id),
        HERE.about == day,
        HERE.stage == Stage.DIGEST.value,
    )
    return _with_open(and_(INCIDENTS.c.opened_at <= due, ~told))


@built_once
def _unescalated(codes: Sequence[str], before: int) -> Select[str | None]:
    told = exists().where(
        HERE.tenant_id.is_not_distinct_from(INCIDENTS.c.tenant_id),
        HERE.about == INCIDENTS.c.incident_id,
        HERE.stage == Stage.ESCALATED.value,
    )
    return _with_open(and_(INCIDENTS.c.code.in_(codes), INCIDENTS.c.opened_at <= before, ~told))


def _with_open(wanted: ColumnElement[bool]) -> Select[str | None]:
    """Select tenants that are not stopped and have such an open incident."""
    stopped = select(TENANTS.c.tenant_id).where(TENANTS.c.state == TenantState.STOPPED.value)
    alive = or_(INCIDENTS.c.tenant_id.is_(None), INCIDENTS.c.tenant_id.not_in(stopped))
    here = (INCIDENTS.c.resolved_at.is_(None), alive, wanted)
    return select(INCIDENTS.c.tenant_id).distinct().where(*here)


def _dispatch(row: Row[Any]) -> Dispatch:
    return Dispatch(
        tenant_id=TenantId(row.tenant_id or ""),
        notice_id=row.notice_id,
        channel=row.channel,
        stage=Stage(row.stage),
        about=row.about,
        audience=Audience(row.audience),
        state=DispatchState(row.state),
        tries=row.tries,
        doubtful=row.doubtful,
        made_at=moment(row.made_at),
        due_at=moment(row.due_at),
        settled_at=None if row.settled_at is None else moment(row.settled_at),
        code=Code(row.code) if row.code else None,
        detail=row.detail,
    )
