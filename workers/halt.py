"""Why the rows of an envelope that were not begun yet are not begun any more."""

from datetime import datetime, timedelta

from domain.errors import TemporaryError, TenantBlockedError
from domain.ids import TenantId
from domain.tenant import may_write
from workers.desk import Desk

LOOKS_EVERY = timedelta(seconds=1)
"""Looking at the tenant before each call would cost as much as the call itself where a target is fast."""


class Halt:
    """Know of one envelope whether its next call may still be made.

    `error` is the first error that concerns the whole tenant, `lost` a lease that could not be kept. Who
    stops a tenant while calls are under way is obeyed within a second; the calls in flight end by themselves.
    `leased_at` is when the lease was taken or renewed; a write that begins soon after it ends before it does.
    """

    def __init__(self, tenant_id: TenantId, desk: Desk, leased_at: datetime) -> None:
        self.error: TenantBlockedError | None = None
        self.lost = False
        self.leased_at = leased_at
        self._tenant_id = tenant_id
        self._desk = desk
        self._stopped = False
        self._looks_at = desk.clock.now() + LOOKS_EVERY

    def halts(self) -> bool:
        """Tell whether a row that was not begun is to be given back."""
        return self.error is not None or self.lost or self._stopped or self._was_stopped()

    def is_fresh(self) -> bool:
        """Tell whether a write may begin: also after this process was stopped for a while, unawares."""
        return not self.lost and self._desk.clock.now() - self.leased_at < self._desk.limits.begin

    def _was_stopped(self) -> bool:
        """Look again if the last look is old; a store that does not answer lets nothing begin."""
        if self._desk.clock.now() < self._looks_at:
            return False
        self._looks_at = self._desk.clock.now() + LOOKS_EVERY
        try:
            with self._desk.store.read() as tx:
                tenant = tx.tenants.get(self._tenant_id)
        except TemporaryError:
            return True
        self._stopped = tenant is None or not may_write(tenant.state)
        return self._stopped
