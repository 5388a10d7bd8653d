"""Say which approved rows come too late: the world moved on, or nobody stands by that yes any more."""

from collections.abc import Sequence
from datetime import datetime

from domain.approval import CARRIED_OUT_WITHIN
from domain.changes import Aspect, Change, ChangeState
from domain.codes import Code
from domain.ids import TenantId
from domain.ports import Transaction
from domain.records import Job
from domain.run import Run, RunKind

DONE = (ChangeState.APPLIED, ChangeState.ALREADY_SO)


def too_late(run: Run, jobs: Sequence[Job], now: datetime) -> dict[str, Code]:
    """Find approved rows whose yes is older than anybody would stand by; they are looked at afresh."""
    if run.kind is not RunKind.APPROVAL or now - run.created_at < CARRIED_OUT_WITHIN:
        return {}
    return {job.change.change_id: Code.APPROVAL_EXPIRED for job in jobs if job.change.strict}


def moved(tx: Transaction, tenant_id: TenantId, job: Job, snapshot: bytes) -> bool:
    """Tell whether Personio says something else of the person now, or their account was changed since."""
    change = job.change
    if change.snapshot != snapshot:
        return True
    version = job.link.version if job.link else 0
    if change.aspect is not Aspect.ACCOUNT or change.link_version == version:
        return False
    return not _by_its_own_run(tx, tenant_id, change, version)


def healed(job: Job) -> bool:
    """Tell whether an account that was to get its old name back was changed since that was planned."""
    version = job.link.version if job.link else 0
    return job.change.cause is Code.NAME_TEMPORARY and job.change.link_version != version


def _by_its_own_run(tx: Transaction, tenant_id: TenantId, change: Change, version: int) -> bool:
    """Tell whether the account stands where its own plan left it: one of its rows cuts a circle of names."""
    rows = tx.changes.rows(tenant_id, run_id=change.run_id, person_id=change.person_id, states=DONE)
    return any(row.link_version == change.link_version and row.done_version == version for row in rows)
