"""What humans did, one chain of entries per tenant, each sealed by the tenant's key."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Select, delete, func, select

from adapters.database.changes_rows import AnyRow
from adapters.database.session import MILLISECOND, Session, millis, moment
from adapters.database.statements import built_once, insert_new, touched, upsert_into
from adapters.database.tables_audit import AUDIT, AUDIT_CHAINS
from domain.audit import (
    ITSELF,
    Chain,
    Digest,
    Entry,
    Mark,
    Note,
    first_broken,
    link,
    moved,
    seal_of,
    walk,
)
from domain.ids import INSTALLATION, TenantId

PURPOSE = "audit"
AT_ONCE = 500
LOWEST = -(2**63)


class SqlAudit:
    """Keep the audit; `domain.ports_audit.Audit` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def write(self, tenant_id: TenantId, note: Note) -> None:
        """Add an entry behind the newest, under a lock on the chain's row."""
        if tenant_id == INSTALLATION:
            return
        digest, chain = self._digest(tenant_id), self._locked(tenant_id)
        number = max(chain.tip.number, self._highest(tenant_id)) + 1
        entry, tip = link(note, number, self._session.now(), chain.tip.hash, digest)
        self._session.connection.execute(AUDIT.insert(), _row(tenant_id, entry, tip))
        self._put(tenant_id, moved(chain, digest, tip=tip))

    def newest(self, tenant_id: TenantId, limit: int) -> Sequence[Entry]:
        """List entries, newest first."""
        asked = select(AUDIT).where(AUDIT.c.tenant_id == tenant_id).order_by(AUDIT.c.number.desc())
        return [_entry(row) for row in self._session.connection.execute(asked.limit(limit))]

    def chain(self, tenant_id: TenantId) -> Chain | None:
        """Tell where the chain begins and ends."""
        asked = select(AUDIT_CHAINS).where(AUDIT_CHAINS.c.tenant_id == tenant_id)
        row = self._session.connection.execute(asked).one_or_none()
        return None if row is None else _chain(row)

    def first_broken(self, tenant_id: TenantId) -> int | None:
        """Walk the whole chain; one whose own row is gone is broken where it would begin."""
        chain = self.chain(tenant_id)
        if chain is None:
            return ITSELF
        return first_broken(self._all(tenant_id), chain, self._digest(tenant_id))

    def older_than(self, older: timedelta) -> Sequence[TenantId]:
        """Look at the moments only: no key is needed to see that something is old."""
        before = self._before(older)
        old = select(AUDIT.c.tenant_id).where(AUDIT.c.at <= before).distinct().order_by(AUDIT.c.tenant_id)
        return [TenantId(tenant_id) for tenant_id in self._session.connection.scalars(old)]

    def forget(self, tenant_id: TenantId, older: timedelta, most: int) -> int:
        """Remove entries that verify; the place of the last becomes the anchor."""
        before = self._before(older)
        digest, chain = self._digest(tenant_id), self._locked(tenant_id)
        some = self._after(tenant_id, LOWEST, most)
        over = list(takewhile(lambda entry: millis(entry.at) <= before, some))
        end = walk(over, chain.anchor, digest)
        if isinstance(end, int) or not over or chain.seal != seal_of(chain, digest):
            return 0
        gone = delete(AUDIT).where(AUDIT.c.tenant_id == tenant_id, AUDIT.c.number <= end.number)
        self._put(tenant_id, moved(chain, digest, anchor=end))
        return touched(self._session.connection, gone)

    def _before(self, older: timedelta) -> int:
        return self._session.started_ms - older // MILLISECOND

    def _all(self, tenant_id: TenantId) -> Iterator[Entry]:
        number = LOWEST
        while some := self._after(tenant_id, number, AT_ONCE):
            yield from some
            number = some[-1].number

    def _after(self, tenant_id: TenantId, number: int, most: int) -> Sequence[Entry]:
        here = (AUDIT.c.tenant_id == tenant_id, AUDIT.c.number > number)
        asked = select(AUDIT).where(*here).order_by(AUDIT.c.number).limit(most)
        return [_entry(row) for row in self._session.connection.execute(asked)]

    def _locked(self, tenant_id: TenantId) -> Chain:
        """Take the chain's row for this transaction, and begin the chain where there is none."""
        begun = Chain(seal=seal_of(Chain(), self._digest(tenant_id)))
        lost = self._highest(tenant_id) > 0
        row = {"tenant_id": tenant_id, **_ends(Chain() if lost else begun)}
        connection = self._session.connection
        connection.execute(insert_new(connection, AUDIT_CHAINS), row)
        return _chain(connection.execute(*_chain_taken(tenant_id)).one())

    def _put(self, tenant_id: TenantId, chain: Chain) -> None:
        connection, ends = self._session.connection, _ends(chain)
        replaced = upsert_into(connection, AUDIT_CHAINS, ("tenant_id",), tuple(ends))
        connection.execute(replaced, {"tenant_id": tenant_id, **ends})

    def _highest(self, tenant_id: TenantId) -> int:
        return self._session.connection.scalar(*_newest(tenant_id)) or 0

    def _digest(self, tenant_id: TenantId) -> Digest:
        return lambda text: self._session.digest(tenant_id, PURPOSE, text).hex()


@built_once
def _chain_taken(tenant_id: TenantId) -> Select[*tuple[Any, ...]]:
    return select(AUDIT_CHAINS).where(AUDIT_CHAINS.c.tenant_id == tenant_id).with_for_update()


@built_once
def _newest(tenant_id: TenantId) -> Select[int]:
    return select(func.max(AUDIT.c.number)).where(AUDIT.c.tenant_id == tenant_id)


def _row(tenant_id: TenantId, entry: Entry, tip: Mark) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "number": entry.number,
        "at": millis(entry.at),
        "by": entry.by,
        "deed": entry.deed,
        "about": entry.about,
        "about_id": entry.about_id,
        "how_many": entry.count,
        "meant": entry.meant,
        "previous": entry.previous,
        "hash": tip.hash,
    }


def _entry(row: AnyRow) -> Entry:
    said = (row.by, row.deed, row.about, row.about_id, row.how_many, row.meant)
    return Entry(row.number, moment(row.at), *said, row.previous, row.hash)


def _ends(chain: Chain) -> dict[str, object]:
    return {
        "anchor_number": chain.anchor.number,
        "anchor_hash": chain.anchor.hash,
        "tip_number": chain.tip.number,
        "tip_hash": chain.tip.hash,
        "seal": chain.seal,
    }


def _chain(row: AnyRow) -> Chain:
    anchor, tip = Mark(row.anchor_number, row.anchor_hash), Mark(row.tip_number, row.tip_hash)
    return Chain(anchor, tip, row.seal)
