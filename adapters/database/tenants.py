"""Tenants and the versions of their configuration."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, Update, desc, select, update

from adapters.database.configurations import read_configuration
from adapters.database.session import Session, moment
from adapters.database.statements import Asked, built_once, insert_new, touched
from adapters.database.tables import CONFIGURATIONS, TENANTS
from adapters.database.tables_runs import RUNS
from adapters.database.values import pack
from adapters.database.versions import store_version
from adapters.vault import TenantVault, VaultError
from domain.codes import Code
from domain.config import Configuration
from domain.ids import ConfigVersion, TenantId
from domain.run import SCHEDULE, RunKind
from domain.tenant import MOVES, Tenant, TenantState

OWNERS = "tenants.owners"
REMEMBERS = frozenset({TenantState.BLOCKED, TenantState.STOPPED})


class SqlTenants:
    """Keep tenants. Their owners' addresses are sealed; their configuration holds no person's data."""

    __slots__ = ("_session", "_vault")

    def __init__(self, session: Session, vault: TenantVault) -> None:
        self._session = session
        self._vault = vault

    def add(self, tenant_id: TenantId, name: str, language: str, owners: Sequence[str]) -> bool:
        """Create a tenant in state setup with its own keys; False if the id is taken."""
        connection = self._session.connection
        if connection.scalar(select(TENANTS.c.tenant_id).where(TENANTS.c.tenant_id == tenant_id)):
            return False
        row = {
            "tenant_id": tenant_id,
            "name": name,
            "state": TenantState.SETUP.value,
            "since": self._session.started_ms,
            "language": language,
            "keys": self._vault.new_keys(tenant_id),
            "owners": self._vault.seal(tenant_id, OWNERS, pack(list(owners))),
        }
        if touched(connection, insert_new(connection, TENANTS), row):
            return True
        self._vault.forget(tenant_id)
        return False

    def get(self, tenant_id: TenantId) -> Tenant | None:
        """Return the tenant, or None."""
        row = self._session.connection.execute(*_one(tenant_id)).one_or_none()
        return self._tenant(row) if row else None

    def move(self, tenant_id: TenantId, to: TenantState, why: Code | None) -> bool:
        """Change the state if `MOVES` allows it; entering blocked or stopped remembers where from."""
        tenant = self.get(tenant_id)
        if tenant is None or to not in MOVES[tenant.state]:
            return False
        self._session.turns.pop(tenant_id, None)
        return touched(self._session.connection, *self._moved(tenant, to, why)) == 1

    def explain(self, tenant_id: TenantId, why: Code) -> None:
        """Name another cause for the state that a tenant is in."""
        self._session.connection.execute(
            update(TENANTS).where(TENANTS.c.tenant_id == tenant_id).values(why=why.value)
        )

    def configuration(
        self, tenant_id: TenantId, version: ConfigVersion | None = None
    ) -> Configuration | None:
        """Return one version of the configuration, or the newest one."""
        asked = _newest(tenant_id) if version is None else _version(tenant_id, version)
        row = self._session.connection.execute(*asked).first()
        return read_configuration(row.content, row.version, row.rules) if row else None

    def configure(self, tenant_id: TenantId, config: Configuration, by: str) -> ConfigVersion:
        """Store a new version that counts at once; what equals the one that counts adds none."""
        return store_version(self._session, tenant_id, config, by, adopt=True)

    def name_owners(self, tenant_id: TenantId, owners: Sequence[str]) -> None:
        """Replace the addresses of a tenant's owners."""
        sealed = self._vault.seal(tenant_id, OWNERS, pack(list(owners)))
        here = update(TENANTS).where(TENANTS.c.tenant_id == tenant_id)
        self._session.connection.execute(here.values(owners=sealed))

    def everyone(self) -> Sequence[Tenant]:
        """List all tenants, by id."""
        rows = self._session.connection.execute(*_everyone())
        return [self._tenant(row) for row in rows]

    def last_slot(self, tenant_id: TenantId) -> datetime | None:
        """Return the due time of the newest feed run of the schedule; its slot is that time in ISO form."""
        slot = self._session.connection.scalar(*_newest_slot(tenant_id))
        return _utc(datetime.fromisoformat(slot)) if slot else None

    def _moved(self, tenant: Tenant, to: TenantState, why: Code | None) -> Asked:
        before = tenant.before if tenant.state in REMEMBERS else tenant.state
        remembered = before if to in REMEMBERS else None
        here = (tenant.tenant_id, tenant.state.value)
        return _moved(*here, to.value, why, self._session.started_ms, remembered)

    def _tenant(self, row: Row[Any]) -> Tenant:
        tenant_id = TenantId(row.tenant_id)
        return Tenant(
            tenant_id=tenant_id,
            name=row.name,
            state=TenantState(row.state),
            why=Code(row.why) if row.why else None,
            since=moment(row.since),
            language=row.language,
            owners=self._owners(tenant_id, row.owners),
            before=TenantState(row.before) if row.before else None,
        )

    def _owners(self, tenant_id: TenantId, sealed: bytes) -> tuple[str, ...]:
        """Open the owners' addresses; one tenant whose row was damaged must not hide all others."""
        try:
            return tuple(json.loads(self._vault.open(tenant_id, OWNERS, sealed)))
        except VaultError:
            return ()


@built_once
def _one(tenant_id: TenantId) -> Select[Any]:
    return select(TENANTS).where(TENANTS.c.tenant_id == tenant_id)


@built_once
def _moved(
    tenant_id: TenantId, was: str, to: str, why: Code | None, now: int, before: TenantState | None
) -> Update:
    """Compare and set: only from the state that was just read."""
    here = (TENANTS.c.tenant_id == tenant_id, TENANTS.c.state == was)
    return update(TENANTS).where(*here).values(state=to, why=why, since=now, before=before)


@built_once
def _newest_slot(tenant_id: TenantId) -> Select[str]:
    mine = (RUNS.c.tenant_id == tenant_id, RUNS.c.asked_by == SCHEDULE)
    newest = select(RUNS.c.slot).where(*mine, RUNS.c.kind == RunKind.FEED.value)
    return newest.order_by(desc(RUNS.c.created_at), desc(RUNS.c.run_id)).limit(1)


@built_once
def _version(tenant_id: TenantId, version: ConfigVersion) -> Select[Any]:
    here = (CONFIGURATIONS.c.tenant_id == tenant_id, CONFIGURATIONS.c.version == version)
    return select(CONFIGURATIONS).where(*here)


@built_once
def _newest(tenant_id: TenantId) -> Select[Any]:
    adopted = (CONFIGURATIONS.c.tenant_id == tenant_id, CONFIGURATIONS.c.adopted_at.is_not(None))
    return select(CONFIGURATIONS).where(*adopted).order_by(desc(CONFIGURATIONS.c.version)).limit(1)


@built_once
def _everyone() -> Select[Any]:
    return select(TENANTS).order_by(TENANTS.c.tenant_id)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
