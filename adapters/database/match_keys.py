"""Fingerprints by which an account is recognised: one for each of the tenant's rules."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from adapters.database.changes_moves import chunks, within
from adapters.database.changes_rows import open_content
from adapters.database.session import Session
from adapters.database.statements import insert_into
from adapters.database.tables_cases import MATCH_KEYS
from adapters.database.tables_changes import CHANGES
from domain.account import Account, Scalar
from domain.changes import Action, ChangeState
from domain.config import MatchRule
from domain.identity import normal
from domain.ids import AccountId, ChangeId, RunId, TenantId


def rule_key(
    session: Session,
    tenant_id: TenantId,
    rules: Sequence[MatchRule],
    number: int,
    values: Mapping[str, Scalar],
) -> bytes | None:
    """Fingerprint what one rule compares, for listed accounts and planned creates alike.

    None where there is no such rule, or a value is missing: what is empty equals nothing.
    """
    if number >= len(rules):
        return None
    told = [normal(values.get(path)) for path in rules[number].paths]
    if not told or None in told:
        return None
    return session.digest(tenant_id, "match", "\n".join([str(number), *map(str, told)]))


def put_keys(
    session: Session, tenant_id: TenantId, accounts: Sequence[Account], rules: Sequence[MatchRule]
) -> None:
    """Store the keys of listed accounts for all rules but the first, whose key stands on the account."""
    rows = [
        {"tenant_id": tenant_id, "key": key, "account_id": account.account_id}
        for account in accounts
        for number in range(1, len(rules))
        if (key := rule_key(session, tenant_id, rules, number, account.values)) is not None
    ]
    if rows:
        session.connection.execute(insert_into(session.connection, MATCH_KEYS).on_conflict_do_nothing(), rows)


def by_further_rules(
    session: Session, tenant_id: TenantId, run_id: RunId, rules: Sequence[MatchRule]
) -> Mapping[ChangeId, set[AccountId]]:
    """Find listed accounts for planned creates by all rules but the first; one rule costs nothing here."""
    if len(rules) < 2:
        return {}
    asked = select(CHANGES).where(
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.run_id == run_id,
        within(CHANGES, {ChangeState.PLANNED}),
        CHANGES.c.action == Action.CREATE.value,
    )
    wanting: dict[bytes, list[ChangeId]] = {}
    for row in session.connection.execute(asked):
        after = open_content(session, row).get("after", {})
        for number in range(1, len(rules)):
            key = rule_key(session, tenant_id, rules, number, after)
            if key is not None:
                wanting.setdefault(key, []).append(ChangeId(row.change_id))
    return _found(session, tenant_id, wanting)


def _found(
    session: Session, tenant_id: TenantId, wanting: Mapping[bytes, Sequence[ChangeId]]
) -> dict[ChangeId, set[AccountId]]:
    pairs: dict[ChangeId, set[AccountId]] = {}
    for some in chunks(sorted(wanting)):
        asked = select(MATCH_KEYS.c.key, MATCH_KEYS.c.account_id).where(
            MATCH_KEYS.c.tenant_id == tenant_id, MATCH_KEYS.c.key.in_(some)
        )
        for row in session.connection.execute(asked):
            for change_id in wanting[bytes(row.key)]:
                pairs.setdefault(change_id, set()).add(AccountId(row.account_id))
    return pairs
