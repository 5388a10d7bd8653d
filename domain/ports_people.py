"""What handlers ask of the store about tenants, connections, people and links."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.codes import Code
from domain.config import Configuration
from domain.ids import AccountId, ConfigVersion, PersonId, RunId, TenantId
from domain.link import Link, LinkMark
from domain.ports_world import Token
from domain.records import Connection, Known, Seen
from domain.tenant import Tenant, TenantState


class Tenants(Protocol):
    """Keep tenants and the versions of their configuration."""

    def add(self, tenant_id: TenantId, name: str, language: str, owners: Sequence[str]) -> bool:
        """Create a tenant in state setup with its own keys; False if the name is taken."""
        ...

    def get(self, tenant_id: TenantId) -> Tenant | None:
        """Return the tenant, or None."""
        ...

    def move(self, tenant_id: TenantId, to: TenantState, why: Code | None) -> bool:
        """Change the state if `domain.tenant.MOVES` allows it from the present one; False otherwise.

        Entering blocked or stopped remembers the state before it.
        """
        ...

    def explain(self, tenant_id: TenantId, why: Code) -> None:
        """Name another cause for the state that a tenant is in."""
        ...

    def configuration(
        self, tenant_id: TenantId, version: ConfigVersion | None = None
    ) -> Configuration | None:
        """Return one version of the configuration, or the newest one."""
        ...

    def configure(self, tenant_id: TenantId, config: Configuration, by: str) -> ConfigVersion:
        """Store a new version (the version inside `config` is ignored); equal content adds none."""
        ...

    def name_owners(self, tenant_id: TenantId, owners: Sequence[str]) -> None:
        """Replace the addresses of a tenant's owners."""
        ...

    def everyone(self) -> Sequence[Tenant]:
        """List all tenants, by id."""
        ...

    def last_slot(self, tenant_id: TenantId) -> datetime | None:
        """Return the due time of the newest feed run that the schedule made."""
        ...


class People(Protocol):
    """Keep who was seen, where they stand, and a sealed snapshot of those in scope."""

    def known(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Known]:
        """Return what we knew of these people, in one query."""
        ...

    def put(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        seen: Sequence[Seen],
        asked_at: datetime,
        *,
        proposed: bool = False,
    ) -> None:
        """Store new or changed people, each only over a snapshot whose request was sent earlier.

        `proposed`: they were judged by a proposed configuration, and are laid aside until it is adopted.
        """
        ...

    def snapshot(self, tenant_id: TenantId, person_id: PersonId) -> Seen | None:
        """Return what is stored of one person, opened."""
        ...

    def snapshots(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Seen]:
        """Return what is stored of these people, opened, in one query."""
        ...

    def digests(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, bytes]:
        """Return the digest of each person's newest snapshot."""
        ...

    def troubled_by(self, tenant_id: TenantId, codes: Sequence[Code]) -> frozenset[Code]:
        """Tell which of these causes is the reason or the warning of at least one person."""
        ...

    def lacking(self, tenant_id: TenantId, code: Code) -> Sequence[str]:
        """Name the attributes that somebody lacks who is skipped for this cause, as sources, sorted."""
        ...

    def search(self, tenant_id: TenantId, text: str) -> Sequence[PersonId]:
        """Find people by Personio id, or by the exact value of the unique path (through its fingerprint)."""
        ...


class Links(Protocol):
    """Keep which account belongs to whom, and what was last applied to it."""

    def marks(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, LinkMark]:
        """Return fingerprints of the links of these people, in one query and without opening anything."""
        ...

    def get(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Link]:
        """Return full links, opened."""
        ...

    def count(self, tenant_id: TenantId) -> int:
        """Count the links of a tenant, closed accounts included."""
        ...

    def named(self, tenant_id: TenantId, name: str) -> Sequence[Link]:
        """Return the links whose account has this unique name, in its comparable spelling."""
        ...

    def by_account(self, tenant_id: TenantId, account_id: AccountId) -> PersonId | None:
        """Tell whose account this is."""
        ...


class Connections(Protocol):
    """Keep credentials sealed, and the source's shared token beside them."""

    def get(self, tenant_id: TenantId) -> Connection | None:
        """Return the tenant's connection, opened."""
        ...

    def put(self, tenant_id: TenantId, connection: Connection) -> None:
        """Store or replace the connection; another source credential forgets the shared token."""
        ...

    def tenants_at(self, connection: Connection) -> Sequence[TenantId]:
        """Tell which tenants carry to the same application, also those whose connection does not open."""
        ...

    def worked(self, tenant_id: TenantId) -> bool:
        """Tell whether anything was read with the source's credential since it was stored."""
        ...

    def token(self, tenant_id: TenantId) -> Token | None:
        """Return the shared token, if there is one and it can be opened."""
        ...

    def put_token(self, tenant_id: TenantId, token: Token | None) -> None:
        """Share a new token between all workers, or forget a refused one."""
        ...
