"""One turn of one worker holds two envelopes: no hand rests, and nothing is promised less than with one."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from adapters.database.tables_changes import CHANGES
from domain.account import Account, AccountDraft
from domain.changes import ChangeState
from domain.codes import Code
from domain.condition import Condition
from domain.config import Configuration
from domain.errors import TemporaryError, TenantBlockedError
from domain.events import EmployeeChanged
from domain.ids import TenantId
from domain.ports_world import Target
from domain.records import Job, Postponed
from domain.tenant import TenantState
from simulators.personio.handle import PersonioSimulator
from simulators.scim.effects import server_error
from simulators.scim.handle import ScimSimulator
from tests.flow.misfortunes import (
    Ends,
    Moment,
    WorkerDiedError,
    doubled_writes,
    harm,
    survive,
    until_calm,
    with_ends,
)
from tests.flow.relay import Relay, build_relay
from tests.flow.test_failures import begin, codes, hire_many
from tests.flow.truth import differences
from workers.desk import Limits
from workers.ring import ring_more

PEOPLE = 4


class PatientHands(Executor):
    """Hold every call that was submitted until somebody waits; then end one after the other, in order.

    Calls for the `slow` end when nothing else is left, after so many turns of waiting. The `fatal` end their
    worker, before or after their call.
    """

    def __init__(self) -> None:
        self.out: list[tuple[Future[object], Callable[[], object], str]] = []
        self.ended: list[str] = []
        self.most_out = 0
        self.slow: set[str] = set()
        self.waits = 0
        self.fatal: dict[str, Moment] = {}
        self.meanwhile: Callable[[timedelta], object] = lambda _: None
        self.before_each: Callable[[str], object] = lambda _: None

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN002,ANN003,ANN201  the signature is Executor's
        """Take a call."""
        whose = str(args[0].change.person_id) if isinstance(args[0], Job) else ""
        future: Future[object] = Future()
        self.out.append((future, lambda: fn(*args, **kwargs), whose))
        self.most_out = max(self.most_out, len(self.out))
        if not whose:
            self._end(self.out[-1])  # a page or a look, for which nobody waits by `wait`
        return future

    def wait(self, futures: Collection[Future[Any]], at_most: timedelta) -> set[Future[Any]]:
        """End calls until one of these is whole."""
        while not any(each.done() for each in futures):
            quick = [each for each in self.out if each[2] not in self.slow]
            if not quick and self.waits:
                self.waits -= 1
                self.meanwhile(at_most)
                break
            self._end((quick or self.out)[0])
        return {each for each in futures if not each.done()}

    def _end(self, one: tuple[Future[object], Callable[[], object], str]) -> None:
        future, act, whose = one
        self.before_each(whose)
        moment = self.fatal.pop(whose, None)
        if moment is Moment.BEFORE_THE_CALL:
            raise WorkerDiedError
        result = act()
        if moment is Moment.AFTER_THE_CALL:
            raise WorkerDiedError
        self.out.remove(one)
        if whose:
            self.ended.append(whose)
        future.set_result(result)


class RefusingTarget:
    """Be a target that refuses our token when one account is made."""

    def __init__(self, inner: Target, external_id: str) -> None:
        self._inner = inner
        self._external_id = external_id

    def create(self, draft: AccountDraft) -> Account:
        """Refuse us over one person."""
        if draft.external_id == self._external_id:
            raise TenantBlockedError(Code.TARGET_CREDENTIALS_REFUSED, "HTTP 401")
        return self._inner.create(draft)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class FalteringEnds(Ends):
    """Not know the second time that somebody asks which target it is: the store is away."""

    asked = 0

    def target(self, tenant_id: TenantId) -> Target:
        """Return the target, but not the second time."""
        self.asked += 1
        if self.asked == 2:
            raise TemporaryError(Code.STORE_AWAY, "the store is away")
        return super().target(tenant_id)


@pytest.fixture
def hands() -> PatientHands:
    return PatientHands()


@pytest.fixture
def live(
    tmp_path: Path,
    personio: PersonioSimulator,
    app: ScimSimulator,
    config: Configuration,
    hands: PatientHands,
) -> Iterator[Relay]:
    built = build_relay(tmp_path / "home", personio, app, config, hands=hands)
    built.desk = replace(built.desk, wait=hands.wait)
    built.later()
    built.go_live()
    built.desk = replace(built.desk, limits=Limits(people=PEOPLE, list_from=1_000))
    app.counters.reset()
    hands.ended.clear()
    hands.most_out = 0
    yield built
    assert harm(built) == []
    built.store.close()


def first_envelope(relay: Relay) -> EmployeeChanged:
    """Ask for a run, carry out what leads to its first envelope, and return that; the second is kept away."""
    begin(relay)
    while True:
        event = relay.bells.rung.pop(0)
        if isinstance(event, EmployeeChanged):
            relay.bells.rung.clear()
            return event
        relay.take(event)


def people_of(relay: Relay, event: EmployeeChanged) -> list[str]:
    with relay.store.read() as tx:
        rows = tx.changes.rows(event.tenant_id, change_ids=event.change_ids)
    return [str(row.person_id) for row in sorted(rows, key=lambda row: row.change_id)]


def working(relay: Relay) -> int:
    return len(relay.rows(ChangeState.WORKING))


def test_the_next_envelope_is_begun_while_the_last_call_of_the_former_is_still_out(
    live: Relay, hands: PatientHands
) -> None:
    hire_many(live, 6 * PEOPLE)
    envelope = first_envelope(live)
    first = people_of(live, envelope)
    hands.slow = {first[-1]}
    live.take(envelope)
    others = hands.ended[: hands.ended.index(first[-1])]
    assert others[: PEOPLE - 1] == first[:-1]
    assert len(others) == 5 * PEOPLE - 1, "all but the envelope that was rung for somebody else"
    assert hands.most_out == PEOPLE
    assert live.app.counters.requests(method="POST") == 5 * PEOPLE


def test_what_is_whole_is_recorded_although_an_earlier_envelope_is_not(
    live: Relay, hands: PatientHands
) -> None:
    hire_many(live, 6 * PEOPLE)
    envelope = first_envelope(live)
    hands.slow = {people_of(live, envelope)[0]}
    seen: list[tuple[int, int]] = []
    hands.before_each = lambda _: seen.append((working(live), len(live.rows(ChangeState.APPLIED))))
    before = len(live.rows(ChangeState.APPLIED))
    live.take(envelope)
    assert max(at_work for at_work, _ in seen) == 2 * PEOPLE
    assert seen[-1] == (PEOPLE, before + 4 * PEOPLE)


def test_a_turn_claims_nothing_when_its_time_is_over(live: Relay, hands: PatientHands) -> None:
    hire_many(live, 6 * PEOPLE)
    envelope = first_envelope(live)
    first = people_of(live, envelope)

    def late(whose: str) -> None:
        if whose == first[-1]:
            live.clock.ahead += live.desk.limits.turn

    hands.before_each = late
    live.take(envelope)
    assert len(hands.ended) == 2 * PEOPLE
    assert working(live) == 0
    assert [type(event) for event in live.bells.rung] == [EmployeeChanged], "the other place was never free"
    hands.before_each = lambda _: None
    live.drain()
    live.later(seconds=61)
    assert differences(live) == []


def test_beside_an_envelope_that_was_not_full_none_is_claimed(live: Relay, hands: PatientHands) -> None:
    hire_many(live, PEOPLE - 1)
    seen: list[int] = []
    hands.before_each = lambda _: seen.append(working(live))
    live.sync()
    assert max(seen) == PEOPLE - 1
    assert differences(live) == []


@pytest.mark.parametrize(
    ("whose", "moment"),
    [(1, Moment.BEFORE_THE_CALL), (PEOPLE + 1, Moment.AFTER_THE_CALL)],
    ids=["before a call of the first", "after one of the second"],
)
def test_a1_a2_a_worker_that_dies_with_two_envelopes_in_hand_loses_and_doubles_nothing(
    live: Relay, hands: PatientHands, whose: int, moment: Moment
) -> None:
    joiners = hire_many(live, 3 * PEOPLE)
    envelope = first_envelope(live)
    first = people_of(live, envelope)
    hands.slow = {first[-1]}
    fatal: list[str] = []

    def mark(person: str) -> None:
        if len(hands.ended) == whose and person not in hands.slow and not fatal:
            fatal.append(person)
            hands.fatal = {person: moment}

    hands.before_each = mark
    assert not survive(lambda: live.take(envelope))
    assert working(live) == 2 * PEOPLE
    hands.out.clear()
    hands.slow.clear()
    until_calm(live, rounds=3, step=timedelta(seconds=50))
    assert differences(live) == []
    assert live.app.counters.requests(method="POST") == len(joiners)
    assert doubled_writes(live) == []
    rows = [row for row in live.rows() if str(row.person_id) in joiners and row.action == "create"]
    assert sum(row.crashes for row in rows) == 2 * PEOPLE
    assert {row.state for row in rows} <= {ChangeState.APPLIED, ChangeState.ALREADY_SO}


def test_f6_a_tenant_that_is_blocked_by_one_envelope_begins_nothing_of_the_other(
    live: Relay, hands: PatientHands
) -> None:
    joiners = hire_many(live, 3 * PEOPLE)
    envelope = first_envelope(live)
    target = RefusingTarget(live.desk.accounts.target(envelope.tenant_id), people_of(live, envelope)[1])
    with with_ends(live, target=cast("Target", target)):
        live.take(envelope)
    assert live.state() is TenantState.BLOCKED
    assert live.app.counters.requests(method="POST") == 1
    assert Code.TARGET_CREDENTIALS_REFUSED in codes(live)
    parked = [row for row in live.rows(ChangeState.PARKED) if str(row.person_id) in joiners]
    assert (len(parked), working(live)) == (len(joiners) - 1, 0)
    assert {(row.tries, row.crashes) for row in parked} == {(0, 0)}


def test_an_envelope_whose_target_nobody_can_name_is_given_back_and_the_one_before_it_recorded(
    live: Relay, hands: PatientHands
) -> None:
    joiners = hire_many(live, 3 * PEOPLE)
    envelope = first_envelope(live)
    live.desk = replace(live.desk, accounts=FalteringEnds(live.desk.accounts))
    live.take(envelope)
    assert len(hands.ended) == PEOPLE
    assert working(live) == 0
    rows = [row for row in live.rows() if str(row.person_id) in joiners]
    assert Counter((row.state, row.tries, row.crashes) for row in rows) == {
        (ChangeState.APPLIED, 1, 0): PEOPLE,
        (ChangeState.RELEASED, 0, 0): 2 * PEOPLE,
    }


def test_what_the_target_takes_less_of_is_obeyed_by_the_envelope_that_was_claimed_before(
    live: Relay, hands: PatientHands
) -> None:
    hire_many(live, 3 * PEOPLE)
    envelope = first_envelope(live)
    first, out = people_of(live, envelope), list[int]()

    def crowded(whose: str) -> None:
        out.append(len(hands.out))
        if whose == first[0]:
            live.app.quirks.add(server_error(504), methods=("POST",))
            with live.store.write() as tx:
                tx.conditions.put(envelope.tenant_id, Condition(width=4))

    hands.before_each = crowded
    live.take(envelope)
    assert out[:PEOPLE] == [4, 3, 2, 1]
    assert set(out[PEOPLE:]) == {1}
    hands.before_each = lambda _: None


def test_a10_the_leases_of_both_envelopes_are_kept_while_a_call_takes_long(
    live: Relay, hands: PatientHands
) -> None:
    joiners = hire_many(live, 3 * PEOPLE)
    envelope = first_envelope(live)
    first = people_of(live, envelope)
    hands.slow, hands.waits = {first[0]}, 12

    def a_while(at_most: timedelta) -> None:
        live.clock.ahead += at_most
        with live.store.write() as tx:
            assert tx.changes.with_expired() == []

    hands.meanwhile = a_while
    live.take(envelope)
    assert hands.waits == 0
    assert working(live) == 0
    rows = [row for row in live.rows() if str(row.person_id) in joiners]
    assert {row.crashes for row in rows} == {0}


def test_a10_once_somebody_else_has_a_row_of_an_envelope_no_other_of_it_is_begun(
    live: Relay, hands: PatientHands
) -> None:
    hire_many(live, PEOPLE)
    envelope = first_envelope(live)
    first = people_of(live, envelope)
    hands.slow, hands.waits = {first[0]}, 1

    def taken_away(at_most: timedelta) -> None:
        live.clock.ahead += live.desk.limits.turn + timedelta(seconds=1)
        (other,) = (row.change_id for row in live.rows(ChangeState.WORKING) if row.person_id == first[1])
        taken = Postponed(other, Code.TARGET_BUSY, "", at_most, intent_kept=True, sent=True)
        with live.store.write() as tx:
            held = select(CHANGES.c.lease_token).where(CHANGES.c.change_id == other)
            token = tx.session.connection.execute(held).scalar_one()
            tx.changes.settle(envelope.tenant_id, token, [taken])

    hands.meanwhile = taken_away
    live.take(envelope)
    assert live.app.counters.creates(first[0]) == 0
    until_calm(live)
    assert differences(live) == []


def test_a6_a_suspect_has_no_second_one_beside_it(live: Relay, hands: PatientHands) -> None:
    joiners = hire_many(live, PEOPLE)
    envelope = first_envelope(live)
    for _ in range(2):
        with live.store.write() as tx:
            tx.changes.claim(envelope.tenant_id, envelope.change_ids, "dies", timedelta(seconds=45))
        live.clock.ahead += timedelta(seconds=46)
        with live.store.write() as tx:
            assert tx.changes.expire_leases(envelope.tenant_id).count == PEOPLE
            ring_more(tx, envelope.tenant_id, live.desk)
    at_work: list[int] = []
    hands.before_each = lambda _: at_work.append(working(live))
    live.later(seconds=61)
    live.later(seconds=61)
    assert at_work == [1] * len(joiners)
    assert differences(live) == []


def test_i3_who_is_asked_to_stop_ends_the_calls_in_flight_and_gives_back_what_was_not_begun(
    live: Relay, hands: PatientHands
) -> None:
    joiners = hire_many(live, 3 * PEOPLE)
    envelope = first_envelope(live)
    asked: list[str] = []
    live.desk = replace(live.desk, stopping=lambda: len(asked) >= PEOPLE)
    hands.before_each = asked.append
    live.take(envelope)
    made = live.app.counters.requests(method="POST")
    assert 0 < made <= PEOPLE, "nothing is begun after somebody asked to stop"
    rows = [row for row in live.rows() if str(row.person_id) in joiners]
    assert sum(row.state is ChangeState.APPLIED for row in rows) == made
    assert {row.state for row in rows} <= {ChangeState.APPLIED, ChangeState.RELEASED}
    left = [row for row in rows if row.state is ChangeState.RELEASED]
    assert {(row.tries, row.crashes) for row in left} == {(0, 0)}
    live.desk = replace(live.desk, stopping=lambda: False)
    live.later(seconds=61)
    assert live.app.counters.requests(method="POST") == len(joiners)
    assert differences(live) == []
