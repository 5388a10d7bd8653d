"""One turn of one worker: while the calls of one envelope are out, the next one is claimed already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from domain.condition import fits
from domain.errors import TemporaryError, TenantBlockedError
from domain.events import EmployeeChanged, Event, Queue
from domain.ports import Transaction
from domain.records import Returned, Settlement
from workers.asking_again import SecondLook
from workers.bench import Bench
from workers.calls import Calls
from workers.claiming import Envelope, claim
from workers.desk import Desk
from workers.giving import Owners
from workers.halt import Halt, Lease
from workers.leased import LeasedTarget
from workers.recording import record
from workers.ring import ring_more

AT_ONCE = 2
"""Envelopes in the hands of one turn: one whose calls are out, and one to go on with (decision 0041)."""


@dataclass(frozen=True, slots=True, eq=False)
class InHand:
    """An envelope that was claimed, and what will have come of its rows."""

    envelope: Envelope
    lease: Lease
    settlements: Future[list[Settlement]]


class Turn:
    """A few seconds in which one worker carries out envelopes of one run.

    As many calls are out as an envelope has people, whichever of the envelopes in hand they are of. The next
    one is claimed before the last reply is in, so recording costs nobody's time.
    """

    def __init__(self, event: EmployeeChanged, desk: Desk) -> None:
        self._event = event
        self._desk = desk
        self._began = desk.clock.now()
        self._ends_early = False
        self._halt = Halt(event.tenant_id, desk)
        self._told: TenantBlockedError | None = None
        self._calls = Calls(desk.hands, desk.limits.people, self._width)
        self._owners = Owners(event.tenant_id, desk.store)
        self._in_hand: list[InHand] = []
        self._done = Counter[str]()

    def work(self, envelope: Envelope) -> Mapping[str, int]:
        """Carry out this envelope and those that follow; count what came of their rows, by kind."""
        following: Envelope | None = envelope
        try:
            while following is not None or self._in_hand:
                if following is not None:
                    self._begin(following)
                    self._reach_ahead()
                following = self._record(self._first_whole())
        finally:  # if the store failed us: what was not begun will not be
            for each in self._in_hand:
                each.lease.lost = True
        return self._done

    def _begin(self, envelope: Envelope) -> None:
        """Begin as many calls as may be out; where nobody can name the target, all rows are given back."""
        lease = Lease(self._halt, self._desk, envelope.leased_at)
        try:
            whole = self._calls.add(envelope.jobs, self._bench(envelope, lease), lease)
        except (TenantBlockedError, TemporaryError) as error:
            self._ends_early, whole = True, Future()
            self._halt.error = error if isinstance(error, TenantBlockedError) else self._halt.error
            whole.set_result([Returned(job.change.change_id) for job in envelope.jobs])
        self._in_hand.append(InHand(envelope, lease, whole))

    def _bench(self, envelope: Envelope, lease: Lease) -> Bench:
        accounts = self._desk.accounts
        return Bench(
            tenant_id=self._event.tenant_id,
            target=LeasedTarget(
                accounts.target(self._event.tenant_id), lease.is_fresh, accounts.writing_while
            ),
            config=envelope.config,
            vault=self._desk.vault,
            now=envelope.now,
            listed=envelope.listed,
            stale=envelope.stale,
            claims=self._owners.claims,
            came_back=self._second_look(envelope).came_back,
            silent=envelope.silent,
            dice=self._desk.ids.dice(),
        )

    def _second_look(self, envelope: Envelope) -> SecondLook:
        tenant_id, again = self._event.tenant_id, envelope.read_again
        return SecondLook(tenant_id, envelope.config, envelope.now, again, self._desk)

    def _width(self) -> int:
        """Tell how many calls at a time are this turn's share of what the target takes, after a failure."""
        limits = self._desk.limits
        try:
            with self._desk.store.read() as tx:
                return fits(tx.conditions.get(self._event.tenant_id), limits.envelopes, limits.people)[1]
        except TemporaryError:
            return 1

    def _wants_more(self) -> bool:
        """Tell whether another envelope may be claimed now.

        None is claimed beside a suspect, which may end its process, nor beside one that was not full: there
        is not so much to do, or the target takes less.
        """
        is_over = self._desk.clock.now() - self._began >= self._desk.limits.turn
        if is_over or self._ends_early or self._halt.error is not None or self._desk.stopping():
            return False
        if not self._in_hand:
            return True
        newest = self._in_hand[-1].envelope.event
        full = len(newest.change_ids) >= self._desk.limits.people
        return full and len(self._in_hand) < AT_ONCE and newest.queue is not Queue.SUSPECTS

    def _reach_ahead(self) -> None:
        """Claim one more in a transaction of its own; a store that is away for a moment may say no."""
        if not self._wants_more():
            return
        asked = self._desk.clock.now()
        try:
            with self._desk.store.write() as tx:
                events = ring_more(tx, self._event.tenant_id, self._desk, (self._event.queue,), self._event)
                ahead, events = self._take(tx, events, asked)
        except TemporaryError:
            return
        self._desk.publisher.ring(events)
        if ahead is not None:
            self._begin(ahead)

    def _record(self, ended: InHand) -> Envelope | None:
        """Record an envelope and claim the next one, in one transaction.

        The calls were made: a store that is away for a moment must not make them look like a crash.
        """
        settlements = ended.settlements.result()
        self._in_hand.remove(ended)
        more = self._wants_more()
        for pause in (*self._desk.limits.patience, None):
            try:
                return self._recorded(ended.envelope, settlements, self._event if more else None)
            except TemporaryError:
                if pause is None:
                    raise
                self._desk.sleep(pause)
        raise AssertionError("the last try either returns or raises")

    def _recorded(
        self, envelope: Envelope, settlements: Sequence[Settlement], turn: EmployeeChanged | None
    ) -> Envelope | None:
        error = self._halt.error if self._halt.error is not self._told else None
        asked = self._desk.clock.now()
        with self._desk.store.write() as tx:
            events = record(tx, envelope, settlements, self._desk, error=error, turn=turn)
            following, events = self._take(tx, events, asked) if turn else (None, events)
        self._told = error or self._told
        self._owners.forget(job.change.person_id for job in envelope.jobs)
        self._done.update(type(each).__name__.lower() for each in settlements)
        self._desk.publisher.ring(events)
        return following

    def _take(
        self, tx: Transaction, events: Sequence[Event], asked: datetime
    ) -> tuple[Envelope | None, list[Event]]:
        """Claim the envelope that is for this turn, if there is one; the others are to be rung for."""
        mine = [
            each
            for each in events
            if isinstance(each, EmployeeChanged) and each.envelope_id == self._event.envelope_id
        ]
        rest = [each for each in events if each not in mine]
        return (claim(tx, mine[0], self._desk, asked) if mine else None), rest

    def _first_whole(self) -> InHand:
        """Wait for an envelope whose rows have all ended; meanwhile keep the leases of all that take long."""
        limits = self._desk.limits
        while True:
            self._desk.wait([each.settlements for each in self._in_hand], limits.renew_every)
            whole = next((each for each in self._in_hand if each.settlements.done()), None)
            for each in self._in_hand:
                if whole is None or (each is not whole and each.lease.age >= limits.renew_every):
                    self._keep_lease(each)
            if whole is not None:
                return whole

    def _keep_lease(self, in_hand: InHand) -> None:
        """Renew the lease of an envelope that takes long; no write is begun any more once it is lost.

        Where somebody else has one of its rows by now, it is lost for all: a lease is not known row by row.
        """
        asked, tenant_id = self._desk.clock.now(), self._event.tenant_id
        envelope, lease = in_hand.envelope, in_hand.lease
        try:
            with self._desk.store.write() as tx:
                kept = tx.changes.keep_lease(tenant_id, envelope.token, self._desk.limits.target_lease)
        except TemporaryError:
            lease.lost = True
        else:
            lease.leased_at, lease.lost = asked, lease.lost or kept < len(envelope.jobs)
