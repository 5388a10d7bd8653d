"""Serve one tenant apart from the others: whoever cannot be served costs nobody else anything."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import TenantBlockedError
from domain.ids import TenantId
from domain.ports import Store, Transaction

Failed = dict[TenantId, Exception]
"""Who could not be served, and by what; whoever asked tells it, and blocks where nothing can be read."""


@contextmanager
def apart(store: Store, tenant_id: TenantId, failed: Failed) -> Iterator[Transaction]:
    """Give one tenant a transaction of its own; what cannot be read of it ends that, and is noted."""
    try:
        with store.write() as tx:
            yield tx
    except (ValueError, LookupError, TenantBlockedError) as error:
        failed[tenant_id] = error
