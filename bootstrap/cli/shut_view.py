"""Tell of a tenant whose stored credentials do not open, and name the command that stores them anew."""

from adapters.vault import NoTenantKeysError
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.voice import Data
from domain.codes import Code
from domain.errors import TenantBlockedError
from domain.ids import TenantId
from domain.ports import Transaction
from domain.records import Connection
from domain.setback_words import fix


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
        tx.connections.get(tenant_id)
    except TenantBlockedError as error:
        told = cause_data(error.code, error.detail) or {}
        known = error.code is Code.CREDENTIALS_UNREADABLE
        command = fix(error.code, tenant_id) if known else None
        return {
            "code": error.code,
            "sentence": told.get("sentence", ""),
            "cure": f"{told.get('cure', '')} Type: {command}" if command else told.get("cure", ""),
            "command": command,
        }
    return None
