"""Take an account from whoever had it, and hand what is known of it on with it, such as its manager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from adapters.database.doubts import doubt_more, opened
from adapters.database.history import losses_of, remember
from adapters.database.links import owner_of, store_links
from adapters.database.session import Session
from adapters.database.tables import LINKS
from domain.doubts import all_seconds, second
from domain.ids import AccountId, PersonId, TenantId
from domain.link import OPEN, Link, Origin

NEVER_APPLIED = b""
"""The digest of an account of which nothing is known: the next plan compares all of it."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """An account that went from one person to another, with what the link of the former knew of it."""

    former: PersonId
    owner: PersonId
    manager: str | None
    doubts: frozenset[str]


def take_over(
    session: Session, tenant_id: TenantId, owners: Mapping[AccountId, PersonId]
) -> Sequence[TakenOver]:
    """Take these accounts from everybody but their new owners: an account is one person's.

    What is returned is handed on once the new owners' links are stored.
    """
    if not owners:
        return ()
    theirs = (LINKS.c.tenant_id == tenant_id, LINKS.c.account_id.in_(owners))
    rows = session.connection.execute(select(LINKS).where(*theirs).order_by(LINKS.c.person_id)).all()
    losers = [row for row in rows if row.person_id != owners[row.account_id]]
    for row in losers:
        remember(session, tenant_id, losses_of(session, tenant_id, row))
        session.connection.execute(
            delete(LINKS).where(
                LINKS.c.tenant_id == tenant_id,
                LINKS.c.person_id == row.person_id,
                LINKS.c.account_id == row.account_id,
            )
        )
    return [
        TakenOver(PersonId(row.person_id), owners[row.account_id], row.manager, opened(row.doubts))
        for row in losers
    ]


def hand_on(session: Session, tenant_id: TenantId, taken: Sequence[TakenOver]) -> None:
    """Note of each account that changed hands who its manager is, what is in doubt, and whose manager it is.

    The references did not move: the account still has its manager, and it is still the manager of others.
    What stays with the former person is an account that a late request made for them beside this one.
    """
    here = LINKS.c.tenant_id == tenant_id
    for each in taken:
        owner = update(LINKS).where(here, LINKS.c.person_id == each.owner)
        session.connection.execute(owner.values(manager=each.manager))
    for each in taken:
        reports = update(LINKS).where(here, LINKS.c.manager == each.former)
        session.connection.execute(reports.values(manager=each.owner))
    left = [each for each in taken if all_seconds(each.doubts)]
    doubt_more(
        session, tenant_id, {each.owner: each.doubts - _of_seconds(each) for each in taken if each.doubts}
    )
    leave_seconds(session, tenant_id, {each.former: each.doubts for each in left})


def in_doubt(
    session: Session, tenant_id: TenantId, people: Sequence[str]
) -> Mapping[PersonId, frozenset[str]]:
    """Tell what is in doubt of these people's accounts, of those of whom anything is."""
    theirs = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(people), LINKS.c.doubts.is_not(None))
    found = session.connection.execute(select(LINKS.c.person_id, LINKS.c.doubts).where(*theirs))
    return {PersonId(person): opened(doubts) for person, doubts in found}


def leave_seconds(session: Session, tenant_id: TenantId, doubts: Mapping[PersonId, frozenset[str]]) -> None:
    """Link a second account that a late request had made to its person, whose first one went.

    It bears their id, so that no new owner's rows would close it. By its link the next plan does, or keeps it
    for whoever is back.
    """
    for person, unsure in doubts.items():
        accounts = all_seconds(unsure)
        if accounts and owner_of(session, tenant_id, accounts[0]) is None:
            link = Link(person, accounts[0], True, {}, None, 1, Origin.CREATED)
            store_links(session, tenant_id, [(link, NEVER_APPLIED, None)])
            more = frozenset[str]().union(*map(second, accounts[1:]))
            doubt_more(session, tenant_id, {person: more} if more else {})


def _of_seconds(taken: TakenOver) -> frozenset[str]:
    accounts = all_seconds(taken.doubts)
    return frozenset[str]().union(*map(second, accounts)) - {OPEN}
