"""What handlers ask of the store about accounts that will be removed."""

from collections.abc import Sequence
from typing import Protocol

from domain.deletions import Deletion
from domain.ids import PersonId, TenantId


class Deletions(Protocol):
    """Keep the days on which closed accounts are removed for good."""

    def plan(self, tenant_id: TenantId, deletion: Deletion) -> None:
        """Remember a deletion; a newer one of the same person replaces the older."""
        ...

    def standing(self, tenant_id: TenantId) -> Sequence[Deletion]:
        """List what is to come, the next first."""
        ...

    def end(self, tenant_id: TenantId, person_id: PersonId) -> bool:
        """Forget a deletion: done, cancelled, or over; False if there was none."""
        ...

    def due(self) -> Sequence[TenantId]:
        """List tenants with an account whose day has come."""
        ...

    def gone_today(self, tenant_id: TenantId) -> int:
        """Count the accounts that were removed, or are about to be, within the last 24 hours."""
        ...
