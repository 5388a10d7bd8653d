"""How well targets are: rows only of those that are not."""

from typing import Any

from sqlalchemy import Select, delete, select

from adapters.database.session import Session, millis, moment
from adapters.database.statements import built_once, insert_into
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
        fresh = insert_into(self._session.connection, TARGETS).on_conflict_do_nothing()
        self._session.connection.execute(fresh, {"target": target, **_values(WELL)})
        locked = select(TARGETS).where(TARGETS.c.target == target).with_for_update()
        return _condition(self._session.connection.execute(locked).one())

    def put(self, tenant_id: TenantId, condition: Condition) -> None:
        """Replace the row, or remove it."""
        target = self._target(tenant_id)
        if target is None:
            return
        if condition == WELL:
            self._session.connection.execute(delete(TARGETS).where(TARGETS.c.target == target))
            return
        insert = insert_into(self._session.connection, TARGETS).values(target=target, **_values(condition))
        changes = {name: insert.excluded[name] for name in _values(condition)}
        self._session.connection.execute(
            insert.on_conflict_do_update(index_elements=["target"], set_=changes)
        )

    def _target(self, tenant_id: TenantId) -> bytes | None:
        asked = select(CONNECTIONS.c.target).where(CONNECTIONS.c.tenant_id == tenant_id)
        return self._session.connection.scalar(asked)


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
def _found(tenant_id: TenantId) -> Select[*tuple[Any, ...]]:
    here = CONNECTIONS.c.target == TARGETS.c.target
    return select(TARGETS).join(CONNECTIONS, here).where(CONNECTIONS.c.tenant_id == tenant_id)
