"""Heed what was decided before: leave such wishes out, count them, and end what nobody asks for."""

from collections.abc import Mapping
from datetime import datetime

from domain.codes import Code
from domain.decisions import CODE_OF
from domain.ids import ChangeId, TenantId
from domain.ports import Transaction
from domain.run import Run
from workers.notice_page import Noticed


def heed_decisions(tx: Transaction, run: Run, noticed: Noticed, asked_at: datetime) -> None:
    """Compare the wishes of a page with standing decisions.

    A plan that nobody applies may be of another configuration, so it ends none.
    """
    if not run.plan_only:
        tx.decisions.overtaken(run.tenant_id, noticed.judged, noticed.asked, run.config_version, asked_at)
    decided = tx.decisions.matching(run.tenant_id, noticed.wishes, run.config_version)
    noticed.leave_out({change_id: CODE_OF[each.kind] for change_id, each in decided.items()})


def hold_back(tx: Transaction, tenant_id: TenantId, held: Mapping[ChangeId, str]) -> None:
    """Hold rows of people whose changes somebody told to wait, each until its day."""
    for until in sorted(set(held.values())):
        rows = [change_id for change_id, day in held.items() if day == until]
        tx.changes.hold(tenant_id, rows, Code.OVERRIDE_ON_HOLD, until)
