"""What we ask of the store about how well targets are."""

from typing import Protocol

from domain.condition import Condition
from domain.ids import TenantId


class Conditions(Protocol):
    """Keep what was learned of each target, for all tenants that have the same one."""

    def get(self, tenant_id: TenantId) -> Condition:
        """Return how the tenant's target is; `open_since` says since when it does not answer well."""
        ...

    def take(self, tenant_id: TenantId) -> Condition:
        """Return the same, and keep others from changing it until this transaction ends."""
        ...

    def put(self, tenant_id: TenantId, condition: Condition) -> None:
        """Remember it; a target that is well takes no row."""
        ...
