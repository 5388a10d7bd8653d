"""Plan something else in the place of rows that are planned already."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from adapters.database.changes_moves import chunks, these
from adapters.database.changes_plan import plan
from adapters.database.session import Session
from adapters.database.tables_changes import CHANGES
from domain.changes import ChangeState
from domain.compare import Wish
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId, TenantId


def rewrite(
    session: Session,
    tenant_id: TenantId,
    run_id: RunId,
    wishes: Sequence[tuple[ChangeId, Wish]],
    config: ConfigVersion,
) -> int:
    """Replace planned rows of a run; a row that went on meanwhile is left alone.

    The new wish meets decisions as any other: what was refused or rejected makes no row.
    """
    snapshots: dict[PersonId, bytes] = {}
    there: set[str] = set()
    for some in chunks([change_id for change_id, _ in wishes]):
        here = (
            *these(tenant_id, some),
            CHANGES.c.run_id == run_id,
            CHANGES.c.state == ChangeState.PLANNED.value,
        )
        rows = session.connection.execute(
            select(CHANGES.c.change_id, CHANGES.c.person_id, CHANGES.c.snapshot).where(*here)
        ).all()
        snapshots |= {PersonId(row.person_id): row.snapshot for row in rows}
        there |= {row.change_id for row in rows}
        session.connection.execute(delete(CHANGES).where(*here))
    replaced = [(change_id, wish) for change_id, wish in wishes if change_id in there]
    return plan(session, tenant_id, run_id, replaced, config, snapshots)
