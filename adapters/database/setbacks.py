"""Remember what keeps a tenant from syncing by itself, and when its next step is due."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, select, update

from adapters.database.session import Session, millis, moment
from adapters.database.statements import built_once, insert_into, touched
from adapters.database.tables_setbacks import SETBACKS
from domain.codes import Code
from domain.ids import ChangeId, RunId, SetbackId, TenantId
from domain.setbacks import Reason, Setback


class SqlSetbacks:
    """Keep at most one setback for each tenant."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, tenant_id: TenantId) -> Setback | None:
        """Return what stands in a tenant's way; an ended one does not."""
        row = self._session.connection.execute(*_standing(tenant_id)).one_or_none()
        return _setback(row) if row else None

    def put(self, tenant_id: TenantId, setback: Setback) -> None:
        """Store a setback in the place of the one before."""
        news: dict[str, object] = {
            "setback_id": setback.setback_id,
            "reason": setback.reason.value,
            "code": setback.code.value,
            "failure": setback.failure.value,
            "detail": setback.detail,
            "since": millis(setback.since),
            "failures": setback.failures,
            "probes": setback.probes,
            "due_at": _ms(setback.due_at),
            "warned": setback.warned,
            "on_trial": setback.on_trial,
            "by_hand": setback.by_hand,
            "announced": setback.announced,
            "over": setback.over,
            "run_id": setback.run_id,
            "rows": json.dumps(setback.rows),
            "look_at": _ms(setback.look_at),
        }
        insert = insert_into(self._session.connection, SETBACKS).values(news | {"tenant_id": tenant_id})
        self._session.connection.execute(
            insert.on_conflict_do_update(index_elements=["tenant_id"], set_=news)
        )

    def end(self, tenant_id: TenantId) -> Setback | None:
        """Mark the standing setback as over and return it as it stood."""
        stood = self.get(tenant_id)
        now = self._session.started_ms
        ended = update(SETBACKS).where(SETBACKS.c.tenant_id == tenant_id).values(over=True, look_at=now)
        self._session.connection.execute(ended)
        return stood

    def forget(self, tenant_id: TenantId) -> bool:
        """Remove a setback that is over; False if somebody did so before."""
        here = (SETBACKS.c.tenant_id == tenant_id, SETBACKS.c.over.is_(True))
        return touched(self._session.connection, delete(SETBACKS).where(*here)) == 1

    def due(self) -> Sequence[tuple[TenantId, Setback]]:
        """List the setbacks of all tenants whose next step is due, ended ones included."""
        rows = self._session.connection.execute(*_due(self._session.started_ms))
        return [(TenantId(row.tenant_id), _setback(row)) for row in rows]


@built_once
def _standing(tenant_id: TenantId) -> Select[Any]:
    return select(SETBACKS).where(SETBACKS.c.tenant_id == tenant_id, SETBACKS.c.over.is_(False))


@built_once
def _due(now: int) -> Select[Any]:
    asked = select(SETBACKS).where(SETBACKS.c.look_at <= now)
    return asked.order_by(SETBACKS.c.look_at, SETBACKS.c.tenant_id)


def _setback(row: Row[Any]) -> Setback:
    return Setback(
        setback_id=SetbackId(row.setback_id),
        reason=Reason(row.reason),
        code=Code(row.code),
        failure=Code(row.failure),
        detail=row.detail,
        since=moment(row.since),
        failures=row.failures,
        probes=row.probes,
        due_at=None if row.due_at is None else moment(row.due_at),
        warned=row.warned,
        on_trial=row.on_trial,
        by_hand=row.by_hand,
        announced=row.announced,
        over=row.over,
        run_id=RunId(row.run_id) if row.run_id else None,
        rows=tuple(ChangeId(each) for each in json.loads(row.rows)),
    )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else millis(at)
