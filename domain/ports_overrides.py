"""What handlers ask of the store about overrides."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.ids import PersonId, TenantId
from domain.overrides import Override, OverrideKind


class Overrides(Protocol):
    """Keep what humans fixed about single people. Reasons are sealed: they may name somebody."""

    def put(self, tenant_id: TenantId, override: Override) -> None:
        """Set an override; one of the same kind and path over the same person ends."""
        ...

    def of(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Override]]:
        """Return the overrides in force over these people; people without any are left out."""
        ...

    def standing(self, tenant_id: TenantId) -> Sequence[Override]:
        """List the overrides in force, oldest first."""
        ...

    def end(self, tenant_id: TenantId, person_id: PersonId, kind: OverrideKind, by: str) -> int:
        """End the overrides of one kind over one person; returns how many were in force."""
        ...

    def expired(self) -> Sequence[TenantId]:
        """List the tenants of whom an override's day has come."""
        ...

    def take_expired(self, tenant_id: TenantId) -> Sequence[Override]:
        """End the overrides of a tenant whose day has come, and return them, each once."""
        ...
