"""Bring links up to what was done: who lost what, who is whose manager by now, and who has two accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Select, select, update

from adapters.database.changes_rows import AnyRow
from adapters.database.doubts import doubt_more, doubt_seconds, doubt_these
from adapters.database.history import ACCOUNT, NAME, Loss, account_mark, remember
from adapters.database.links import LinkRow, owner_of, store_links
from adapters.database.people import KEY
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import LINKS
from domain.changes import ChangeState
from domain.doubts import second
from domain.ids import AccountId, PersonId, TenantId
from domain.link import Origin
from domain.records import Done, Postponed, Refused, Settlement

Stored = Mapping[str, AnyRow]
"""What is stored of people's links before something is recorded, by person."""


def stored_links(session: Session, tenant_id: TenantId, done: Sequence[Done]) -> Stored:
    """Read what is stored of the links that these settlements are about; others may have written it since."""
    people = sorted({one.link.person_id for one in done})
    return {row.person_id: row for row in session.connection.execute(*_accounts(tenant_id, people))}


def link_row(session: Session, tenant_id: TenantId, done: Done) -> LinkRow:
    """Say what is to be stored of a link."""
    key = None if done.key is None else session.digest(tenant_id, KEY, done.key)
    return replace(done.link, version=done.link.version + 1), done.digest, key


def remember_losses(
    session: Session, tenant_id: TenantId, done: Sequence[Done], stored: Stored
) -> frozenset[str]:
    """Remember who loses an account or a name, and forget managers whose account was replaced: these people.

    A reference to an account that is another one now went with the old one.
    """
    moved: set[str] = set()
    losses: list[Loss] = []
    for now in done:
        row = stored.get(now.link.person_id)
        if row is None:
            continue
        if row.account_id != now.link.account_id:
            moved.add(row.person_id)
            losses.append((ACCOUNT, account_mark(session, tenant_id, row.account_id), row.person_id))
        if row.key is not None and bytes(row.key) != link_row(session, tenant_id, now)[2]:
            losses.append((NAME, bytes(row.key), row.person_id))
    remember(session, tenant_id, losses)
    if moved:
        here = (LINKS.c.tenant_id == tenant_id, LINKS.c.manager.in_(sorted(moved)))
        session.connection.execute(update(LINKS).where(*here).values(manager=None))
    return frozenset(moved)


def with_managers(
    session: Session,
    tenant_id: TenantId,
    done: Sequence[Done],
    stored: Stored,
    moved: Collection[str],
) -> Sequence[Done]:
    """Note managers as others may have noted them while these rows were in hand.

    A row that sent nothing about the manager says nothing of them. One that did referred to an account: the
    manager is who has that by now, and nobody is where it was replaced.
    """
    accounts = sorted({one.referred for one in done if one.referred is not None})
    owners = _owners(session, tenant_id, accounts) if accounts else {}
    return [_with_manager(one, stored.get(one.link.person_id), owners, moved) for one in done]


def _with_manager(
    done: Done, before: AnyRow | None, owners: Mapping[str, PersonId], moved: Collection[str]
) -> Done:
    manager = done.link.manager
    if done.referred is not None:
        manager = owners.get(done.referred)
    elif not done.manages and before is not None and before.account_id == done.link.account_id:
        manager = None if before.manager is None else PersonId(before.manager)
    return replace(done, link=replace(done.link, manager=None if manager in moved else manager))


def _owners(session: Session, tenant_id: TenantId, accounts: Sequence[AccountId]) -> Mapping[str, PersonId]:
    found = session.connection.execute(*_owning(tenant_id, accounts))
    return {account_id: PersonId(person_id) for account_id, person_id in found}


def doubt_replaced(session: Session, tenant_id: TenantId, done: Sequence[Done], stored: Stored) -> None:
    """Note accounts that a late request gave to people who had none when their row was taken."""
    found: dict[str, frozenset[str]] = {}
    for one in done:
        row = stored.get(one.link.person_id)
        if row is not None and not one.link.version and row.account_id != one.link.account_id:
            found[row.person_id] = second(AccountId(row.account_id))
    doubt_more(session, tenant_id, found)


def note_late(session: Session, tenant_id: TenantId, late: Sequence[Settlement]) -> None:
    """Note what somebody sent who had slept through the lease: nobody can tell what came after what."""
    sent = [
        one.change_id
        for one in late
        if (isinstance(one, Done) and one.state is ChangeState.APPLIED)
        or (isinstance(one, Postponed) and one.sent)
        or (isinstance(one, Refused) and one.intent_kept)
    ]
    doubt_these(session, tenant_id, sent)
    made = [one for one in late if isinstance(one, Done) and one.link.origin is Origin.CREATED]
    alone = doubt_seconds(session, tenant_id, {one.change_id: one.link for one in made})
    _adopt(session, tenant_id, [one for one in made if one.change_id in alone])


def _adopt(session: Session, tenant_id: TenantId, late: Sequence[Done]) -> None:
    """Link accounts that late creates made of people who have none, such as whose first one was taken over.

    An account that nobody links is an open door; by its link the next plan closes it, or keeps it.
    """
    for one in late:
        if owner_of(session, tenant_id, one.link.account_id) is None:
            store_links(session, tenant_id, [link_row(session, tenant_id, one)])


@built_once
def _accounts(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[str, str, bytes, str]:
    mine = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(people))
    return select(LINKS.c.person_id, LINKS.c.account_id, LINKS.c.key, LINKS.c.manager).where(*mine)


@built_once
def _owning(tenant_id: TenantId, accounts: Sequence[AccountId]) -> Select[str, str]:
    theirs = (LINKS.c.tenant_id == tenant_id, LINKS.c.account_id.in_(accounts))
    return select(LINKS.c.account_id, LINKS.c.person_id).where(*theirs).order_by(LINKS.c.person_id.desc())
