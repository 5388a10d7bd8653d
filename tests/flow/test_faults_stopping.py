"""Part G of the fault catalogue, stop and resume: nothing after the calls in flight, nothing stale later."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.events import PageDue
from domain.outcomes import Did
from domain.run import Outcome
from domain.tenant import TenantState
from tests.flow.misfortunes import harm, pocket_envelopes
from tests.flow.relay import ACME, Inline, Relay
from tests.flow.test_failures import begin, hire_many
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences

__all__ = ["live"]


class InterruptedHands(Executor):
    """Make the calls one after the other, and let something happen right before the nth."""

    def __init__(self, nth: int, happens: Callable[[], None]) -> None:
        self._nth = nth
        self._happens = happens
        self.calls = 0

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN002,ANN003,ANN202  the signature is Executor's
        """Let it happen when it is time, then do the row."""
        self.calls += 1
        if self.calls == self._nth:
            self._happens()
        future: Future[object] = Inline().submit(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return future


def stop(live: Relay) -> None:
    """Stop the tenant as `staffetta stop` does; a second passes."""
    with live.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.STOPPED, Code.TENANT_STOPPED)
        tx.changes.park(ACME)
    live.clock.ahead += timedelta(seconds=1)


def resume(live: Relay) -> None:
    """Let it go on as `staffetta resume` does."""
    with live.store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.ACTIVE, None)
        tx.changes.unpark(ACME)
        events = live._ring_more(tx, ACME)
    live.bells.ring(events)
    live.drain()


@pytest.mark.parametrize("done", [0, 1, 4])
def test_g5_g8_a_tenant_stopped_in_the_middle_of_an_envelope_gets_no_further_call(
    live: Relay, done: int
) -> None:
    joiners = hire_many(live, 6)
    begin(live)
    late = pocket_envelopes(live)
    live.desk = replace(live.desk, hands=InterruptedHands(done + 1, lambda: stop(live)))
    for event in late:
        live.take(event)
    assert live.app.counters.requests(method="POST") == done
    assert len(live.rows(ChangeState.PARKED, ChangeState.RELEASED)) == len(joiners) - done
    for event in late:
        assert not isinstance(live.take(event), Did)
    live.later(hours=1)
    assert live.app.counters.requests(method="POST") == done
    assert {row.crashes for row in live.rows()} == {0}
    live.desk = replace(live.desk, hands=Inline())
    resume(live)
    assert differences(live) == []
    assert {live.app.counters.creates_by_external_id[joiner] for joiner in joiners} == {1}


def test_g8_a_run_of_a_stopped_tenant_reads_nothing_more_and_ends(live: Relay) -> None:
    hire_many(live, 2)
    begin(live)
    live.take(live.bells.rung.pop(0))
    stop(live)
    asked = live.personio.counters().total
    live.drain()
    live.later(minutes=10)
    assert live.personio.counters().total == asked
    assert live.app.counters.writes == 0


def test_g8_a_reading_of_many_turns_ends_with_the_next_one_and_gives_its_place_free(live: Relay) -> None:
    (joiner,) = hire_many(live, 1)
    live.desk = replace(live.desk, limits=replace(live.desk.limits, turn=timedelta(0)))
    begin(live)
    with live.store.read() as tx:
        run = tx.runs.newest(ACME, 1)[0].run_id
    live.take(live.bells.rung.pop(0))
    assert (live.run(run).pages, live.bells.rung) == (1, [PageDue(ACME, run, 1)])
    stop(live)
    asked = live.personio.counters().total
    live.drain()
    assert live.personio.counters().total == asked
    assert (live.run(run).outcome, live.run(run).code) == (Outcome.FAILED, Code.TENANT_STOPPED)
    resume(live)
    assert live.sync().outcome is Outcome.OK
    assert accounts(live)[joiner]["active"] is True


def test_g6_after_a_resume_one_run_of_everybody_puts_all_right_and_late_bells_do_nothing(live: Relay) -> None:
    person, leaver, (joiner,) = somebody(live), somebody(live, at=4), hire_many(live, 1)
    live.personio.company.change(int(person), position="Countess")
    live.personio.company.terminate(int(leaver))
    begin(live)
    late = pocket_envelopes(live)
    stop(live)
    live.personio.company.change(int(person), position="Queen")
    live.personio.company.terminate(int(joiner))
    live.later(hours=5)
    assert live.app.counters.writes == 0
    resume(live)
    run = live.sync()
    assert run.outcome is Outcome.OK, live.figures(run)
    assert differences(live) == []
    assert accounts(live)[person]["title"] == "Queen"
    live.app.counters.reset()
    for event in late:
        live.take(event)
    live.drain()
    assert live.app.counters.writes == 0
    assert harm(live) == []


def test_g6_who_came_back_while_the_tenant_was_stopped_is_not_closed_by_its_resume(live: Relay) -> None:
    leaver = somebody(live)
    live.personio.company.terminate(int(leaver))
    begin(live)
    pocket_envelopes(live)
    stop(live)
    live.personio.company.rehire(int(leaver))
    live.later(hours=30)
    resume(live)
    live.later(minutes=5)
    closed = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.DEACTIVATE]
    assert closed == []
    assert accounts(live)[leaver]["active"] is True
    assert [row.why for row in live.rows(ChangeState.STALE)] == [Code.PLAN_STALE]
    live.sync()
    assert differences(live) == []


def test_g6_who_is_still_gone_after_a_resume_is_closed_by_a_fresh_look(live: Relay) -> None:
    leaver = somebody(live)
    live.personio.company.terminate(int(leaver))
    begin(live)
    pocket_envelopes(live)
    stop(live)
    resume(live)
    live.later(seconds=20)
    (row,) = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.DEACTIVATE]
    assert (row.person_id, row.cause) == (leaver, Code.PERSON_LEFT)
    assert (row.evidence or {})["status"] == "inactive"
    assert accounts(live)[leaver]["active"] is False
