"""Why rows that were not begun yet are not begun any more."""

from datetime import datetime, timedelta

from domain.errors import TemporaryError, TenantBlockedError
from domain.ids import TenantId
from domain.tenant import may_write
from workers.desk import Desk

LOOKS_EVERY = timedelta(seconds=1)
"""Looking at the tenant before each call would cost as much as the call itself where a target is fast."""


class Halt:
    """Know of one turn whether its tenant may still be written for.

    `error` is the first error that concerns the whole tenant. Who stops a tenant while calls are under way is
    obeyed within a second, who asks this process to stop at once; the calls in flight end by themselves.
    """

    def __init__(self, tenant_id: TenantId, desk: Desk) -> None:
        self.error: TenantBlockedError | None = None
        self._tenant_id = tenant_id
        self._desk = desk
        self._stopped = False
        self._looks_at = desk.clock.now() + LOOKS_EVERY

    def halts(self) -> bool:
        """Tell whether a row that was not begun is to be given back."""
        return self.error is not None or self._stopped or self._desk.stopping() or self._was_stopped()

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


class Lease:
    """Know of one envelope of a turn whether its next call may still be made.

    `lost` is a lease that could not be kept. `leased_at` is when it was taken or renewed; a write that begins
    soon after it ends before it does.
    """

    def __init__(self, halt: Halt, desk: Desk, leased_at: datetime) -> None:
        self.halt = halt
        self.lost = False
        self.leased_at = leased_at
        self._desk = desk

    @property
    def age(self) -> timedelta:
        """Tell how long ago it was taken or renewed."""
        return self._desk.clock.now() - self.leased_at

    def halts(self) -> bool:
        """Tell whether a row that was not begun is to be given back."""
        return self.lost or self.halt.halts()

    def is_fresh(self) -> bool:
        """Tell whether a write may begin: also after this process was stopped for a while, unawares."""
        return not self.lost and self.age < self._desk.limits.begin
