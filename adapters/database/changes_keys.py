"""Find who wants and who holds a unique name, and which listed accounts look like a person's."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from adapters.database.changes_moves import chunks, within
from adapters.database.changes_rows import AnyRow, opened
from adapters.database.match_keys import by_further_rules
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import LINKS, TARGET_ACCOUNTS
from adapters.database.tables_changes import CHANGES
from adapters.database.target_list import open_account
from domain.account import Account
from domain.changes import OPEN, UNSETTLED, Action, Aspect, Change, ChangeState
from domain.config import MatchRule
from domain.ids import AccountId, ChangeId, PersonId, RunId, TenantId
from domain.keys import Contest, Holder, Wanter

PLANNED = frozenset({ChangeState.PLANNED})
WORKING = frozenset({ChangeState.WORKING})
RIVAL = CHANGES.alias("rival")
SUCCESSOR = CHANGES.alias("successor")

Fingerprint = bytes


def contests(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[Contest]:
    """Return each unique name that a planned row of this run wants and somebody else wants or holds."""
    keys = [bytes(key) for key in session.connection.scalars(*_contested(tenant_id, run_id))]
    found: list[Contest] = []
    for some in chunks(sorted(keys)):
        wanters = _wanters(session, tenant_id, run_id, some)
        links = _links(session, tenant_id, some)
        people = {link.person_id for held in links.values() for link in held}
        rows = _account_rows(session, tenant_id, run_id, people)
        found += [_contest(key, wanters.get(key, []), links.get(key, []), rows) for key in some]
    return [contest for contest in found if _is_contested(contest)]


def correlate(
    session: Session, tenant_id: TenantId, run_id: RunId, rules: Sequence[MatchRule]
) -> Sequence[tuple[Change, tuple[Account, ...]]]:
    """Pair planned creates with listed accounts of the same external id, or found by a rule."""
    pairs = _pairs(session, tenant_id, run_id)
    for change_id, accounts_ in by_further_rules(session, tenant_id, run_id, rules).items():
        pairs.setdefault(change_id, set()).update(accounts_)
    changes = opened(session, tenant_id, sorted(pairs))
    accounts = _accounts(session, tenant_id, sorted({account for ids in pairs.values() for account in ids}))
    return [
        (change, tuple(accounts[account_id] for account_id in sorted(pairs[change_id])))
        for change_id, change in sorted(changes.items())
    ]


@built_once
def _contested(tenant_id: TenantId, run_id: RunId) -> Select[Fingerprint]:
    wanted = (
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.run_id == run_id,
        within(CHANGES, PLANNED),
        CHANGES.c.takes_key.is_not(None),
    )
    rival = and_(
        RIVAL.c.tenant_id == tenant_id,
        within(RIVAL, UNSETTLED),
        RIVAL.c.takes_key == CHANGES.c.takes_key,
        RIVAL.c.person_id != CHANGES.c.person_id,
    )
    holder = and_(
        LINKS.c.tenant_id == tenant_id,
        LINKS.c.key == CHANGES.c.takes_key,
        LINKS.c.person_id != CHANGES.c.person_id,
    )
    return (
        select(CHANGES.c.takes_key)
        .where(*wanted, or_(exists().where(rival), exists().where(holder)))
        .distinct()
    )


def _wanters(
    session: Session, tenant_id: TenantId, run_id: RunId, keys: Sequence[Fingerprint]
) -> Mapping[Fingerprint, list[Wanter]]:
    """Collect all rows that want these names, without those that this run's plan replaces."""
    asked = select(CHANGES).where(
        CHANGES.c.tenant_id == tenant_id,
        within(CHANGES, UNSETTLED),
        CHANGES.c.takes_key.in_(keys),
        or_(CHANGES.c.run_id == run_id, ~exists().where(_replaces(run_id))),
    )
    rows = session.connection.execute(asked.order_by(CHANGES.c.takes_key, CHANGES.c.change_id))
    return {
        bytes(key): [_wanter(row) for row in same] for key, same in groupby(rows, lambda row: row.takes_key)
    }


def _replaces(run_id: RunId) -> ColumnElement[bool]:
    return and_(
        SUCCESSOR.c.tenant_id == CHANGES.c.tenant_id,
        SUCCESSOR.c.run_id == run_id,
        SUCCESSOR.c.person_id == CHANGES.c.person_id,
        SUCCESSOR.c.aspect == CHANGES.c.aspect,
        within(SUCCESSOR, PLANNED),
    )


def _wanter(row: AnyRow) -> Wanter:
    frees = None if row.frees_key is None else bytes(row.frees_key)
    held = row.to_hold or row.state == ChangeState.HELD.value
    return Wanter(ChangeId(row.change_id), PersonId(row.person_id), frees, held)


