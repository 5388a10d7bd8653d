"""Credentials, sealed; and the source's shared token, sealed beside them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, select, update

from adapters.database.session import Session, millis, moment
from adapters.database.statements import insert_into
from adapters.database.tables import CONNECTIONS
from adapters.database.tables_runs import RUNS
from adapters.database.values import pack
from adapters.vault import SealedElsewhereError, VaultError
from domain.codes import Code
from domain.errors import TenantBlockedError
from domain.ids import TenantId
from domain.ports_world import Token
from domain.records import Connection

SEALED = "connections.sealed"
TOKEN = "connections.token"  # noqa: S105  the name of a column
CREDENTIAL = "source-credential"


class SqlConnections:
    """Keep one connection per tenant."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, tenant_id: TenantId) -> Connection | None:
        """Return the tenant's connection, opened; one that was sealed for another tenant blocks this one."""
        sealed = self._session.connection.scalar(_one(), {"tenant": tenant_id})
        if sealed is None:
            return None
        try:
            content: dict[str, Any] = json.loads(self._session.vault.open(tenant_id, SEALED, sealed))
        except SealedElsewhereError:
            raise TenantBlockedError(Code.CREDENTIALS_UNREADABLE, "") from None
        return Connection(**content)

    def put(self, tenant_id: TenantId, connection: Connection) -> None:
        """Store or replace the connection; the token stays only if the source credential is the same."""
        row = {
            "tenant_id": tenant_id,
            "sealed": self._session.vault.seal(tenant_id, SEALED, pack(asdict(connection))),
            "credential": self._credential(tenant_id, connection),
            "target": _target(connection),
            "stored_at": self._session.started_ms,
        }
        insert = insert_into(self._session.connection, CONNECTIONS).values(row)
        new, old = insert.excluded, CONNECTIONS.c
        same = old.credential == new.credential
        changes = {name: new[name] for name in ("sealed", "credential", "target")} | {
            "stored_at": case((same, old.stored_at), else_=new.stored_at),
            "token": case((same, old.token)),
            "token_expires_at": case((same, old.token_expires_at)),
        }
        self._session.connection.execute(
            insert.on_conflict_do_update(index_elements=["tenant_id"], set_=changes)
        )

    def token(self, tenant_id: TenantId) -> Token | None:
        """Return the shared token, if there is one and it can be opened."""
        found = select(CONNECTIONS.c.token, CONNECTIONS.c.token_expires_at).where(
            CONNECTIONS.c.tenant_id == tenant_id, CONNECTIONS.c.token.is_not(None)
        )
        row = self._session.connection.execute(found).one_or_none()
        if row is None:
            return None
        try:
            text = self._session.vault.open(tenant_id, TOKEN, row.token)
        except VaultError:
            return None  # a new one is minted and replaces it
        return Token(text.decode(), moment(row.token_expires_at))

    def put_token(self, tenant_id: TenantId, token: Token | None) -> None:
        """Share a new token between all workers, or forget a refused one."""
        sealed = self._session.vault.seal(tenant_id, TOKEN, token.text.encode()) if token else None
        self._session.connection.execute(
            update(CONNECTIONS)
            .where(CONNECTIONS.c.tenant_id == tenant_id)
            .values(token=sealed, token_expires_at=millis(token.expires_at) if token else None)
        )

    def tenants_at(self, connection: Connection) -> Sequence[TenantId]:
        """Compare fingerprints of addresses: nothing is opened."""
        asked = select(CONNECTIONS.c.tenant_id).where(CONNECTIONS.c.target == _target(connection))
        tenants = self._session.connection.scalars(asked.order_by(CONNECTIONS.c.tenant_id))
        return [TenantId(tenant_id) for tenant_id in tenants]

    def worked(self, tenant_id: TenantId) -> bool:
        """Tell whether a run that began since the source's credential was stored has read a page."""
        asked = select(RUNS.c.run_id).where(
            RUNS.c.tenant_id == tenant_id,
            CONNECTIONS.c.tenant_id == tenant_id,
            RUNS.c.created_at >= CONNECTIONS.c.stored_at,
            RUNS.c.pages > 0,
        )
        return self._session.connection.scalar(asked.limit(1)) is not None

    def _credential(self, tenant_id: TenantId, connection: Connection) -> bytes:
        parts = [connection.source_url, connection.client_id, connection.client_secret]
        return self._session.digest(tenant_id, CREDENTIAL, json.dumps(parts))


def _target(connection: Connection) -> bytes:
    """Fingerprint an address alike for all tenants, which is why no tenant's key is in it."""
    told = f"{connection.target_kind} {connection.target_url.rstrip('/')}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:16]


@cache
def _one() -> Select[bytes]:
    return select(CONNECTIONS.c.sealed).where(CONNECTIONS.c.tenant_id == bindparam("tenant"))
