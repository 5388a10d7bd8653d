"""Tell of a tenant whose stored credentials do not open, and name the command that stores them anew."""

from dataclasses import replace

from adapters.vault import NoTenantKeysError
from bootstrap.cli.voice import Data
from domain.codes import Code
from domain.errors import TenantBlockedError
from domain.ids import TenantId
from domain.ports import Transaction
from domain.records import Connection
from domain.setback_words import WayBack

LOST_KEYS = "Restore the tenant's row from a backup; the others go on. Lost keys open nothing any more."


def stored_connection(tx: Transaction, tenant_id: TenantId) -> tuple[Connection | None, bool]:
    """Open a tenant's connection, and say whether it opens; one sealed for another tenant does not."""
    try:
        return tx.connections.get(tenant_id), True
    except NoTenantKeysError:
        raise
    except TenantBlockedError:
        return None, False


def shut(tx: Transaction, tenant_id: TenantId) -> Data | None:
    """Say what does not open, and what to do; None if the connection opens."""
    try:
        _, opens = stored_connection(tx, tenant_id)
    except NoTenantKeysError as error:
        return {"sentence": str(error), "cure": LOST_KEYS, "command": None}
    if opens:
        return None
    what = "The stored credentials do not open as this tenant's."
    return {"sentence": what, "cure": f"Store both ends anew: {anew(tenant_id)}", "command": anew(tenant_id)}


def anew(tenant_id: TenantId) -> str:
    """Name the command that stores both ends of a tenant; nothing of the old ones stays."""
    ends = "--client-id ID --client-secret-file FILE --target-url URL --target-token-file FILE"
    return f"staffetta tenant credentials {tenant_id} {ends}"


def way_back_truly(tx: Transaction, tenant_id: TenantId, back: WayBack | None) -> WayBack | None:
    """Name the command for the credentials where they are what cannot be applied, and no setting is."""
    if back is None or back.code is not Code.CONFIG_INVALID:
        return back
    told = shut(tx, tenant_id)
    if told is None or told["command"] is None:
        return back
    return replace(
        back, command=told["command"], ended_by="Both ends, stored anew and checked, let it go on."
    )
