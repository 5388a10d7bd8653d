"""Look at an account again before something is done to it that cannot be told from a record."""

from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.deletions import taken_over
from domain.errors import AccountGoneError
from domain.mapping import external_id
from domain.ports_world import Lookup, Target
from domain.records import Job, Outdated, Removed, Settlement
from domain.undo import edited_by_hand


def edited_since(job: Job, target: Target) -> str:
    """Say which fields of an account somebody edited by hand that a row is to put back; those stay."""
    change, link = job.change, job.link
    if change.undoes is None or link is None or not change.after:
        return ""
    found = target.get(link.account_id)
    edited = edited_by_hand(change, link, found.values) if found else ()
    return f"edited in the application since: {', '.join(edited)}" if edited else ""


def remove(job: Job, target: Target, config: Configuration) -> Settlement:
    """Remove a closed account; one that is somebody's by now, or whose person has an open one, stays.

    It is looked at by its own id: an account that was handed on has another external id, or none.
    """
    link, change_id = job.link, job.change.change_id
    if link is None or link.active:
        return Outdated(change_id, Code.PLAN_STALE, "the person came back")
    account = target.get(link.account_id)
    if account is None:
        return Removed(change_id, ChangeState.ALREADY_SO)
    ours = external_id(job.change.person_id, config)
    if why := taken_over(account, link, ours, config.unique_path):
        return Outdated(change_id, Code.PLAN_STALE, why)
    if any(each.active and each.external_id == ours for each in target.find(Lookup(external_id=ours))):
        return Outdated(change_id, Code.PLAN_STALE, "the person has an open account")
    try:
        target.delete(link.account_id)
    except AccountGoneError:
        return Removed(change_id, ChangeState.ALREADY_SO)
    return Removed(change_id, ChangeState.APPLIED)