def _links(
    session: Session, tenant_id: TenantId, keys: Sequence[Fingerprint]
) -> Mapping[Fingerprint, list[AnyRow]]:
    """Collect the accounts that hold these names, open ones first."""
    asked = select(LINKS.c.key, LINKS.c.person_id, LINKS.c.active).where(
        LINKS.c.tenant_id == tenant_id, LINKS.c.key.in_(keys)
    )
    rows = session.connection.execute(asked.order_by(LINKS.c.key, LINKS.c.active.desc(), LINKS.c.person_id))
    return {bytes(key): list(same) for key, same in groupby(rows, lambda row: row.key)}


def _account_rows(
    session: Session, tenant_id: TenantId, run_id: RunId, people: Iterable[str]
) -> Mapping[str, AnyRow | None]:
    """Find what will happen to each account: by this run's plan, else by what is open, else by what works."""
    found: dict[str, AnyRow | None] = {}
    for some in chunks(sorted(people)):
        ways = (
            _planned_of_accounts(tenant_id, run_id, some),
            _of_accounts(tenant_id, some, states=OPEN),
            _of_accounts(tenant_id, some, states=WORKING),
        )
        for way in ways:
            for row in session.connection.execute(*way):
                found.setdefault(row.person_id, None if row.action == Action.KEEP.value else row)
    return found


@built_once
def _planned_of_accounts(tenant_id: TenantId, run_id: RunId, people: Sequence[str]) -> Select[Any]:
    return _about_accounts(tenant_id, people).where(within(CHANGES, PLANNED), CHANGES.c.run_id == run_id)


@built_once
def _of_accounts(
    tenant_id: TenantId, people: Sequence[str], *, states: frozenset[ChangeState]
) -> Select[Any]:
    return _about_accounts(tenant_id, people).where(within(CHANGES, states))


def _about_accounts(tenant_id: TenantId, people: Sequence[str]) -> Select[Any]:
    theirs = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.person_id.in_(people))
    return select(CHANGES).where(*theirs, CHANGES.c.aspect == Aspect.ACCOUNT.value)


def _contest(
    key: Fingerprint, wanters: Sequence[Wanter], links: Sequence[AnyRow], rows: Mapping[str, AnyRow | None]
) -> Contest:
    """Somebody who wants the name that they hold contests nothing."""
    holders = {link.person_id for link in links}
    others = tuple(wanter for wanter in wanters if wanter.person_id not in holders)
    return Contest(key, others, _holder(key, links[0], rows.get(links[0].person_id)) if links else None)


def _holder(key: Fingerprint, link: AnyRow, row: AnyRow | None) -> Holder:
    if row is None:
        return Holder(PersonId(link.person_id), active=link.active)
    return Holder(
        person_id=PersonId(link.person_id),
        active=link.active or row.action == Action.REACTIVATE.value,
        change_id=ChangeId(row.change_id),
        leaving=row.action == Action.DEACTIVATE.value,
        giving_up=row.takes_key is not None and bytes(row.takes_key) != key,
    )


def _is_contested(contest: Contest) -> bool:
    people = {wanter.person_id for wanter in contest.wanters}
    return len(people) > 1 or (len(people) == 1 and contest.holder is not None)


def _pairs(session: Session, tenant_id: TenantId, run_id: RunId) -> dict[ChangeId, set[AccountId]]:
    """Join by each fingerprint on its own, so that each join is one look into an index per row."""
    creates = (
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.run_id == run_id,
        within(CHANGES, PLANNED),
        CHANGES.c.action == Action.CREATE.value,
        TARGET_ACCOUNTS.c.tenant_id == tenant_id,
    )
    same_id = TARGET_ACCOUNTS.c.external_key == CHANGES.c.external_key
    same_value = TARGET_ACCOUNTS.c.match_key == CHANGES.c.match_key
    pairs: dict[ChangeId, set[AccountId]] = {}
    for same in (same_id, same_value):
        asked = select(CHANGES.c.change_id, TARGET_ACCOUNTS.c.account_id).where(*creates, same)
        for change_id, account_id in session.connection.execute(asked):
            pairs.setdefault(ChangeId(change_id), set()).add(AccountId(account_id))
    return pairs


def _accounts(
    session: Session, tenant_id: TenantId, account_ids: Sequence[AccountId]
) -> Mapping[AccountId, Account]:
    found: dict[AccountId, Account] = {}
    for some in chunks(account_ids):
        asked = select(TARGET_ACCOUNTS.c.account_id, TARGET_ACCOUNTS.c.sealed).where(
            TARGET_ACCOUNTS.c.tenant_id == tenant_id, TARGET_ACCOUNTS.c.account_id.in_(some)
        )
        for account_id, sealed in session.connection.execute(asked):
            found[account_id] = open_account(session, tenant_id, AccountId(account_id), sealed)
    return found
