"""What handlers ask of the store about attributes: what they are called, what is normal, what was lost."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.attributes import Accepted, Counted, Lost, Normal
from domain.employee import Attribute
from domain.ids import RunId, TenantId


class Attributes(Protocol):
    """Keep what is normal for each attribute of a tenant, and which ones cannot be trusted now."""

    def learn(self, tenant_id: TenantId, granted: Sequence[Attribute]) -> None:
        """Remember labels and universal ids, for the day on which one of these is not told any more."""
        ...

    def normal(self, tenant_id: TenantId) -> Mapping[str, Normal]:
        """Return what is known of each attribute, by key."""
        ...

    def settle(self, tenant_id: TenantId, run_id: RunId, counted: Counted, keys: Sequence[str]) -> None:
        """Make what this certified reading counted the new normal of these attributes."""
        ...

    def lose(
        self, tenant_id: TenantId, run_id: RunId, lost: Sequence[Lost], *, standing: bool = True
    ) -> None:
        """Let what this feed run lost stand, instead of what an earlier one had lost.

        Not `standing`: it is only noted as this run's own, and what stands goes on to stand.
        """
        ...

    def standing(self, tenant_id: TenantId) -> Sequence[Lost]:
        """List the attributes that cannot be trusted now, by key."""
        ...

    def lost_in(self, tenant_id: TenantId, run_id: RunId) -> Sequence[Lost]:
        """List what one feed run lost, by key, accepted or not."""
        ...

    def accept(self, tenant_id: TenantId, keys: Sequence[str], by: str) -> Sequence[Lost]:
        """Take standing losses of these attributes as the new normal; remember who said so, and when."""
        ...

    def accepted(self, tenant_id: TenantId, limit: int) -> Sequence[Accepted]:
        """List what was accepted, by whom and when, newest first."""
        ...
