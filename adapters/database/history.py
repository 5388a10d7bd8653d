"""Whose an account or a unique name was before: fingerprints only, written when somebody loses one."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from adapters.database.changes_moves import chunks
from adapters.database.changes_rows import AnyRow
from adapters.database.people import KEY
from adapters.database.session import Session
from adapters.database.statements import insert_into
from adapters.database.tables import LINKS
from adapters.database.tables_cases import FORMER_OWNERS
from domain.ids import AccountId, PersonId, TenantId
from domain.mapping import same_key

ACCOUNT, NAME, MANAGER_KEPT, REPORTS_LEFT = 1, 2, 3, 4
Loss = tuple[int, bytes, str]
"""What was lost (kind and fingerprint), and by whom."""


class SqlHistory:
    """Read former owners; `domain.ports_cases.History` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def accounts(
        self, tenant_id: TenantId, account_ids: Sequence[AccountId]
    ) -> Mapping[AccountId, frozenset[PersonId]]:
        """Return who had these accounts before; accounts that nobody ever had are left out."""
        marks = {account_mark(self._session, tenant_id, each): each for each in account_ids}
        found = self._owners(tenant_id, ACCOUNT, [*marks])
        return {marks[mark]: people for mark, people in found.items()}

    def names(self, tenant_id: TenantId, names: Sequence[str]) -> Mapping[str, frozenset[PersonId]]:
        """Return who had these unique names before, in any spelling; others are left out."""
        marks = {self._session.digest(tenant_id, KEY, same_key(each)): each for each in names}
        found = self._owners(tenant_id, NAME, [*marks])
        return {marks[mark]: people for mark, people in found.items()}

    def _owners(
        self, tenant_id: TenantId, kind: int, marks: Sequence[bytes]
    ) -> dict[bytes, frozenset[PersonId]]:
        found: dict[bytes, frozenset[PersonId]] = {}
        for some in chunks(sorted(marks)):
            asked = select(FORMER_OWNERS.c.mark, FORMER_OWNERS.c.person_id).where(
                FORMER_OWNERS.c.tenant_id == tenant_id,
                FORMER_OWNERS.c.kind == kind,
                FORMER_OWNERS.c.mark.in_(some),
            )
            for row in self._session.connection.execute(asked):
                known = found.get(bytes(row.mark), frozenset())
                found[bytes(row.mark)] = known | {PersonId(row.person_id)}
        return found


def account_mark(session: Session, tenant_id: TenantId, account_id: AccountId) -> bytes:
    """Fingerprint an account's id, for what is remembered about it."""
    return session.digest(tenant_id, "account", account_id)


def remember(session: Session, tenant_id: TenantId, losses: Iterable[Loss]) -> None:
    """Remember who lost which account or name; twice is once."""
    rows = [
        {"tenant_id": tenant_id, "kind": kind, "mark": mark, "person_id": person, "at": session.started_ms}
        for kind, mark, person in losses
    ]
    if rows:
        insert = insert_into(session.connection, FORMER_OWNERS).on_conflict_do_nothing()
        session.connection.execute(insert, rows)


def keep_in_mind(session: Session, tenant_id: TenantId, people: Sequence[str]) -> None:
    """Remember what these people had before their links are dropped."""
    asked = select(LINKS.c.person_id, LINKS.c.account_id, LINKS.c.key).where(
        LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(people)
    )
    for row in session.connection.execute(asked).all():
        remember(session, tenant_id, losses_of(session, tenant_id, row))


def losses_of(session: Session, tenant_id: TenantId, row: AnyRow) -> Sequence[Loss]:
    """Name what somebody loses whose link goes."""
    account = (ACCOUNT, account_mark(session, tenant_id, row.account_id), row.person_id)
    return [account] if row.key is None else [account, (NAME, bytes(row.key), row.person_id)]
