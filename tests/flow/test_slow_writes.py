"""An application that takes five seconds for each write gets each once, and who looks sees it go on."""

from datetime import timedelta

from domain.account import Account, AccountDraft
from domain.changes import ChangeState
from domain.events import EmployeeChanged
from domain.outcomes import Did
from domain.ports_world import Target
from tests.flow.misfortunes import pocket_envelopes, with_ends
from tests.flow.relay import ACME, Relay, ShiftedClock
from tests.flow.test_failures import begin, hire_many
from tests.flow.truth import differences
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]

A_WRITE = timedelta(seconds=5)
JOINERS = 60
"""Three envelopes of up to 25, one write after the other: each takes two minutes, and a lease 45 seconds."""


class SlowTarget:
    """Let five seconds pass with each account that is made."""

    def __init__(self, inner: Target, clock: ShiftedClock) -> None:
        self._inner = inner
        self._clock = clock

    def create(self, draft: AccountDraft) -> Account:
        """Take long."""
        self._clock.ahead += A_WRITE
        return self._inner.create(draft)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def applied(relay: Relay) -> int:
    with relay.store.read() as tx:
        (run,) = tx.runs.newest(ACME, 1)
    return relay.figures(run).count(ChangeState.APPLIED)


def test_f19_five_seconds_for_each_of_sixty_keep_the_leases_and_show_how_far_it_is(live: Relay) -> None:
    hire_many(live, JOINERS)
    slow = SlowTarget(live.desk.accounts.target(ACME), live.clock)
    begin(live)
    envelopes, seen = pocket_envelopes(live), [0]
    with with_ends(live, target=slow):  # type: ignore[arg-type]  # the rest is the real one's, by __getattr__
        while envelopes:
            assert isinstance(live.take(envelopes.pop(0)), Did)
            envelopes += [each for each in live.bells.rung if isinstance(each, EmployeeChanged)]
            live.bells.rung.clear()
            seen.append(applied(live))
    assert seen == sorted(set(seen)), "each envelope brings it further"
    assert live.app.counters.writes == JOINERS
    assert differences(live) == []
