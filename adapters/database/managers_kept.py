"""Keep in mind the manager of an account whose link is forgotten, until somebody links it again."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, update

from adapters.database.doubts import doubt_more
from adapters.database.history import MANAGER_KEPT, account_mark
from adapters.database.session import Session
from adapters.database.statements import insert_into
from adapters.database.tables import LINKS
from adapters.database.tables_cases import FORMER_OWNERS
from domain.ids import PersonId, TenantId
from domain.link import MANAGER, Origin
from domain.records import Done

NOBODY_KNOWS = ""
"""In the place of the manager of an account of which a request without an answer may have changed them."""


def keep_managers(session: Session, tenant_id: TenantId, done: Sequence[Done]) -> None:
    """Write down the managers of accounts that are forgotten: the account keeps whom it has."""
    for one in done:
        mark = account_mark(session, tenant_id, one.link.account_id)
        _forget(session, tenant_id, [mark])
        if one.link.manager is not None or MANAGER in one.link.doubts:
            row = {"tenant_id": tenant_id, "kind": MANAGER_KEPT, "mark": mark, "at": session.started_ms}
            manager = one.link.manager or NOBODY_KNOWS
            session.connection.execute(
                insert_into(session.connection, FORMER_OWNERS).values(**row, person_id=manager)
            )


def bring_managers_back(session: Session, tenant_id: TenantId, done: Sequence[Done]) -> None:
    """Note the manager of an account that is linked again, in doubt: somebody may have changed them since.

    So the next plan sends who it is now, or that there is none any more.
    """
    again = [one for one in done if not one.link.version and one.link.origin is Origin.LINKED]
    marks = {account_mark(session, tenant_id, one.link.account_id): one.link.person_id for one in again}
    kept = _kept(session, tenant_id, [*marks])
    for mark, manager in kept.items():
        this = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id == marks[mark])
        session.connection.execute(update(LINKS).where(*this).values(manager=manager))
    doubt_more(session, tenant_id, {marks[mark]: frozenset({MANAGER}) for mark in kept})
    _forget(session, tenant_id, [*kept])


def _kept(session: Session, tenant_id: TenantId, marks: Sequence[bytes]) -> Mapping[bytes, PersonId | None]:
    if not marks:
        return {}
    asked = select(FORMER_OWNERS.c.mark, FORMER_OWNERS.c.person_id).where(
        FORMER_OWNERS.c.tenant_id == tenant_id,
        FORMER_OWNERS.c.kind == MANAGER_KEPT,
        FORMER_OWNERS.c.mark.in_(marks),
    )
    found = session.connection.execute(asked)
    return {bytes(mark): PersonId(person) if person else None for mark, person in found}


def _forget(session: Session, tenant_id: TenantId, marks: Sequence[bytes]) -> None:
    if marks:
        these = (FORMER_OWNERS.c.kind == MANAGER_KEPT, FORMER_OWNERS.c.mark.in_(marks))
        session.connection.execute(
            delete(FORMER_OWNERS).where(FORMER_OWNERS.c.tenant_id == tenant_id, *these)
        )
