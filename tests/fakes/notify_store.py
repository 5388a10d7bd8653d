"""A store that knows incidents and tenants, which is all that a notification needs."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from domain.codes import Code
from domain.ids import IncidentId, RunId, TenantId
from domain.ports import Incidents, Transaction
from domain.ports_people import Tenants
from domain.records import Incident
from domain.tenant import Tenant

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class FakeTenants:
    """Tenants by id; the rest of the port is not asked for here."""

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        self._tenants = {tenant.tenant_id: tenant for tenant in tenants}

    def get(self, tenant_id: TenantId) -> Tenant | None:
        return self._tenants.get(tenant_id)


class FakeIncidents:
    """Incidents by id, one open one per tenant and cause."""

    def __init__(self) -> None:
        self.rows: dict[IncidentId, Incident] = {}

    def put(self, incident: Incident) -> Incident:
        self.rows[incident.incident_id] = incident
        return incident

    def open(
        self,
        tenant_id: TenantId,
        new_id: IncidentId,
        code: Code,
        detail: str,
        count: int,
        run_id: RunId | None,
    ) -> Incident:
        for row in self.standing(tenant_id):
            if row.code is code:
                return self.put(replace(row, detail=detail, count=count, last_seen_at=NOON))
        row = Incident(new_id, tenant_id, code, detail, count, NOON, NOON, None, None, None, run_id)
        return self.put(row)

    def resolve(self, tenant_id: TenantId, codes: Iterable[Code]) -> Sequence[Incident]:
        over = [row for row in self.standing(tenant_id) if row.code in set(codes)]
        return [self.put(replace(row, resolved_at=NOON)) for row in over]

    def get(self, tenant_id: TenantId, incident_id: IncidentId) -> Incident | None:
        row = self.rows.get(incident_id)
        return row if row is not None and row.tenant_id == tenant_id else None

    def standing(self, tenant_id: TenantId) -> Sequence[Incident]:
        return [row for row in self.rows.values() if row.tenant_id == tenant_id and not row.resolved_at]

    def open_of_all(self) -> Sequence[tuple[TenantId, Code]]:
        return [(row.tenant_id, row.code) for row in self.rows.values() if not row.resolved_at]

    def untold(self) -> Sequence[tuple[TenantId, IncidentId]]:
        return [
            (row.tenant_id, row.incident_id)
            for row in self.rows.values()
            if row.told_open_at is None or (row.resolved_at and row.told_resolved_at is None)
        ]

    def remind(self, tenant_id: TenantId, codes: Iterable[Code]) -> int:
        again = [row for row in self.standing(tenant_id) if row.code in set(codes)]
        return len([self.put(replace(row, told_open_at=None)) for row in again])

    def told(self, tenant_id: TenantId, incident_id: IncidentId, *, resolved: bool) -> bool:
        row = self.get(tenant_id, incident_id)
        before = None if row is None else row.told_resolved_at if resolved else row.told_open_at
        if row is None or before is not None:
            return False
        self.put(replace(row, told_resolved_at=NOON) if resolved else replace(row, told_open_at=NOON))
        return True


class Unasked:
    """Stand where a port is that nobody may ask in this test."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"a notification asked the store for {name}")


class FakeTransaction:
    """One transaction; it remembers nothing that could be rolled back, since notify never fails inside."""

    connections: Any = Unasked()
    decisions: Any = Unasked()
    overrides: Any = Unasked()
    people: Any = Unasked()
    links: Any = Unasked()
    runs: Any = Unasked()
    readings: Any = Unasked()
    absences: Any = Unasked()
    changes: Any = Unasked()
    target_list: Any = Unasked()
    letters: Any = Unasked()
    attributes: Any = Unasked()
    approvals: Any = Unasked()
    bells: Any = Unasked()
    deletions: Any = Unasked()
    cases: Any = Unasked()
    history: Any = Unasked()
    brakes: Any = Unasked()
    versions: Any = Unasked()

    def __init__(self, tenants: Tenants, incidents: Incidents) -> None:
        self.tenants = tenants
        self.incidents = incidents

    def now(self) -> datetime:
        return NOON


class FakeNotifyStore:
    """Open transactions one at a time; a channel that is called inside of one fails the test."""

    def __init__(self, *tenants: Tenant) -> None:
        self.incidents = FakeIncidents()
        self.inside = 0
        self._tenants = cast("Tenants", FakeTenants(tenants))  # the part of the port that is asked for

    def write(self) -> AbstractContextManager[Transaction]:
        return self._open()

    def read(self) -> AbstractContextManager[Transaction]:
        return self._open()

    @contextmanager
    def _open(self) -> Iterator[Transaction]:
        self.inside += 1
        try:
            yield FakeTransaction(self._tenants, self.incidents)
        finally:
            self.inside -= 1
