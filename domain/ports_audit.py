"""What handlers ask of the store about the audit."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from domain.audit import Chain, Entry, Note
from domain.ids import TenantId


class Audit(Protocol):
    """Keep what humans did, one chain per tenant. There is no method that changes an entry."""

    def write(self, tenant_id: TenantId, note: Note) -> None:
        """Add an entry in the transaction of the deed, as the last thing in it: others wait for the chain.

        Never refuses: a chain that somebody damaged must not keep anybody from stopping a tenant. The damage
        stays to be found. What is only the installation's own has no keys, and so no chain.
        """
        ...

    def newest(self, tenant_id: TenantId, limit: int) -> Sequence[Entry]:
        """List entries, newest first."""
        ...

    def chain(self, tenant_id: TenantId) -> Chain | None:
        """Tell where the chain begins and ends; None where nothing was ever written."""
        ...

    def first_broken(self, tenant_id: TenantId) -> int | None:
        """Walk the whole chain, some entries at a time; see `domain.audit.first_broken`."""
        ...

    def older_than(self, older: timedelta) -> Sequence[TenantId]:
        """Tell whose chain has entries older than this."""
        ...

    def forget(self, tenant_id: TenantId, older: timedelta, most: int) -> int:
        """Remove a tenant's oldest entries and remember the chain's new beginning.

        Entries that do not verify stay, and what follows them: forgetting must not wipe out a trace.
        """
        ...
