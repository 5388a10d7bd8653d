"""What handlers ask of the store about tenants that rest, and targets that do not answer."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.ids import TenantId
from domain.outages import Outage
from domain.setbacks import Setback


class Setbacks(Protocol):
    """Keep at most one setback for each tenant, with the moment of its next step."""

    def get(self, tenant_id: TenantId) -> Setback | None:
        """Return what stands in a tenant's way; one that is over and waits to be logged does not."""
        ...

    def put(self, tenant_id: TenantId, setback: Setback) -> None:
        """Store a setback in the place of the one before."""
        ...

    def end(self, tenant_id: TenantId) -> Setback | None:
        """Mark the standing setback as over and return it as it stood; None if there is none."""
        ...

    def forget(self, tenant_id: TenantId) -> bool:
        """Remove a setback that is over; False if somebody did so before."""
        ...

    def due(self) -> Sequence[tuple[TenantId, Setback]]:
        """List the setbacks of all tenants whose next step is due, ended ones included."""
        ...


class Outages(Protocol):
    """Keep since when a tenant's target has not answered."""

    def get(self, tenant_id: TenantId) -> Outage | None:
        """Return the outage of a tenant's target, if it does not answer."""
        ...

    def begin(self, tenant_id: TenantId) -> None:
        """Remember that the target did not answer; one that began before stays as it is."""
        ...

    def told(self, tenant_id: TenantId) -> None:
        """Remember that an incident speaks of it."""
        ...

    def end(self, tenant_id: TenantId) -> bool:
        """Forget it, because the target answered; False if there was none."""
        ...

    def standing(self) -> Mapping[TenantId, Outage]:
        """List the outages of all tenants."""
        ...

    def waiting(self, tenant_id: TenantId) -> int:
        """Count the people whose changes wait because the target did not answer."""
        ...

    def leavers(self) -> Mapping[TenantId, int]:
        """Count, by tenant that may not write, the people whose account would be closed if it might."""
        ...
