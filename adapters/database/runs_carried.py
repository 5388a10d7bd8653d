"""What a run found open already and wanted just the same, written down as it ends: later runs carry it on."""

import json
from typing import Any

from sqlalchemy import Select, func, select, union

from adapters.database.readings import people_on_pages
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables_changes import CHANGES
from domain.ids import RunId, TenantId


def sum_up(session: Session, tenant_id: TenantId, run_id: RunId) -> str:
    """Count rows of earlier runs that this one carried, and the people whom it read and who have any row."""
    states: dict[str, int] = {}
    whys: dict[str, int] = {}
    for row in session.connection.execute(*_carried(tenant_id, run_id)):
        states[row.state] = states.get(row.state, 0) + row.n
        if row.why:
            whys[row.why] = whys.get(row.why, 0) + row.n
    asked = _read(tenant_id, run_id, dialect=session.connection.dialect.name)
    people = session.connection.execute(*asked).scalar_one()
    return json.dumps({"people": people, "states": states, "whys": whys})


@built_once
def _carried(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    counted = select(CHANGES.c.state, CHANGES.c.why, func.count().label("n"))
    theirs = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.carried_by == run_id)
    return counted.where(*theirs).group_by(CHANGES.c.state, CHANGES.c.why)


@built_once
def _read(tenant_id: TenantId, run_id: RunId, *, dialect: str) -> Select[int]:
    mine = CHANGES.c.tenant_id == tenant_id
    whose = union(
        select(CHANGES.c.person_id).where(mine, CHANGES.c.run_id == run_id),
        select(CHANGES.c.person_id).where(mine, CHANGES.c.carried_by == run_id),
    ).subquery()
    came = people_on_pages(dialect, tenant_id, run_id)
    return select(func.count()).select_from(whose).where(whose.c.person_id.in_(came))
