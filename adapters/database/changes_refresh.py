"""Give held rows that stay the newer reading they follow from, so that a yes to them is not stale."""

from collections.abc import Mapping

from sqlalchemy import select, update

from adapters.database.changes_moves import chunks, these
from adapters.database.changes_rows import open_content, seal_content
from adapters.database.session import Session
from adapters.database.tables_changes import CHANGES
from domain.ids import ChangeId, TenantId


def refresh(session: Session, tenant_id: TenantId, newer: Mapping[str, str]) -> None:
    """Copy what each planned row saw to the open row that stays in its place (open row → planned row).

    Content is sealed for one row only, so it is opened and sealed anew.
    """
    for some in chunks(sorted(newer)):
        asked = select(CHANGES).where(*these(tenant_id, [newer[each] for each in some]))
        planned = {row.change_id: row for row in session.connection.execute(asked)}
        for open_id in some:
            row = planned[newer[open_id]]
            content = open_content(session, row)
            told = [content.get(each) for each in ("before", "after", "evidence", "untold")]
            values = {
                "snapshot": row.snapshot,
                "link_version": row.link_version,
                "sealed": seal_content(session, tenant_id, ChangeId(open_id), *told),
            }
            session.connection.execute(update(CHANGES).where(*these(tenant_id, [open_id])).values(values))
