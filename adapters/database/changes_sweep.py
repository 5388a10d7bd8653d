"""Take back what workers left behind when they crashed."""

from collections.abc import Sequence

from sqlalchemy import Select, select, update

from adapters.database.changes_death import bury
from adapters.database.changes_merge import SUSPECT_AFTER
from adapters.database.changes_moves import UNLEASED, UNRUNG, into, tenants_turn, within
from adapters.database.changes_rows import AnyRow
from adapters.database.changes_yield import Learned, give_way
from adapters.database.doubts import doubt
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.codes import Code
from domain.events import Queue
from domain.ids import ChangeId, TenantId
from domain.records import Expired

WORKING = frozenset({ChangeState.WORKING})
DEAD_AFTER = 3
"""A crash that happens while a row runs alone is the row's own."""


def with_expired(session: Session) -> Sequence[TenantId]:
    """Tell who has working rows whose lease ran out."""
    tenants = session.connection.scalars(*_with_expired(session.started_ms))
    return [TenantId(tenant) for tenant in tenants]


@built_once
def _with_expired(now: int) -> Select[str]:
    expired = (within(CHANGES, WORKING), CHANGES.c.lease_until <= now)
    return select(CHANGES.c.tenant_id).where(*expired).distinct().order_by(CHANGES.c.tenant_id)


def expire_leases(session: Session, tenant_id: TenantId) -> Expired:
    """Count a crash on each working row whose lease ran out; most wait, due now, some die.

    The rows are read after the tenant's turn came: a worker may have settled them in the meantime.
    """
    tenants_turn(session, tenant_id)
    expired = (
        CHANGES.c.tenant_id == tenant_id,
        within(CHANGES, WORKING),
        CHANGES.c.lease_until <= session.started_ms,
    )
    session.connection.execute(update(CHANGES).where(*expired).values(crashes=CHANGES.c.crashes + 1))
    rows = session.connection.execute(select(CHANGES).where(*expired)).all()
    doubt(session, tenant_id, rows)
    dying = [row for row in rows if row.crashes >= DEAD_AFTER]
    bury(session, tenant_id, [(row, Code.CRASHED_TWICE, "the worker died each time") for row in dying])
    for row in rows:
        if row.crashes < DEAD_AFTER:
            _try_again(session, tenant_id, row)
    return Expired(len(rows), tuple(ChangeId(row.change_id) for row in dying))


def _try_again(session: Session, tenant_id: TenantId, row: AnyRow) -> None:
    """Let the row wait, due now. Its intent stays: the target may have got the request."""
    queue = Queue.SUSPECTS.value if row.crashes >= SUSPECT_AFTER else row.queue
    if give_way(session, row, Learned(row.crashes, queue, row.intent_at, row.sent_at, None)):
        return
    session.connection.execute(
        into(tenant_id, ChangeState.WAITING, WORKING)
        .where(CHANGES.c.change_id == row.change_id)
        .values(queue=queue, due_at=session.started_ms, **UNRUNG, **UNLEASED)
    )
