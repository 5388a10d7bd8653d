"""Heed what was decided before: leave such wishes out, count them, and end what nobody asks for."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.changes import GIVING, Action
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration
from domain.decisions import CODE_OF
from domain.ids import ChangeId, TenantId
from domain.overrides import Override, overridden
from domain.ports import Transaction
from domain.records import Job
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


def against_overrides(
    tx: Transaction, tenant_id: TenantId, jobs: Sequence[Job], config: Configuration
) -> list[Job]:
    """Find rows of which a human said otherwise since they were planned: these are looked at afresh.

    A plan that waited for its yes, or a removal for its day, may be older than an override.
    """
    fixed = tx.overrides.of(tenant_id, sorted({job.change.person_id for job in jobs}))
    return [job for job in jobs if _says_otherwise(job, fixed.get(job.change.person_id, ()), config)]


def _says_otherwise(job: Job, standing: Sequence[Override], config: Configuration) -> bool:
    """Ask the overrides about one row. Who gets a name, and what was perhaps made, was settled before."""
    change = job.change
    settled = change.action in GIVING and change.intent_at is not None
    if not standing or settled or change.action is Action.RELEASE_NAME:
        return False
    wish = Wish(
        change.person_id,
        change.aspect,
        change.action,
        after=change.after,
        after_manager=change.after_manager,
    )
    result = overridden(change.person_id, (wish,), job.link, standing, config)
    return bool(result.held_until) or _outcome(wish) not in [_outcome(each) for each in result.wishes]


def _outcome(wish: Wish) -> tuple[object, ...]:
    return (wish.action, dict(wish.after or {}), wish.after_manager)
