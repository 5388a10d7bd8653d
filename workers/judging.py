"""Give the verdict over a feed, keep its certificate, and judge who is absent."""

from datetime import timedelta
from typing import assert_never

from domain.config import Configuration
from domain.feed import Broken, Certified, Drifted, Verdict
from domain.outcomes import Failed, HandlerOutcome, Nothing
from domain.run import Run, RunKind
from workers.desk import Desk
from workers.proving import prove_absences
from workers.rereading import look_again
from workers.settle import fail_run, tell_losses
from workers.weighing import weigh_attributes

JUDGED_FOR = timedelta(hours=1)
"""For so long absence stays judged while a run waits for the application; then Personio is asked anew."""


def judge_feed(run: Run, config: Configuration, token: str, desk: Desk) -> HandlerOutcome | None:
    """Fail a run whose feed is broken; remember the certificate of any other, and judge who is absent.

    None means that the plan may be made; an outcome, that this turn is over.
    """
    if run.kind is not RunKind.FEED or _is_judged(run, desk):
        return None
    verdict = look_again(run, config, token, desk)
    if not isinstance(verdict, Broken | Drifted | Certified):
        return verdict
    if not _keep(run, config, verdict, token, desk):
        return Nothing("the turn was lost to another worker")
    if isinstance(verdict, Broken):
        return Failed(verdict.code, verdict.detail)
    if isinstance(verdict, Certified) and not prove_absences(
        run, config, certificate_of(verdict), token, desk
    ):
        return Nothing("the turn was lost to another worker")
    return None


def _is_judged(run: Run, desk: Desk) -> bool:
    """Tell whether an earlier try judged this feed: a run that rests must not ask everybody at each try."""
    if run.absence_at is None:
        return False
    with desk.store.read() as tx:
        return tx.now() - run.absence_at < JUDGED_FOR


def certificate_of(verdict: Verdict) -> str:
    """Say in words what a reading may be used for; the run keeps it for ever."""
    match verdict:
        case Certified(people, 0):
            return f"certified: {people} people, complete"
        case Certified(people, again):
            return f"certified: {people} people, complete once {again} pages were read again"
        case Drifted(detail):
            return f"drifted: {detail}"
        case Broken(code, detail):
            return f"broken: {code}: {detail}"
        case _:
            assert_never(verdict)


def _keep(run: Run, config: Configuration, verdict: Verdict, token: str, desk: Desk) -> bool:
    """Remember the verdict; a broken feed ends its run, any other is weighed. False if the turn was lost."""
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return False
        tx.runs.certify(run.tenant_id, run.run_id, certificate_of(verdict))
        if not isinstance(verdict, Certified):
            tx.absences.say(run.tenant_id, run.run_id, "not judged: the reading is not certified")
        if isinstance(verdict, Broken):
            events = fail_run(tx, run, verdict.code, verdict.detail, desk.ids)
        else:
            weigh_attributes(tx, run, config, certified=isinstance(verdict, Certified))
            events = tell_losses(tx, run, desk.ids)
        if isinstance(verdict, Certified) and not run.plan_only:
            tx.changes.drop_absent(run.tenant_id, run.run_id)
    desk.publisher.ring(events)
    return True
