"""What handlers ask of the store about accounts that will be removed."""

from collections.abc import Collection, Sequence
from typing import Protocol

from domain.deletions import Deletion
from domain.ids import PersonId, TenantId


class Deletions(Protocol):
    """Keep the days on which closed accounts are removed for good."""

    def plan(self, tenant_id: TenantId, deletion: Deletion) -> None:
        """Remember a deletion; a newer one of the same person replaces the older, cancelled or not."""
        ...

    def standing(self, tenant_id: TenantId) -> Sequence[Deletion]:
        """List what is to come and was not cancelled, the next first."""
        ...

    def end(self, tenant_id: TenantId, person_id: PersonId) -> bool:
        """Forget a deletion: done, or over; False if there was none. A cancelled one stays so."""
        ...

    def cancel(self, tenant_id: TenantId, person_id: PersonId) -> bool:
        """Cancel a deletion: it stands no more, and is not carried out if it can be helped."""
        ...

    def cancelled(self, tenant_id: TenantId, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Find those whose deletion was cancelled, until another one of the same person is planned."""
        ...

    def due(self) -> Sequence[TenantId]:
        """List tenants with an account whose day has come."""
        ...

    def gone_today(self, tenant_id: TenantId) -> int:
        """Count the accounts that were removed, or are about to be, within the last 24 hours."""
        ...
