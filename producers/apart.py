"""Serve one tenant apart from the others: whoever cannot be served costs nobody else anything."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import TemporaryError
from domain.ids import TenantId
from domain.ports import Store, Transaction

Failed = dict[TenantId, Exception]
"""Who could not be served, and by what; whoever asked tells it, and blocks where nothing can be read."""


@contextmanager
def apart(store: Store, tenant_id: TenantId, failed: Failed) -> Iterator[Transaction]:
    """Give one tenant a transaction of its own; whatever is wrong with it ends that, and is noted.

    A store that is away is nobody's own damage, so that goes up: the next tenant would only wait as long.
    """
    try:
        with store.write() as tx:
            yield tx
    except TemporaryError:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, the others must not wait for its repair
        failed[tenant_id] = error
