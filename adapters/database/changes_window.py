"""Choose which due rows travel next: in order, lane by lane, a few envelopes at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from adapters.database import changes_due as statements
from adapters.database.changes_moves import tenants_turn
from adapters.database.changes_rows import AnyRow
from adapters.database.conditions import SqlConditions
from adapters.database.session import MILLISECOND, Session, moment
from adapters.database.statements import touched
from domain.condition import fits
from domain.events import EmployeeChanged, Queue
from domain.ids import ChangeId, EnvelopeId, RunId, TenantId
from domain.tenant import may_write

RING_AGAIN_MS = 60_000
BEFORE_ALL = ("", -1)
LAST_LANE = 32_767


@dataclass(frozen=True, slots=True)
class Flight:
    """What is with a worker, or on its way to one: rung within the last minute, or working."""

    rung: Sequence[AnyRow]
    working: Sequence[AnyRow]

    @property
    def busy(self) -> frozenset[str]:
        """Name the people of whom no second row can be worked on."""
        return frozenset(row.person_id for row in (*self.rung, *self.working))

    def envelopes(self, queue: Queue, now: int) -> frozenset[str]:
        """Name the envelopes of a queue; one whose lease ran out is not in flight, it crashed."""
        alive = [row for row in self.working if row.lease_until > now]
        return frozenset(row.envelope_id for row in (*self.rung, *alive) if row.queue == queue.value)

    def tries_first(self, run_id: str, lane: int) -> bool:
        """Tell whether a row of an earlier lane of the run is being worked on for the first time."""
        return any(row.run_id == run_id and row.lane < lane and row.tries <= 1 for row in self.working)


@dataclass(frozen=True, slots=True)
class Window:
    """One queue of one tenant, at the store's present moment."""

    session: Session
    tenant_id: TenantId
    queue: Queue
    flight: Flight

    @property
    def given(self) -> tuple[TenantId, str, int, int]:
        """Return what the statements of this room are given."""
        now = self.session.started_ms
        return self.tenant_id, self.queue.value, now, now - RING_AGAIN_MS

    def groups(self) -> Iterator[tuple[str, int]]:
        """Walk over runs and their open lanes, in order; each step is one look into the index."""
        here = BEFORE_ALL
        while (row := self._after(here)) is not None:
            here = (row.run_id, row.lane)
            if self._lane_is_open(*here):
                yield here
            else:
                here = (row.run_id, LAST_LANE)

    def rows(self, run_id: str, lane: int, most: int) -> Sequence[AnyRow]:
        """Read the next rows of one lane of one run."""
        asked = statements.in_lane(*self.given, run_id, lane, most)
        return self.session.connection.execute(*asked).all()

    def _after(self, here: tuple[str, int]) -> AnyRow | None:
        return self.session.connection.execute(*statements.next_lane(*self.given, *here)).one_or_none()

    def _lane_is_open(self, run_id: str, lane: int) -> bool:
        """A row that was tried once, is held or waits keeps nobody waiting."""
        asked = statements.untried_before(self.tenant_id, run_id, lane)
        if self.session.connection.scalar(*asked) is not None:
            return False
        return not self.flight.tries_first(run_id, lane)


def fill_window(
    session: Session,
    tenant_id: TenantId,
    queue: Queue,
    new_envelope: Iterable[EnvelopeId],
    most: int,
    size: int,
    turn: EmployeeChanged | None = None,
) -> Sequence[EmployeeChanged]:
    """Release what is due again, and mark the next rows as rung, as many as still fit into the window.

    A turn that asks for more keeps its own place in the window, and no more than that.
    """
    state = tenants_turn(session, tenant_id)
    if state is None or not may_write(state):
        return []
    now, connection = session.started_ms, session.connection
    asked = statements.anything(tenant_id, queue.value, now, now - RING_AGAIN_MS)
    if connection.scalar(*asked) is None:
        return []
    condition = SqlConditions(session).get(tenant_id)
    if condition.rests(session.now()):
        return []
    most, size = fits(condition, most, size)
    connection.execute(*statements.due_again(tenant_id, queue.value, now))
    window = Window(session, tenant_id, queue, _flight(session, tenant_id))
    flying, own = window.flight.envelopes(queue, session.started_ms), turn.envelope_id if turn else None
    free = most - len(flying - {own})
    if free <= 0:
        return []
    people = 1 if queue is Queue.SUSPECTS else size
    envelopes = _envelopes(window, _pick(window, free * people), new_envelope, people, turn)[:free]
    if own in flying and all(each.envelope_id != own for each in envelopes):
        envelopes = envelopes[: free - 1]
    return _ring(session, envelopes)


def forget_rung(session: Session, ago: timedelta) -> int:
    """Forget which rows were rung so long ago, and no worker took them."""
    silent_since = session.started_ms - ago // MILLISECOND
    return touched(session.connection, *statements.forgotten(silent_since))


def due_now(session: Session) -> tuple[int, datetime | None]:
    """Count what is due everywhere, and tell when the oldest of it was planned."""
    count, oldest = session.connection.execute(*statements.rows_due(session.started_ms)).one()
    return count, None if oldest is None else moment(oldest)


def due(session: Session) -> Sequence[TenantId]:
    """List tenants that may write and have something to write now, or rows that wait for their hours.

    Those hours may be others since: a new schedule counts at once.
    """
    return [
        TenantId(found) for found in session.connection.scalars(*statements.tenants_due(session.started_ms))
    ]


def _flight(session: Session, tenant_id: TenantId) -> Flight:
    silent_since = session.started_ms - RING_AGAIN_MS
    rung = session.connection.execute(*statements.rung(tenant_id, silent_since)).all()
    return Flight(rung, session.connection.execute(*statements.working(tenant_id)).all())


def _pick(window: Window, most: int) -> list[AnyRow]:
    """Take rows in order, one of each person: two rows of one person cannot be worked on at once."""
    picked: dict[str, AnyRow] = {}
    busy = window.flight.busy
    for run_id, lane in window.groups():
        for row in window.rows(run_id, lane, most + len(picked) + len(busy)):
            if row.person_id not in busy:
                picked.setdefault(row.person_id, row)
        if len(picked) >= most:
            break
    return list(picked.values())[:most]


def _envelopes(
    window: Window,
    picked: Sequence[AnyRow],
    new_envelope: Iterable[EnvelopeId],
    people: int,
    turn: EmployeeChanged | None,
) -> list[EmployeeChanged]:
    """Cut rows into envelopes of one run each; the first of a turn's run is for that turn."""
    pieces = [
        (RunId(run_id), ids[at : at + people])
        for run_id, rows in groupby(picked, key=lambda row: row.run_id)
        for ids in [tuple(ChangeId(row.change_id) for row in rows)]
        for at in range(0, len(ids), people)
    ]
    runs = [run_id for run_id, _ in pieces]
    its = runs.index(turn.run_id) if turn and turn.run_id in runs else None
    fresh = iter(new_envelope)
    return [
        EmployeeChanged(
            window.tenant_id,
            run_id,
            turn.envelope_id if turn and at == its else next(fresh),
            ids,
            window.queue,
        )
        for at, (run_id, ids) in enumerate(pieces)
    ]


def _ring(session: Session, envelopes: Sequence[EmployeeChanged]) -> Sequence[EmployeeChanged]:
    for envelope in envelopes:
        rows = (envelope.tenant_id, envelope.change_ids, session.started_ms, envelope.envelope_id)
        session.connection.execute(*statements.mark_rung(*rows))
    return envelopes
