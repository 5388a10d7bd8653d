"""How well targets are: rows only of those that are not."""

from typing import Any

from sqlalchemy import Delete, Select, delete, select

from adapters.database.session import Session, millis, moment
from adapters.database.statements import built_once, insert_new, upsert_into
from adapters.database.tables import CONNECTIONS
from adapters.database.tables_targets import TARGETS
from domain.codes import Code
from domain.condition import WELL, Condition
from domain.ids import TenantId


class SqlConditions:
    """Find a tenant's target by the fingerprint of its address."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, tenant_id: TenantId) -> Condition:
        """Read the row of the tenant's target."""
        row = self._session.connection.execute(*_found(tenant_id)).one_or_none()
        return WELL if row is None else _condition(row)

    def take(self, tenant_id: TenantId) -> Condition:
        """Make the row if there is none, so that there is something to lock."""
        target = self._target(tenant_id)
        if target is None:
            return WELL
        connection = self._session.connection
        connection.execute(insert_new(connection, TARGETS), {"target": target, **_values(WELL)})
        return _condition(connection.execute(*_locked(target)).one())

    def put(self, tenant_id: TenantId, condition: Condition) -> None:
        """Replace the row, or remove it."""
        target = self._target(tenant_id)
        if target is None:
            return
        connection = self._session.connection
        if condition == WELL:
            connection.execute(*_removed(target))
            return
        values = _values(condition)
        replaced = upsert_into(connection, TARGETS, ("target",), tuple(values))
        connection.execute(replaced, {"target": target, **values})

    def _target(self, tenant_id: TenantId) -> bytes | None:
        return self._session.connection.scalar(*_target(tenant_id))


def _values(condition: Condition) -> dict[str, object]:
    moments = {
        name: millis(at) if (at := getattr(condition, name)) else None
        for name in ("narrowed_at", "rests_until", "open_since")
    }
    why = condition.why.value if condition.why else None
    counts = {"failures": condition.failures, "width": condition.width, "probes": condition.probes}
    return {**moments, **counts, "why": why, "of_writes": condition.of_writes}


def _condition(row: Any) -> Condition:  # noqa: ANN401  a row of this table
    return Condition(
        failures=row.failures,
        width=row.width,
        narrowed_at=moment(row.narrowed_at) if row.narrowed_at is not None else None,
        rests_until=moment(row.rests_until) if row.rests_until is not None else None,
        open_since=moment(row.open_since) if row.open_since is not None else None,
        probes=row.probes,
        why=Code(row.why) if row.why else None,
        of_writes=row.of_writes,
    )


@built_once
def _target(tenant_id: TenantId) -> Select[bytes | None]:
    return select(CONNECTIONS.c.target).where(CONNECTIONS.c.tenant_id == tenant_id)


@built_once
def _locked(target: bytes) -> Select[*tuple[Any, ...]]:
    return select(TARGETS).where(TARGETS.c.target == target).with_for_update()


@built_once
def _removed(target: bytes) -> Delete:
    return delete(TARGETS).where(TARGETS.c.target == target)


@built_once
def _found(tenant_id: TenantId) -> Select[*tuple[Any, ...]]:
    here = CONNECTIONS.c.target == TARGETS.c.target
    return select(TARGETS).join(CONNECTIONS, here).where(CONNECTIONS.c.tenant_id == tenant_id)
