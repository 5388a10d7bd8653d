"""Tell of a tenant whose stored credentials do not open, and name the command that stores them anew."""

from adapters.vault import NoTenantKeysError
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.voice import Data
from domain.causes import for_tenant
from domain.codes import Code
from domain.errors import TenantBlockedError
from domain.ids import TenantId
from domain.ports import Transaction
from domain.records import Connection
from domain.setback_words import CREDENTIALS, fix


def stored_connection(tx: Transaction, tenant_id: TenantId) -> Connection | None:
    """Open a tenant's connection; None if there is none, or if it was sealed for another tenant."""
    try:
        return tx.connections.get(tenant_id)
    except NoTenantKeysError:
        raise
    except TenantBlockedError:
        return None


def shut(tx: Transaction, tenant_id: TenantId) -> Data | None:
    """Say what is not there or does not open, and what to do; None if the connection can be read."""
    try:
        found = tx.connections.get(tenant_id)
    except TenantBlockedError as error:
        return _told(tenant_id, error.code, error.detail)
    return None if found is not None else _told(tenant_id, Code.CONNECTION_MISSING, "")


def _told(tenant_id: TenantId, code: Code, detail: str) -> Data:
    told = cause_data(code, detail) or {}
    cure, command = (
        for_tenant(told.get("cure", ""), tenant_id),
        fix(code, tenant_id) if code in CREDENTIALS else None,
    )
    return {
        "code": code,
        "sentence": told.get("sentence", ""),
        "cure": f"{cure} Type: {command}" if command else cure,
        "command": command,
    }
