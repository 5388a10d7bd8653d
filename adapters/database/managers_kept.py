"""Keep in mind the manager and the reports of a link that is forgotten, until its person is linked again."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Select, delete, select, update

from adapters.database.doubts import doubt_more
from adapters.database.history import MANAGER_KEPT, REPORTS_LEFT, account_mark
from adapters.database.session import Session
from adapters.database.statements import built_once, insert_into
from adapters.database.tables import LINKS
from adapters.database.tables_cases import FORMER_OWNERS
from domain.ids import PersonId, TenantId
from domain.link import MANAGER, Origin
from domain.records import Done

NOBODY_KNOWS = ""
"""In the place of the manager of an account of which a request without an answer may have changed them."""

MANAGING = frozenset({MANAGER})


def keep_managers(session: Session, tenant_id: TenantId, done: Sequence[Done]) -> None:
    """Write down the managers of accounts that are forgotten, and to which account their reports refer.

    The account keeps whom it has, and stays the manager of others.
    """
    for one in done:
        mark = account_mark(session, tenant_id, one.link.account_id)
        _forget(session, tenant_id, MANAGER_KEPT, [mark])
        if one.link.manager is not None or MANAGER in one.link.doubts:
            _note(session, tenant_id, MANAGER_KEPT, mark, one.link.manager or NOBODY_KNOWS)
        theirs = _person_mark(session, tenant_id, one.link.person_id)
        _forget(session, tenant_id, REPORTS_LEFT, [theirs])
        if _reports(session, tenant_id, [one.link.person_id]):
            _note(session, tenant_id, REPORTS_LEFT, theirs, mark.hex())


def bring_managers_back(session: Session, tenant_id: TenantId, done: Sequence[Done]) -> None:
    """Note the manager of an account that is linked again, in doubt: somebody may have changed them since.

    So the next plan sends who it is now, or that there is none any more.
    """
    again = [one for one in done if not one.link.version and one.link.origin is Origin.LINKED]
    marks = {account_mark(session, tenant_id, one.link.account_id): one.link.person_id for one in again}
    kept = _noted(session, tenant_id, MANAGER_KEPT, [*marks])
    for mark, manager in kept.items():
        this = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id == marks[mark])
        session.connection.execute(update(LINKS).where(*this).values(manager=manager or None))
    doubt_more(session, tenant_id, {marks[mark]: MANAGING for mark in kept})
    _forget(session, tenant_id, MANAGER_KEPT, [*kept])


def doubt_reports(session: Session, tenant_id: TenantId, done: Sequence[Done]) -> None:
    """Note in doubt who the manager of those is whose manager is linked to another account than before.

    Their accounts refer to the former one, so the next plan sends the new one.
    """
    fresh = {
        _person_mark(session, tenant_id, one.link.person_id): one.link for one in done if not one.link.version
    }
    left = _noted(session, tenant_id, REPORTS_LEFT, [*fresh])
    others = [
        fresh[mark].person_id
        for mark, account in left.items()
        if account != account_mark(session, tenant_id, fresh[mark].account_id).hex()
    ]
    doubt_more(session, tenant_id, dict.fromkeys(_reports(session, tenant_id, others), MANAGING))
    _forget(session, tenant_id, REPORTS_LEFT, [*left])


def _reports(session: Session, tenant_id: TenantId, managers: Sequence[PersonId]) -> Sequence[str]:
    if not managers:
        return []
    theirs = (LINKS.c.tenant_id == tenant_id, LINKS.c.manager.in_(managers))
    return session.connection.scalars(select(LINKS.c.person_id).where(*theirs)).all()


def _person_mark(session: Session, tenant_id: TenantId, person_id: PersonId) -> bytes:
    return session.digest(tenant_id, "person", person_id)


def _note(session: Session, tenant_id: TenantId, kind: int, mark: bytes, what: str) -> None:
    row = {"tenant_id": tenant_id, "kind": kind, "mark": mark, "person_id": what, "at": session.started_ms}
    session.connection.execute(insert_into(session.connection, FORMER_OWNERS).values(**row))


def _noted(session: Session, tenant_id: TenantId, kind: int, marks: Sequence[bytes]) -> Mapping[bytes, str]:
    found = session.connection.execute(*_standing(tenant_id, kind, marks)) if marks else ()
    return {bytes(mark): what for mark, what in found}


@built_once
def _standing(tenant_id: TenantId, kind: int, marks: Sequence[bytes]) -> Select[bytes, str]:
    noted = (FORMER_OWNERS.c.tenant_id == tenant_id, FORMER_OWNERS.c.kind == kind)
    return select(FORMER_OWNERS.c.mark, FORMER_OWNERS.c.person_id).where(
        *noted, FORMER_OWNERS.c.mark.in_(marks)
    )


def _forget(session: Session, tenant_id: TenantId, kind: int, marks: Iterable[bytes]) -> None:
    gone = [*marks]
    if gone:
        these = (FORMER_OWNERS.c.kind == kind, FORMER_OWNERS.c.mark.in_(gone))
        session.connection.execute(
            delete(FORMER_OWNERS).where(FORMER_OWNERS.c.tenant_id == tenant_id, *these)
        )
