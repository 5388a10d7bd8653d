"""What the sweeper and `doctor` ask of the store about the rows of all tenants together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.ids import TenantId
from domain.records import Expired


class SweptChanges(Protocol):
    """Find again what was forgotten, whoever forgot it; a part of `Changes`."""

    def with_expired(self) -> Sequence[TenantId]:
        """Tell who has working rows whose lease ran out."""
        ...

    def expire_leases(self, tenant_id: TenantId) -> Expired:
        """Turn a tenant's working rows whose lease ran out into waiting ones due now, one more crash on each.

        A row that crashed twice goes to suspects; a row that crashed there (three times) dies with a letter.
        """
        ...

    def wake(self) -> int:
        """Release blocked rows whose link or row is there by now, whoever forgot to; all tenants."""
        ...

    def forget_rung(self, ago: timedelta) -> int:
        """Forget which rows, of all tenants, were rung so long ago and taken by nobody; nought is all."""
        ...

    def due_now(self) -> tuple[int, datetime | None]:
        """Count the rows of tenants that may write which are due, and tell when the oldest was planned."""
        ...

    def due(self) -> Sequence[TenantId]:
        """List tenants that have released, or due waiting, rows and may write."""
        ...
