"""Take an account from whoever had it, and hand what is known of it on with it, such as its manager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from adapters.database.doubts import doubt_more, opened
from adapters.database.history import losses_of, remember
from adapters.database.session import Session
from adapters.database.tables import LINKS
from domain.ids import AccountId, PersonId, TenantId


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
    """
    here = LINKS.c.tenant_id == tenant_id
    for each in taken:
        owner = update(LINKS).where(here, LINKS.c.person_id == each.owner)
        session.connection.execute(owner.values(manager=each.manager))
    for each in taken:
        reports = update(LINKS).where(here, LINKS.c.manager == each.former)
        session.connection.execute(reports.values(manager=each.owner))
    doubt_more(session, tenant_id, {each.owner: each.doubts for each in taken if each.doubts})
