"""Which account belongs to whom, and what was last applied to it. Settling a change writes them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import Insert

from adapters.database.doubts import doubt_more, opened
from adapters.database.people import KEY
from adapters.database.session import Session
from adapters.database.statements import built_once, insert_for
from adapters.database.tables import LINKS
from adapters.database.values import open_known, seal_values
from domain.ids import AccountId, PersonId, TenantId
from domain.link import MANAGER, Link, LinkMark, Origin

LinkRow: TypeAlias = tuple[Link, bytes, bytes | None]
"""A link, the digest of its applied values, and the fingerprint of the unique name it holds."""

CHANGING = ("account_id", "active", "sealed", "digest", "key", "manager", "version", "origin", "stored_at")


class SqlLinks:
    """Read links, by fingerprints where that is enough."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def marks(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, LinkMark]:
        """Return fingerprints of the links of these people, in one query and without opening anything."""
        rows = self._session.connection.execute(*_marks(tenant_id, people))
        return {
            PersonId(person): LinkMark(
                AccountId(account), active, digest, _person(manager), version, opened(doubts)
            )
            for person, account, active, digest, manager, version, doubts in rows
        }

    def get(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Link]:
        """Return full links, opened. Of damaged values none counts as applied: all are sent again."""
        rows = self._session.connection.execute(*_full(tenant_id, people))
        return {PersonId(row.person_id): self._link(tenant_id, row) for row in rows}

    def count(self, tenant_id: TenantId) -> int:
        """Count the links of a tenant, closed accounts included."""
        return self._session.connection.execute(*_counted(tenant_id)).scalar_one()

    def named(self, tenant_id: TenantId, name: str) -> Sequence[Link]:
        """Return the links whose account has this unique name, in its comparable spelling."""
        key = self._session.digest(tenant_id, KEY, name)
        asked = select(LINKS).where(LINKS.c.tenant_id == tenant_id, LINKS.c.key == key)
        rows = self._session.connection.execute(asked.order_by(LINKS.c.person_id))
        return [self._link(tenant_id, row) for row in rows]

    def by_account(self, tenant_id: TenantId, account_id: AccountId) -> PersonId | None:
        """Tell whose account this is."""
        return owner_of(self._session, tenant_id, account_id)

    def _link(self, tenant_id: TenantId, row: Row[Any]) -> Link:
        person_id = PersonId(row.person_id)
        return Link(
            person_id=person_id,
            account_id=AccountId(row.account_id),
            active=row.active,
            values=open_known(self._session, tenant_id, field(person_id), row.sealed),
            manager=_person(row.manager),
            version=row.version,
            origin=Origin(row.origin),
            doubts=opened(row.doubts),
        )


def owner_of(session: Session, tenant_id: TenantId, account_id: AccountId) -> PersonId | None:
    """Tell whose account this is."""
    this = (LINKS.c.tenant_id == tenant_id, LINKS.c.account_id == account_id)
    asked = select(LINKS.c.person_id).where(*this).order_by(LINKS.c.person_id).limit(1)
    return _person(session.connection.scalar(asked))


def store_links(session: Session, tenant_id: TenantId, rows: Sequence[LinkRow]) -> None:
    """Store links as they are now, never over a higher version: an older result must not undo a newer one."""
    if not rows:
        return
    upsert = _upsert(session.connection.dialect.name)
    session.connection.execute(upsert, [_row(session, tenant_id, *row) for row in rows])


def forget_links(session: Session, tenant_id: TenantId, people: Sequence[PersonId]) -> None:
    """Forget whose accounts these people's were; nothing is known of the accounts afterwards."""
    if people:
        session.connection.execute(
            delete(LINKS).where(LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(people))
        )


@built_once
def _counted(tenant_id: TenantId) -> Select[int]:
    return select(func.count()).select_from(LINKS).where(LINKS.c.tenant_id == tenant_id)


@built_once
def _full(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[*tuple[Any, ...]]:
    return select(LINKS).where(LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(people))


@built_once
def _marks(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[*tuple[Any, ...]]:
    names = ("person_id", "account_id", "active", "digest", "manager", "version", "doubts")
    theirs = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(people))
    return select(*(LINKS.c[name] for name in names)).where(*theirs)


@cache
def _upsert(dialect: str) -> Insert:
    """Build the statement once: every envelope uses it."""
    insert = insert_for(dialect, LINKS)
    return insert.on_conflict_do_update(
        index_elements=["tenant_id", "person_id"],
        set_={name: insert.excluded[name] for name in CHANGING},
        where=LINKS.c.version <= insert.excluded.version,
    )


def drop_links(session: Session, tenant_id: TenantId, people: Sequence[str]) -> None:
    """Forget links whose accounts were removed, and who had them as manager.

    Whether the application forgot that as well nobody knows: some keep the id of an account that is gone.
    """
    if people:
        here = LINKS.c.tenant_id == tenant_id
        session.connection.execute(delete(LINKS).where(here, LINKS.c.person_id.in_(people)))
        orphans = update(LINKS).where(here, LINKS.c.manager.in_(people)).values(manager=None)
        found = session.connection.scalars(orphans.returning(LINKS.c.person_id))
        doubt_more(session, tenant_id, dict.fromkeys(found, frozenset({MANAGER})))


def field(person_id: PersonId) -> str:
    """Name the sealed values of one link, so that they open in no other row."""
    return f"links.sealed:{person_id}"


def _row(
    session: Session, tenant_id: TenantId, link: Link, digest: bytes, key: bytes | None
) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "person_id": link.person_id,
        "account_id": link.account_id,
        "active": link.active,
        "sealed": seal_values(session, tenant_id, field(link.person_id), link.values),
        "digest": digest,
        "key": key,
        "manager": link.manager,
        "version": link.version,
        "origin": link.origin.value,
        "stored_at": session.started_ms,
    }


def _person(person_id: str | None) -> PersonId | None:
    return None if person_id is None else PersonId(person_id)
