"""Heed what was decided before: leave such wishes out, count them, and end what nobody asks for."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.changes import Action
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration
from domain.decisions import CODE_OF
from domain.ids import ChangeId, TenantId
from domain.overrides import Override, overridden
from domain.ports import Transaction
from domain.records import Job
from domain.run import Run
from domain.scope import GETS_NONE
from domain.tenant import runs_by_itself
from workers.creating import perhaps_made
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

    A plan that waited for its yes, or a removal for its day, may be older than an override. So may a create
    that was tried before: its account is looked for, and none is made.
    """
    theirs = overtaken(tx, tenant_id, jobs, config)
    return [job for job in jobs if job.change.change_id in theirs]


def overtaken(
    tx: Transaction, tenant_id: TenantId, jobs: Sequence[Job], config: Configuration
) -> Mapping[ChangeId, Override]:
    """Find the newest override over each row of which it says otherwise."""
    fixed = tx.overrides.of(tenant_id, sorted({job.change.person_id for job in jobs}))
    return {
        job.change.change_id: fixed[job.change.person_id][-1]
        for job in jobs
        if _says_otherwise(job, fixed.get(job.change.person_id, ()), config)
    }


def not_wanted(tx: Transaction, tenant_id: TenantId, jobs: Sequence[Job]) -> list[Job]:
    """Find creates that were tried before, for people who shall have no account any more.

    Their account is looked for, and none is made: it would be open to somebody who is gone.
    """
    tried = [job for job in jobs if perhaps_made(job)]
    people = sorted({job.change.person_id for job in tried})
    if not people:
        return []
    known, missing = tx.people.known(tenant_id, people), tx.absences.missing(tenant_id, people)
    none = {who for who, each in known.items() if each.standing in GETS_NONE} | missing
    return [job for job in tried if job.change.person_id in none]


def called_off(tx: Transaction, tenant_id: TenantId, jobs: Sequence[Job]) -> list[Job]:
    """Find removals for good that a human cancelled, or whose tenant does nothing by itself any more."""
    removals = [job for job in jobs if job.change.action is Action.DELETE]
    if not removals:
        return []
    tenant = tx.tenants.get(tenant_id)
    if tenant is None or not runs_by_itself(tenant.state):
        return removals
    cancelled = tx.deletions.cancelled(tenant_id, [job.change.person_id for job in removals])
    return [job for job in removals if job.change.person_id in cancelled]


def _says_otherwise(job: Job, standing: Sequence[Override], config: Configuration) -> bool:
    """Ask the overrides about one row. Who gets a name was settled before."""
    change = job.change
    if not standing or change.action is Action.RELEASE_NAME:
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
