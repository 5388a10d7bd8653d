"""Incidents: one open at a time per tenant and cause, told once when it opens and once when it ends."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
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
    type_coerce,
    update,
)

from adapters.database.session import MILLISECOND, Session, moment
from adapters.database.statements import built_once, insert_into, touched
from adapters.database.tables import INCIDENTS, of, owner, whose
from adapters.database.tables_runs import RUNS
from domain.codes import Code
from domain.ids import INSTALLATION, IncidentId, RunId, TenantId
from domain.records import Incident
from domain.run import Outcome

MINUTE = 60_000
SOON = 6 * 60 * MINUTE
"""What comes back within so many milliseconds is the same trouble once more."""

QUIET, LONG_QUIET = 10 * MINUTE, 120 * MINUTE
OLDEST_FIRST = (INCIDENTS.c.opened_at, INCIDENTS.c.incident_id)


class SqlIncidents:
    """Keep incidents; a partial unique index allows one open per tenant and cause."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(
        self,
        tenant_id: TenantId,
        new_id: IncidentId,
        code: Code,
        detail: str,
        count: int,
        run_id: RunId | None,
    ) -> Incident:
        """Open the incident of this cause, or update the open one (count, detail, last seen, run).

        One whose end nobody heard of goes on; one that had just ended comes back as a new one, which
        remembers how often that happened: its own end is told the later, the more often.
        """
        now = self._session.started_ms
        news = {"detail": detail, "count": count, "last_seen_at": now, "run_id": run_id}
        before = self._last_ended(tenant_id, code)
        if before is not None and before.told_resolved_at is None:
            again = {**news, "resolved_at": None, "quiet_until": None, "rung_at": None}
            this = update(INCIDENTS).where(INCIDENTS.c.incident_id == before.incident_id)
            return _incident(self._session.connection.execute(this.values(again).returning(INCIDENTS)).one())
        lately = before is not None and now - before.resolved_at <= SOON
        row = news | {
            "tenant_id": owner(tenant_id),
            "incident_id": new_id,
            "code": code.value,
            "opened_at": now,
            "reopened": before.reopened + 1 if before is not None and lately else 0,
        }
        insert = insert_into(self._session.connection, INCIDENTS).values(row)
        upsert = insert.on_conflict_do_update(**_one_open(tenant_id), set_=news).returning(INCIDENTS)
        return _incident(self._session.connection.execute(upsert).one())

    def resolve(self, tenant_id: TenantId, codes: Iterable[Code]) -> Sequence[Incident]:
        """Resolve the open incidents of these causes; return those whose end is told now, oldest first.

        The end of one that keeps coming back is told once it has been over for a while.
        """
        now = self._session.started_ms
        named = [code.value for code in codes]
        resolved = _resolved(tenant_id, named, now, installation=tenant_id == INSTALLATION)
        rows = self._session.connection.execute(*resolved).all()
        incidents = [_incident(row) for row in rows if row.quiet_until <= now]
        return sorted(incidents, key=lambda incident: (incident.opened_at, incident.incident_id))

    def _last_ended(self, tenant_id: TenantId, code: Code) -> Row[Any] | None:
        """Return the newest ended incident of a cause, if none is open."""
        asked = _newest(tenant_id, code.value, installation=tenant_id == INSTALLATION)
        row = self._session.connection.execute(*asked).one_or_none()
        return row if row is not None and row.resolved_at is not None else None

    def get(self, tenant_id: TenantId, incident_id: IncidentId) -> Incident | None:
        """Return one incident."""
        asked = _one(tenant_id, incident_id, installation=tenant_id == INSTALLATION)
        row = self._session.connection.execute(*asked).one_or_none()
        return _incident(row) if row else None

    def standing(self, tenant_id: TenantId) -> Sequence[Incident]:
        """List the open ones, oldest first."""
        asked = _standing(tenant_id, installation=tenant_id == INSTALLATION)
        rows = self._session.connection.execute(*asked)
        return [_incident(row) for row in rows]

    def of(self, code: Code) -> Sequence[TenantId]:
        """List the tenants with an open incident of this cause."""
        return [TenantId(found or "") for found in self._session.connection.scalars(*_of_cause(code.value))]

    def open_of_all(self) -> Sequence[tuple[TenantId, Code]]:
        """List the open incidents of all tenants, and of the installation, that were not found by a plan."""
        rows = self._session.connection.execute(*_open_of_all())
        return [(TenantId(tenant_id or ""), Code(code)) for tenant_id, code in rows]

    def untold(self) -> Sequence[tuple[TenantId, IncidentId]]:
        """List incidents of all tenants whose opening or end nobody was told yet, oldest first."""
        rows = self._session.connection.execute(*_untold(self._session.started_ms))
        return [(TenantId(tenant_id or ""), IncidentId(incident_id)) for tenant_id, incident_id in rows]

    def ring_untold(self, again: timedelta, most: int) -> Sequence[tuple[TenantId, IncidentId]]:
        """Note that untold ones are rung for now, the oldest first, unless they were a moment ago."""
        now = self._session.started_ms
        rung = _rung(now, now - again // MILLISECOND, most)
        rows = sorted(tuple(row) for row in self._session.connection.execute(*rung))
        return [(TenantId(tenant_id or ""), IncidentId(incident_id)) for _, incident_id, tenant_id in rows]

    def forget(self, older: timedelta, most: int) -> int:
        """Remove incidents of all tenants whose end was told and is long over."""
        over = INCIDENTS.c.resolved_at <= self._session.started_ms - older // MILLISECOND
        told = INCIDENTS.c.told_resolved_at.is_not(None)
        some = select(INCIDENTS.c.incident_id).where(over, told).order_by(INCIDENTS.c.resolved_at)
        removed = delete(INCIDENTS).where(INCIDENTS.c.incident_id.in_(some.limit(most)))
        return touched(self._session.connection, removed)

    def remind(self, tenant_id: TenantId, codes: Iterable[Code]) -> int:
        """Forget that the open incidents of these causes were told."""
        again = update(INCIDENTS).where(
            of(INCIDENTS, tenant_id),
            INCIDENTS.c.code.in_([code.value for code in codes]),
            INCIDENTS.c.resolved_at.is_(None),
        )
        return touched(self._session.connection, again.values(told_open_at=None, rung_at=None))

    def told(self, tenant_id: TenantId, incident_id: IncidentId, *, resolved: bool) -> bool:
        """Mark as told; False if somebody did so before. The end tells the opening as well."""
        now, column = self._session.started_ms, INCIDENTS.c
        here = (of(INCIDENTS, tenant_id), column.incident_id == incident_id)
        if resolved:
            untold = and_(column.resolved_at.is_not(None), column.told_resolved_at.is_(None))
            news = {"told_resolved_at": now, "told_open_at": func.coalesce(column.told_open_at, now)}
        else:
            untold, news = and_(column.told_open_at.is_(None)), {"told_open_at": now}
        changed = update(INCIDENTS).where(*here, untold).values(news)
        return touched(self._session.connection, changed) == 1


@built_once
def _one(tenant_id: TenantId, incident_id: IncidentId, *, installation: bool) -> Select[Any]:
    here = (whose(INCIDENTS, tenant_id, installation=installation), INCIDENTS.c.incident_id == incident_id)
    return select(INCIDENTS).where(*here)


@built_once
def _newest(tenant_id: TenantId, code: str, *, installation: bool) -> Select[Any]:
    """Select the open incident of a cause, or else the one that ended last."""
    here = (whose(INCIDENTS, tenant_id, installation=installation), INCIDENTS.c.code == code)
    order = (INCIDENTS.c.resolved_at.is_not(None), desc(INCIDENTS.c.resolved_at))
    return select(INCIDENTS).where(*here).order_by(*order).limit(1)


@built_once
def _standing(tenant_id: TenantId, *, installation: bool) -> Select[Any]:
    here = (whose(INCIDENTS, tenant_id, installation=installation), INCIDENTS.c.resolved_at.is_(None))
    return select(INCIDENTS).where(*here).order_by(INCIDENTS.c.opened_at, INCIDENTS.c.incident_id)


@built_once
def _resolved(tenant_id: TenantId, codes: Sequence[str], now: int, *, installation: bool) -> Update:
    quiet = case({0: 0, 1: QUIET, 2: 4 * QUIET}, value=INCIDENTS.c.reopened, else_=LONG_QUIET)
    here = (whose(INCIDENTS, tenant_id, installation=installation), INCIDENTS.c.code.in_(codes))
    over = update(INCIDENTS).where(*here, INCIDENTS.c.resolved_at.is_(None))
    until = type_coerce(now, BigInteger) + quiet
    return over.values(resolved_at=now, quiet_until=until, rung_at=None).returning(INCIDENTS)


@built_once
def _of_cause(code: str) -> Select[str | None]:
    here = (INCIDENTS.c.code == code, INCIDENTS.c.resolved_at.is_(None))
    return select(INCIDENTS.c.tenant_id).where(*here).order_by(INCIDENTS.c.tenant_id)


@built_once
def _open_of_all() -> Select[str | None, str]:
    by_plan = exists().where(
        RUNS.c.tenant_id == INCIDENTS.c.tenant_id,
        RUNS.c.run_id == INCIDENTS.c.run_id,
        RUNS.c.outcome == Outcome.PLANNED.value,
    )
    asked = select(INCIDENTS.c.tenant_id, INCIDENTS.c.code)
    is_open = asked.where(INCIDENTS.c.resolved_at.is_(None), ~by_plan)
    return is_open.order_by(INCIDENTS.c.opened_at)


@built_once
def _untold(now: int) -> Select[str | None, str]:
    asked = select(INCIDENTS.c.tenant_id, INCIDENTS.c.incident_id).where(_is_untold(now))
    return asked.order_by(*OLDEST_FIRST)


@built_once
def _rung(now: int, before: int, most: int) -> Update:
    """Note of the oldest untold ones that they are rung for."""
    due = or_(INCIDENTS.c.rung_at.is_(None), INCIDENTS.c.rung_at <= before)
    some = select(INCIDENTS.c.incident_id).where(_is_untold(now), due).order_by(*OLDEST_FIRST).limit(most)
    rung = update(INCIDENTS).where(INCIDENTS.c.incident_id.in_(some.with_for_update(skip_locked=True)))
    told = (INCIDENTS.c.opened_at, INCIDENTS.c.incident_id, INCIDENTS.c.tenant_id)
    return rung.values(rung_at=now).returning(*told)


def _is_untold(now: int) -> ColumnElement[bool]:
    """Say that the opening or the end of an incident is to be told; an end only after a quiet while."""
    told_of_neither = INCIDENTS.c.told_resolved_at.is_(None)
    opening = and_(INCIDENTS.c.told_open_at.is_(None), INCIDENTS.c.resolved_at.is_(None))
    end = and_(INCIDENTS.c.resolved_at.is_not(None), INCIDENTS.c.quiet_until <= now)
    return and_(told_of_neither, or_(opening, end))


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        incident_id=IncidentId(row.incident_id),
        tenant_id=TenantId(row.tenant_id or ""),
        code=Code(row.code),
        detail=row.detail,
        count=row._mapping["count"],  # noqa: SLF001  public in SQLAlchemy; a row has a method named count
        opened_at=moment(row.opened_at),
        last_seen_at=moment(row.last_seen_at),
        resolved_at=None if row.resolved_at is None else moment(row.resolved_at),
        told_open_at=None if row.told_open_at is None else moment(row.told_open_at),
        told_resolved_at=None if row.told_resolved_at is None else moment(row.told_resolved_at),
        run_id=RunId(row.run_id) if row.run_id else None,
        reopened=row.reopened,
    )


def _one_open(tenant_id: TenantId) -> dict[str, Any]:
    """Name the index that allows one open incident: of a tenant, or of the installation."""
    is_open = INCIDENTS.c.resolved_at.is_(None)
    if tenant_id == INSTALLATION:
        where = and_(is_open, INCIDENTS.c.tenant_id.is_(None))
        return {"index_elements": ["code"], "index_where": where}
    return {"index_elements": ["tenant_id", "code"], "index_where": is_open}
