"""What humans fixed about single people, with author, reason and end."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, or_, select, update

from adapters.database.changes_moves import chunks
from adapters.database.changes_rows import AnyRow
from adapters.database.session import Session, millis, moment
from adapters.database.statements import Asked, built_once, touched
from adapters.database.tables_overrides import OVERRIDES
from adapters.database.values import open_known, seal_values
from domain.ids import PersonId, TenantId
from domain.overrides import Override, OverrideKind

EXPIRED = "expiry"


class SqlOverrides:
    """Keep overrides; one of each kind and path is in force over a person."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, tenant_id: TenantId, override: Override) -> None:
        """Set an override in place of one of the same kind and path."""
        same = (OVERRIDES.c.kind == override.kind.value, OVERRIDES.c.path == override.path)
        self._end(tenant_id, override.person_id, override.by, *same)
        reason = seal_values(
            self._session, tenant_id, _field(override.override_id), {"reason": override.reason}
        )
        row = {
            "tenant_id": tenant_id,
            "override_id": override.override_id,
            "person_id": override.person_id,
            "kind": override.kind.value,
            "path": override.path,
            "reason": reason,
            "set_by": override.by,
            "at": millis(override.at),
            "until": None if override.until is None else millis(override.until),
        }
        self._session.connection.execute(OVERRIDES.insert(), row)

    def of(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Override]]:
        """Return the overrides in force over these people; most tenants have none at all."""
        now = self._session.started_ms
        if not people or self._session.connection.scalar(*_any(tenant_id, now)) is None:
            return {}
        found: dict[PersonId, list[Override]] = {}
        for some in chunks(people):
            for row in self._rows(_over(tenant_id, now, some)):
                found.setdefault(PersonId(row.person_id), []).append(self._opened(row))
        return found

    def standing(self, tenant_id: TenantId) -> Sequence[Override]:
        """List the overrides in force, oldest first."""
        return [self._opened(row) for row in self._rows(_standing(tenant_id, self._session.started_ms))]

    def end(self, tenant_id: TenantId, person_id: PersonId, kind: OverrideKind, by: str) -> int:
        """End the overrides of one kind over one person."""
        live = _lasting(self._session.started_ms)
        return self._end(tenant_id, person_id, by, OVERRIDES.c.kind == kind.value, live)

    def expired(self) -> Sequence[TenantId]:
        """List the tenants of whom an override's day has come."""
        return [
            TenantId(each) for each in self._session.connection.scalars(*_over_in(self._session.started_ms))
        ]

    def take_expired(self, tenant_id: TenantId) -> Sequence[Override]:
        """End the overrides of a tenant whose day has come, and return them."""
        return [self._opened(row) for row in self._rows(_expired(tenant_id, self._session.started_ms))]

    def _end(self, tenant_id: TenantId, person_id: PersonId, by: str, *which: ColumnElement[bool]) -> int:
        here = (
            OVERRIDES.c.tenant_id == tenant_id,
            OVERRIDES.c.person_id == person_id,
            OVERRIDES.c.ended_at.is_(None),
        )
        ended = update(OVERRIDES).where(*here, *which)
        return touched(self._session.connection, ended.values(ended_at=self._session.started_ms, ended_by=by))

    def _rows(self, asked: Asked) -> Sequence[AnyRow]:
        return self._session.connection.execute(*asked).all()

    def _opened(self, row: AnyRow) -> Override:
        told = open_known(self._session, TenantId(row.tenant_id), _field(row.override_id), row.reason)
        return Override(
            override_id=row.override_id,
            person_id=PersonId(row.person_id),
            kind=OverrideKind(row.kind),
            reason=str(told.get("reason", "")),
            by=row.set_by,
            at=moment(row.at),
            path=row.path,
            until=None if row.until is None else moment(row.until),
        )


@built_once
def _any(tenant_id: TenantId, now: int) -> Select[str]:
    return select(OVERRIDES.c.override_id).where(*in_force(tenant_id, now)).limit(1)


@built_once
def _standing(tenant_id: TenantId, now: int) -> Select[Any]:
    standing = select(OVERRIDES).where(*in_force(tenant_id, now))
    return standing.order_by(OVERRIDES.c.at, OVERRIDES.c.override_id)


@built_once
def _over(tenant_id: TenantId, now: int, people: Sequence[PersonId]) -> Select[Any]:
    theirs = select(OVERRIDES).where(*in_force(tenant_id, now), OVERRIDES.c.person_id.in_(people))
    return theirs.order_by(OVERRIDES.c.at, OVERRIDES.c.override_id)


@built_once
def _expired(tenant_id: TenantId, now: int) -> Update:
    over = (OVERRIDES.c.tenant_id == tenant_id, OVERRIDES.c.ended_at.is_(None), OVERRIDES.c.until <= now)
    return update(OVERRIDES).where(*over).values(ended_at=now, ended_by=EXPIRED).returning(OVERRIDES)


@built_once
def _over_in(now: int) -> Select[str]:
    over = (OVERRIDES.c.ended_at.is_(None), OVERRIDES.c.until <= now)
    return select(OVERRIDES.c.tenant_id).where(*over).distinct().order_by(OVERRIDES.c.tenant_id)


def in_force(tenant_id: TenantId, now: int) -> tuple[ColumnElement[bool], ...]:
    """Say that an override was not ended, and that its day has not come."""
    return (OVERRIDES.c.tenant_id == tenant_id, OVERRIDES.c.ended_at.is_(None), _lasting(now))


def _lasting(now: int) -> ColumnElement[bool]:
    return or_(OVERRIDES.c.until.is_(None), OVERRIDES.c.until > now)


def _field(override_id: str) -> str:
    """Name the sealed reason of one override, so that it opens in no other row."""
    return f"overrides.reason:{override_id}"
