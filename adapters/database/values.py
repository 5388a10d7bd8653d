"""Values on their way into a sealed column and out again."""

import json
from collections.abc import Mapping

from adapters.database.session import Session
from adapters.vault import VaultError
from domain.account import Scalar
from domain.ids import TenantId

_COMPACT = json.JSONEncoder(separators=(",", ":"))
"""Made once: `json.dumps` makes an encoder for each value that it is given with separators."""


def seal_values(session: Session, tenant_id: TenantId, field: str, values: Mapping[str, Scalar]) -> bytes:
    """Seal a mapping for one field; name the row in `field`, so that it opens in no other row."""
    return session.vault.seal(tenant_id, field, pack(values))


def open_values(session: Session, tenant_id: TenantId, field: str, sealed: bytes) -> dict[str, Scalar]:
    """Open what `seal_values` sealed for the same tenant and field."""
    opened: dict[str, Scalar] = json.loads(session.vault.open(tenant_id, field, sealed))
    return opened


def open_known(session: Session, tenant_id: TenantId, field: str, sealed: bytes) -> dict[str, Scalar]:
    """Open values that are made anew from elsewhere; of damaged ones nothing is known any more.

    So whatever lists many rows, or all tenants, goes on beside the damaged one.
    """
    try:
        return open_values(session, tenant_id, field, sealed)
    except VaultError:
        return {}


def pack(content: object) -> bytes:
    """Write compact JSON in ASCII, which carries even the broken characters that sources send."""
    return _COMPACT.encode(content).encode("ascii")
