"""Reconcile carries out envelopes: claim, call side by side, record and claim the next in one go."""

from domain.events import EmployeeChanged
from domain.outcomes import Did, HandlerOutcome, Nothing
from workers.claiming import claim
from workers.desk import Desk
from workers.ring import carry_on
from workers.turn import Turn


def reconcile(event: EmployeeChanged, desk: Desk) -> HandlerOutcome:
    """Bring accounts in line, envelope after envelope of one run, for one turn of a few seconds.

    Whoever settles an envelope takes the next in the same transaction; the others are rung for. Rows that
    are not due any more are left alone.
    """
    turn, asked = Turn(event, desk), desk.clock.now()
    with desk.store.write() as tx:
        envelope = claim(tx, event, desk, asked)
        events = [] if envelope else carry_on(tx, event.tenant_id, event.run_id, desk)
    if envelope is None:
        desk.publisher.ring(events)
        return Nothing("no row of this envelope is due")
    return Did("envelopes done", tuple(sorted(turn.work(envelope).items())))
