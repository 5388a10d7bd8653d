"""The target's accounts as listed once for a first sync: sealed rows with two fingerprints to be found by."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Delete, Select, Table, delete, func, select

from adapters.database.match_keys import put_keys, rule_key
from adapters.database.session import Session, millis, moment
from adapters.database.statements import built_once, insert_new
from adapters.database.tables import TARGET_ACCOUNTS
from adapters.database.tables_cases import MATCH_KEYS
from adapters.database.values import pack
from domain.account import Account
from domain.config import Configuration
from domain.ids import AccountId, TenantId


class SqlTargetList:
    """Keep listed accounts; `Changes.correlate` pairs them with planned creates."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def forget(self, tenant_id: TenantId) -> None:
        """Remove what was listed before."""
        for table in (TARGET_ACCOUNTS, MATCH_KEYS):
            self._session.connection.execute(*_rows_of(tenant_id, table=table))

    def put(self, tenant_id: TenantId, accounts: Sequence[Account], config: Configuration) -> None:
        """Store one listed page; what is there already stays as it is."""
        if not accounts:
            return
        insert = insert_new(self._session.connection, TARGET_ACCOUNTS)
        rows = [self._row(tenant_id, account, config) for account in accounts]
        self._session.connection.execute(insert, rows)
        put_keys(self._session, tenant_id, accounts, config.match_rules)

    def count(self, tenant_id: TenantId) -> int:
        """Count the listed accounts."""
        return self._session.connection.execute(*_counted(tenant_id)).scalar_one()

    def _row(self, tenant_id: TenantId, account: Account, config: Configuration) -> dict[str, object]:
        sealed = self._session.vault.seal(tenant_id, field(account.account_id), pack(_written(account)))
        return {
            "tenant_id": tenant_id,
            "account_id": account.account_id,
            "sealed": sealed,
            "external_key": external_key(self._session, tenant_id, account.external_id),
            "match_key": rule_key(self._session, tenant_id, config.match_rules, 0, account.values),
        }


@built_once
def _rows_of(tenant_id: TenantId, *, table: Table) -> Delete:
    return delete(table).where(table.c.tenant_id == tenant_id)


@built_once
def _counted(tenant_id: TenantId) -> Select[int]:
    mine = TARGET_ACCOUNTS.c.tenant_id == tenant_id
    return select(func.count()).select_from(TARGET_ACCOUNTS).where(mine)


def external_key(session: Session, tenant_id: TenantId, external_id: str | None) -> bytes | None:
    """Fingerprint an external id, for listed accounts and planned creates alike."""
    return session.digest(tenant_id, "external-id", external_id) if external_id else None


def open_account(session: Session, tenant_id: TenantId, account_id: AccountId, sealed: bytes) -> Account:
    """Open one listed account."""
    told: dict[str, Any] = json.loads(session.vault.open(tenant_id, field(account_id), sealed))
    return Account(
        account_id=account_id,
        external_id=told["external_id"],
        active=told["active"],
        values=told["values"],
        manager=told["manager"],
        created_at=None if told["created_at"] is None else moment(told["created_at"]),
    )


def field(account_id: AccountId) -> str:
    """Name the sealed account, so that it opens in no other row."""
    return f"target_accounts.sealed:{account_id}"


def _written(account: Account) -> dict[str, object]:
    return {
        "external_id": account.external_id,
        "active": account.active,
        "values": dict(account.values),
        "manager": account.manager,
        "created_at": None if account.created_at is None else millis(account.created_at),
    }
