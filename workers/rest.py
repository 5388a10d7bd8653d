"""Give a run's turn back while a limit of ours or a resting target holds it up: no try is used up."""

from datetime import timedelta

from domain.errors import HeldBackError
from domain.outcomes import HandlerOutcome, Later, Nothing
from domain.run import Run
from workers.desk import Desk, count_requests

SHORTEST = timedelta(seconds=1)


def rest(run: Run, token: str, error: HeldBackError, desk: Desk) -> HandlerOutcome:
    """Let the run be due again when the wait is over; the thread is free at once."""
    with desk.store.write() as tx:
        if not tx.runs.keep_turn(run.tenant_id, run.run_id, token, desk.limits.page_lease):
            return Nothing("the turn was lost to another worker")
        count_requests(tx, run.tenant_id, run.run_id, desk)
        tx.runs.end_turn(run.tenant_id, run.run_id, token, due_in=error.retry_after or SHORTEST)
    return Later(error.code, error.detail)
