"""Look at an account again before something is done to it that cannot be told from a record."""

from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.errors import AccountGoneError
from domain.mapping import external_id
from domain.ports_world import Lookup, Target
from domain.records import Job, Outdated, Removed, Settlement
from domain.undo import edited_by_hand


def edited_since(job: Job, target: Target, config: Configuration) -> str:
    """Say which fields of an account somebody edited by hand that a row is to put back; those stay."""
    change, link = job.change, job.link
    if change.undoes is None or link is None or not change.after:
        return ""
    found = target.find(Lookup(external_id=external_id(change.person_id, config)))
    same = [account for account in found if account.account_id == link.account_id]
    edited = edited_by_hand(change, link, same[0].values) if same else ()
    return f"edited in the application since: {', '.join(edited)}" if edited else ""


def remove(job: Job, target: Target, config: Configuration) -> Settlement:
    """Remove a closed account; one that somebody opened by hand is somebody's, and stays."""
    link, change_id = job.link, job.change.change_id
    if link is None or link.active:
        return Outdated(change_id, Code.PLAN_STALE, "the person came back")
    ours = external_id(job.change.person_id, config)
    found = [each for each in target.find(Lookup(external_id=ours)) if each.external_id == ours]
    if any(each.active for each in found):
        return Outdated(change_id, Code.PLAN_STALE, "the account was opened by hand")
    try:
        target.delete(link.account_id)
    except AccountGoneError:
        return Removed(change_id, ChangeState.ALREADY_SO)
    return Removed(change_id, ChangeState.APPLIED)
