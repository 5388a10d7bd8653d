"""Incidents: one open at a time per tenant and cause, told once when it opens and once when it ends."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, update

from adapters.database.session import Session, moment
from adapters.database.statements import insert_into, touched
from adapters.database.tables import INCIDENTS
from domain.codes import Code
from domain.ids import IncidentId, RunId, TenantId
from domain.records import Incident


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
        """Open the incident of this cause, or update the open one (count, detail, last seen, run)."""
        now = self._session.started_ms
        news = {"detail": detail, "count": count, "last_seen_at": now, "run_id": run_id}
        row = news | {"tenant_id": tenant_id, "incident_id": new_id, "code": code.value, "opened_at": now}
        insert = insert_into(self._session.connection, INCIDENTS).values(row)
        upsert = insert.on_conflict_do_update(
            index_elements=["tenant_id", "code"], index_where=INCIDENTS.c.resolved_at.is_(None), set_=news
        ).returning(INCIDENTS)
        return _incident(self._session.connection.execute(upsert).one())

    def resolve(self, tenant_id: TenantId, codes: Iterable[Code]) -> Sequence[Incident]:
        """Resolve the open incidents of these causes and return them, oldest first."""
        resolved = (
            update(INCIDENTS)
            .where(
                INCIDENTS.c.tenant_id == tenant_id,
                INCIDENTS.c.code.in_([code.value for code in codes]),
                INCIDENTS.c.resolved_at.is_(None),
            )
            .values(resolved_at=self._session.started_ms)
            .returning(INCIDENTS)
        )
        incidents = [_incident(row) for row in self._session.connection.execute(resolved)]
        return sorted(incidents, key=lambda incident: (incident.opened_at, incident.incident_id))

    def get(self, tenant_id: TenantId, incident_id: IncidentId) -> Incident | None:
        """Return one incident."""
        row = self._session.connection.execute(
            select(INCIDENTS).where(
                INCIDENTS.c.tenant_id == tenant_id, INCIDENTS.c.incident_id == incident_id
            )
        ).one_or_none()
        return _incident(row) if row else None

    def standing(self, tenant_id: TenantId) -> Sequence[Incident]:
        """List the open ones, oldest first."""
        rows = self._session.connection.execute(
            select(INCIDENTS)
            .where(INCIDENTS.c.tenant_id == tenant_id, INCIDENTS.c.resolved_at.is_(None))
            .order_by(INCIDENTS.c.opened_at, INCIDENTS.c.incident_id)
        )
        return [_incident(row) for row in rows]

    def of(self, code: Code) -> Sequence[TenantId]:
        """List the tenants with an open incident of this cause."""
        here = (INCIDENTS.c.code == code.value, INCIDENTS.c.resolved_at.is_(None))
        asked = select(INCIDENTS.c.tenant_id).where(*here).order_by(INCIDENTS.c.tenant_id)
        return [TenantId(found) for found in self._session.connection.scalars(asked)]

    def untold(self) -> Sequence[tuple[TenantId, IncidentId]]:
        """List incidents of all tenants whose opening or end nobody was told yet, oldest first."""
        end_untold = and_(INCIDENTS.c.resolved_at.is_not(None), INCIDENTS.c.told_resolved_at.is_(None))
        rows = self._session.connection.execute(
            select(INCIDENTS.c.tenant_id, INCIDENTS.c.incident_id)
            .where(or_(INCIDENTS.c.told_open_at.is_(None), end_untold))
            .order_by(INCIDENTS.c.opened_at, INCIDENTS.c.incident_id)
        )
        return [(TenantId(tenant_id), IncidentId(incident_id)) for tenant_id, incident_id in rows]

    def remind(self, tenant_id: TenantId, codes: Iterable[Code]) -> int:
        """Forget that the open incidents of these causes were told."""
        again = update(INCIDENTS).where(
            INCIDENTS.c.tenant_id == tenant_id,
            INCIDENTS.c.code.in_([code.value for code in codes]),
            INCIDENTS.c.resolved_at.is_(None),
        )
        return touched(self._session.connection, again.values(told_open_at=None))

    def told(self, tenant_id: TenantId, incident_id: IncidentId, *, resolved: bool) -> bool:
        """Mark as told; False if somebody did so before. The end tells the opening as well."""
        now, column = self._session.started_ms, INCIDENTS.c
        here = (column.tenant_id == tenant_id, column.incident_id == incident_id)
        if resolved:
            untold = and_(column.resolved_at.is_not(None), column.told_resolved_at.is_(None))
            news = {"told_resolved_at": now, "told_open_at": func.coalesce(column.told_open_at, now)}
        else:
            untold, news = and_(column.told_open_at.is_(None)), {"told_open_at": now}
        changed = update(INCIDENTS).where(*here, untold).values(news)
        return touched(self._session.connection, changed) == 1


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        incident_id=IncidentId(row.incident_id),
        tenant_id=TenantId(row.tenant_id),
        code=Code(row.code),
        detail=row.detail,
        count=row._mapping["count"],  # noqa: SLF001  public in SQLAlchemy; a row has a method named count
        opened_at=moment(row.opened_at),
        last_seen_at=moment(row.last_seen_at),
        resolved_at=None if row.resolved_at is None else moment(row.resolved_at),
        told_open_at=None if row.told_open_at is None else moment(row.told_open_at),
        told_resolved_at=None if row.told_resolved_at is None else moment(row.told_resolved_at),
        run_id=RunId(row.run_id) if row.run_id else None,
    )
