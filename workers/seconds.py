"""Close an account that a late request made beside the linked one of the same person."""

from contextlib import suppress

from domain.doubts import seconds
from domain.errors import AccountGoneError, PromisedError, TemporaryError
from domain.identity import Wanted
from domain.ids import AccountId
from domain.mapping import external_id
from domain.records import Job
from workers.bench import Bench

CLOSED = "a second account of this person was closed, which a late request had made"


def close_seconds(job: Job, bench: Bench) -> str:
    """Close what nobody links and still bears our id for this person; say so if anything was closed.

    One that is to be closed later is asked for again: what the row itself wants was not even sent yet.
    """
    doubts = job.link.doubts if job.link else frozenset()
    ours = [each for each in seconds(job.change, doubts) if _is_left_over(each, job, bench)]
    for account_id in ours:
        try:
            with suppress(AccountGoneError):
                bench.target.deactivate(account_id)
        except PromisedError as error:
            raise TemporaryError(error.code, error.detail, maybe_done=True) from error
    return CLOSED if ours else ""


def _is_left_over(account_id: AccountId, job: Job, bench: Bench) -> bool:
    change = job.change
    if job.link is not None and account_id == job.link.account_id:
        return False
    found = bench.target.get(account_id)
    if found is None or found.external_id != external_id(change.person_id, bench.config):
        return False
    wanted = Wanted(change.person_id, dict(change.after or {}), bench.config)
    return account_id not in bench.claims([found], wanted).linked
