"""Attributes: labels as Personio last told them, what is normal for each, and what runs lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, Update, desc, select, update

from adapters.database.session import Session, moment
from adapters.database.statements import Asked, built_once, insert_into, upsert_into
from adapters.database.tables_attributes import ATTRIBUTE_LOSSES, ATTRIBUTES
from domain.attributes import Accepted, Counted, Fill, Loss, Lost, Normal
from domain.employee import Attribute
from domain.ids import RunId, TenantId

LOSSES = ATTRIBUTE_LOSSES.c
KEY, LOSS_KEY = ("tenant_id", "key"), ("tenant_id", "run_id", "key")
LEARNED = ("label", "universal_id")
SETTLED = ("counted", "people", "present", "filled", "run_id", "counted_at")
LOST = ("how", "label", "before", "now", "standing", "at")


class SqlAttributes:
    """Keep attributes of tenants; none of their rows holds anything about a person."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def learn(self, tenant_id: TenantId, granted: Sequence[Attribute]) -> None:
        """Remember labels and universal ids; what is normal stays."""
        rows = [
            {
                "tenant_id": tenant_id,
                "key": each.key,
                "label": each.label,
                "universal_id": each.universal_id,
                "counted": False,
                "people": 0,
                "present": 0,
                "filled": 0,
            }
            for each in {each.key: each for each in granted}.values()
        ]
        if rows:
            upsert = upsert_into(self._session.connection, ATTRIBUTES, KEY, LEARNED)
            self._session.connection.execute(upsert, rows)

    def normal(self, tenant_id: TenantId) -> Mapping[str, Normal]:
        """Return what is known of each attribute, by key."""
        return {row.key: _normal(row) for row in self._session.connection.execute(*_known(tenant_id))}

    def settle(self, tenant_id: TenantId, run_id: RunId, counted: Counted, keys: Sequence[str]) -> None:
        """Make what was counted the new normal; labels that were learned stay."""
        rows = [
            {
                "tenant_id": tenant_id,
                "key": key,
                "label": "",
                "counted": True,
                "people": counted.people,
                "present": counted.of(key).present,
                "filled": counted.of(key).filled,
                "run_id": run_id,
                "counted_at": self._session.started_ms,
            }
            for key in keys
        ]
        if rows:
            upsert = upsert_into(self._session.connection, ATTRIBUTES, KEY, SETTLED)
            self._session.connection.execute(upsert, rows)

    def lose(
        self, tenant_id: TenantId, run_id: RunId, lost: Sequence[Lost], *, standing: bool = True
    ) -> None:
        """Let what this run lost stand, not what an earlier one had lost; or only note it as its own."""
        if standing:
            self._session.connection.execute(*_over(tenant_id))
        rows = [
            {
                "tenant_id": tenant_id,
                "run_id": run_id,
                "key": each.key,
                "how": each.how.value,
                "label": each.label,
                "before": each.before,
                "now": each.now,
                "standing": standing,
                "at": self._session.started_ms,
            }
            for each in lost
        ]
        if rows:
            upsert = upsert_into(self._session.connection, ATTRIBUTE_LOSSES, LOSS_KEY, LOST)
            self._session.connection.execute(upsert, rows)

    def standing(self, tenant_id: TenantId) -> Sequence[Lost]:
        """List the attributes that cannot be trusted now, by key."""
        return self._losses(_standing(tenant_id))

    def lost_in(self, tenant_id: TenantId, run_id: RunId) -> Sequence[Lost]:
        """List what one feed run lost, by key, accepted or not."""
        return self._losses(_lost_in(tenant_id, run_id))

    def accept(self, tenant_id: TenantId, keys: Sequence[str], by: str) -> Sequence[Lost]:
        """Take standing losses as the new normal; the rows remember who said so, and when."""
        accepted = [each for each in self.standing(tenant_id) if each.key in keys]
        here = (LOSSES.tenant_id == tenant_id, LOSSES.standing.is_(True))
        said = {"standing": False, "accepted_by": by, "accepted_at": self._session.started_ms}
        for each in accepted:
            mine = update(ATTRIBUTE_LOSSES).where(*here, LOSSES.key == each.key)
            self._session.connection.execute(mine.values(said))
            self._move(tenant_id, each)
        return accepted

    def accepted(self, tenant_id: TenantId, limit: int) -> Sequence[Accepted]:
        """List what was accepted, newest first."""
        asked = select(ATTRIBUTE_LOSSES).where(LOSSES.tenant_id == tenant_id, LOSSES.accepted_at.is_not(None))
        rows = self._session.connection.execute(
            asked.order_by(desc(LOSSES.accepted_at), LOSSES.key).limit(limit)
        )
        return [Accepted(_lost(row), row.accepted_by, moment(row.accepted_at)) for row in rows]

    def _move(self, tenant_id: TenantId, lost: Lost) -> None:
        """Move the normal of one attribute down to what the run found of it."""
        insert = insert_into(self._session.connection, ATTRIBUTES)
        news: dict[str, object] = {"counted": True, "filled": lost.now}
        news |= {} if lost.how is Loss.COLLAPSED else {"present": 0}
        row = {"tenant_id": tenant_id, "key": lost.key, "label": lost.label, "people": 0, "present": 0}
        upsert = insert.values({**row, **news}).on_conflict_do_update(
            index_elements=["tenant_id", "key"], set_=news
        )
        self._session.connection.execute(upsert)

    def _losses(self, asked: Asked) -> Sequence[Lost]:
        return [_lost(row) for row in self._session.connection.execute(*asked)]


@built_once
def _known(tenant_id: TenantId) -> Select[Any]:
    return select(ATTRIBUTES).where(ATTRIBUTES.c.tenant_id == tenant_id)


@built_once
def _standing(tenant_id: TenantId) -> Select[Any]:
    standing = (LOSSES.tenant_id == tenant_id, LOSSES.standing.is_(True))
    return select(ATTRIBUTE_LOSSES).where(*standing).order_by(LOSSES.key)


@built_once
def _lost_in(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    mine = (LOSSES.tenant_id == tenant_id, LOSSES.run_id == run_id)
    return select(ATTRIBUTE_LOSSES).where(*mine).order_by(LOSSES.key)


@built_once
def _over(tenant_id: TenantId) -> Update:
    stood = (LOSSES.tenant_id == tenant_id, LOSSES.standing.is_(True))
    return update(ATTRIBUTE_LOSSES).where(*stood).values(standing=False)


def _lost(row: Row[Any]) -> Lost:
    return Lost(row.key, Loss(row.how), row.label, row.before, row.now)


def _normal(row: Row[Any]) -> Normal:
    return Normal(
        row.key, row.label, row.universal_id, row.people, Fill(row.present, row.filled), row.counted
    )
