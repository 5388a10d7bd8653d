"""Claim an envelope: take its rows, and all that it takes to judge them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.events import EmployeeChanged
from domain.ids import ChangeId, TenantId
from domain.ports import Transaction
from domain.records import Job
from workers.asking_again import read_again
from workers.conclude import LISTED
from workers.decided import against_overrides, called_off, not_wanted
from workers.desk import Desk
from workers.hours import keep_hours
from workers.lateness import healed, moved, too_late

LIST_STAYS_TRUE = timedelta(hours=1)
"""For so long a listed target is believed; later each create looks for its account again."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was claimed under one token, and all that it takes to judge it."""

    event: EmployeeChanged
    token: str
    jobs: Sequence[Job]
    config: Configuration
    now: datetime
    leased_at: datetime
    listed: bool
    stale: Mapping[str, Code]
    read_again: Mapping[ChangeId, datetime]
    silent: bool


def claim(tx: Transaction, event: EmployeeChanged, desk: Desk, asked: datetime) -> Envelope | None:
    """Take what is still due of an envelope: lease and intent, before any call.

    `asked` is a moment before the transaction began: the store counts the lease from its beginning, and this
    process may be stopped anywhere in it.
    """
    config = tx.tenants.configuration(event.tenant_id)
    run = tx.runs.get(event.tenant_id, event.run_id)
    if config is None or run is None:
        return None
    keep_hours(tx, event.tenant_id, config)
    token = desk.ids.new()
    jobs = tx.changes.claim(event.tenant_id, event.change_ids, token, desk.limits.target_lease)
    if not jobs:
        return None
    listed = run.cursor == LISTED and tx.now() - run.created_at < LIST_STAYS_TRUE
    stale = _stale(tx, event, jobs, config) | too_late(run, jobs, tx.now())
    again = read_again(tx, event.tenant_id, [job.change for job in jobs])
    silent = tx.outages.get(event.tenant_id) is not None
    return Envelope(event, token, jobs, config, tx.now(), asked, listed, stale, again, silent)


def _stale(
    tx: Transaction, event: EmployeeChanged, jobs: Sequence[Job], config: Configuration
) -> dict[str, Code]:
    """Find rows of an old configuration, and approved ones whose person moved since: nothing is sent."""
    stale: dict[str, Code] = {
        job.change.change_id: Code.CONFIG_CHANGED
        for job in jobs
        if job.change.config_version != config.rules_version
    }
    strict = [job for job in jobs if job.change.strict]
    digests = tx.people.digests(event.tenant_id, [job.change.person_id for job in strict]) if strict else {}
    stirred = [
        job for job in strict if moved(tx, event.tenant_id, job, digests.get(job.change.person_id, b""))
    ]
    stirred += [job for job in jobs if _taken(tx, event.tenant_id, job) or healed(job)]
    stirred += against_overrides(tx, event.tenant_id, jobs, config)
    stirred += called_off(tx, event.tenant_id, jobs)
    stirred += not_wanted(tx, event.tenant_id, jobs)
    return {job.change.change_id: Code.PLAN_STALE for job in stirred} | stale


def _taken(tx: Transaction, tenant_id: TenantId, job: Job) -> bool:
    """Tell whether an account that is to be linked is in use by somebody else after all."""
    change = job.change
    if change.action is not Action.LINK or change.account_id is None or job.link is not None:
        return False
    owner = tx.links.by_account(tenant_id, change.account_id)
    if owner is None or owner == change.person_id:
        return False
    return tx.links.marks(tenant_id, [owner])[owner].active
