"""What a run found open already and wanted just the same, written down as it ends: later runs carry it on."""

import json

from sqlalchemy import func, select, union

from adapters.database.readings import people_on_pages
from adapters.database.session import Session
from adapters.database.tables_changes import CHANGES
from domain.ids import RunId, TenantId


def sum_up(session: Session, tenant_id: TenantId, run_id: RunId) -> str:
    """Count rows of earlier runs that this one carried, and the people whom it read and who have any row."""
    mine = CHANGES.c.tenant_id == tenant_id
    carried = select(CHANGES.c.state, CHANGES.c.why, func.count().label("n")).where(
        mine, CHANGES.c.carried_by == run_id
    )
    states: dict[str, int] = {}
    whys: dict[str, int] = {}
    for row in session.connection.execute(carried.group_by(CHANGES.c.state, CHANGES.c.why)):
        states[row.state] = states.get(row.state, 0) + row.n
        if row.why:
            whys[row.why] = whys.get(row.why, 0) + row.n
    whose = union(
        select(CHANGES.c.person_id).where(mine, CHANGES.c.run_id == run_id),
        select(CHANGES.c.person_id).where(mine, CHANGES.c.carried_by == run_id),
    ).subquery()
    read = select(func.count()).select_from(whose)
    people = session.connection.execute(
        read.where(whose.c.person_id.in_(people_on_pages(session.connection.dialect.name, tenant_id, run_id)))
    ).scalar_one()
    return json.dumps({"people": people, "states": states, "whys": whys})
