"""Say which approved rows come too late: nobody stands by a yes for ever."""

from collections.abc import Sequence
from datetime import datetime

from domain.approval import CARRIED_OUT_WITHIN
from domain.codes import Code
from domain.records import Job
from domain.run import Run, RunKind


def too_late(run: Run, jobs: Sequence[Job], now: datetime) -> dict[str, Code]:
    """Find approved rows whose yes is older than anybody would stand by; they are looked at afresh."""
    if run.kind is not RunKind.APPROVAL or now - run.created_at < CARRIED_OUT_WITHIN:
        return {}
    return {job.change.change_id: Code.APPROVAL_EXPIRED for job in jobs if job.change.strict}
