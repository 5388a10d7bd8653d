"""Look after what an application agreed to do later (HTTP 202), and ask it nothing twice meanwhile."""

from domain.changes import Action, Change
from domain.codes import Code
from domain.promises import NOT_SHOWN, is_kept, is_own, is_promised, wait_to_look
from domain.records import Job, Postponed
from workers.bench import Bench


def unkept(job: Job, bench: Bench) -> Postponed | None:
    """Let a row wait whose account is not yet as was promised; None where it may go its way.

    An account that is kept, or gone, is told by the row itself; one that nobody has yet is looked for by the
    create.
    """
    change, link = job.change, job.link
    if link is None or not is_promised(change, bench.now) or not is_own(change, bench.now):
        return None
    account = bench.target.get(link.account_id)
    if account is None or is_kept(change, account, job.manager):
        return None
    return keep_looking(change, bench)


def keep_looking(change: Change, bench: Bench) -> Postponed:
    """Let a row wait for what was promised; to look is no try, since nothing was asked."""
    code = Code.TARGET_STILL_OPEN if change.action is Action.DEACTIVATE else Code.TARGET_PROMISED
    wait = wait_to_look(change, bench.now)
    return Postponed(change.change_id, code, NOT_SHOWN, wait, intent_kept=True, counted=False)
