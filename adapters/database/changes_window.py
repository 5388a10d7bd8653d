"""Choose which due rows travel next: in order, lane by lane, a few envelopes at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    Update,
    bindparam,
    exists,
    or_,
    select,
    tuple_,
    update,
)

from adapters.database.changes_moves import (
    NOW,
    TENANT,
    UNRUNG,
    into_of_all,
    named,
    tenants_turn,
    within,
)
from adapters.database.changes_parked import confirmed
from adapters.database.changes_rows import AnyRow
from adapters.database.conditions import SqlConditions
from adapters.database.session import Session
from adapters.database.statements import touched
from adapters.database.tables import TENANTS
from adapters.database.tables_changes import CHANGES
from domain.changes import KEEPS_RUN_GOING, ChangeState
from domain.codes import Code
from domain.condition import fits
from domain.events import EmployeeChanged, Queue
from domain.ids import ChangeId, EnvelopeId, RunId, TenantId
from domain.tenant import TenantState, may_write

RELEASED = frozenset({ChangeState.RELEASED})
WAITING = frozenset({ChangeState.WAITING})
WORKING = frozenset({ChangeState.WORKING})
RING_AGAIN_MS = 60_000
TRAVELLED = (Queue.RECONCILE, Queue.SUSPECTS, Queue.URGENT)
BEFORE_ALL = ("", -1)
LAST_LANE = 32_767
QUEUE, RUN = bindparam("its_queue", type_=Text), bindparam("run", type_=Text)
LANE, MOST = bindparam("its_lane", type_=Integer), bindparam("most", type_=Integer)
SILENT_SINCE = bindparam("silent_since", type_=BigInteger)
HERE = CHANGES.c.tenant_id == TENANT


@dataclass(frozen=True, slots=True)
class Flight:
    """What is with a worker, or on its way to one: rung within the last minute, or working."""

    rung: Sequence[AnyRow]
    working: Sequence[AnyRow]

    @property
    def busy(self) -> frozenset[str]:
        """Name the people of whom no second row can be worked on."""
        return frozenset(row.person_id for row in (*self.rung, *self.working))

    def envelopes(self, queue: Queue, now: int) -> int:
        """Count the envelopes of a queue; one whose lease ran out is not in flight, it crashed."""
        alive = [row for row in self.working if row.lease_until > now]
        return len({row.envelope_id for row in (*self.rung, *alive) if row.queue == queue.value})

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
    def given(self) -> dict[str, object]:
        """Return what the statements of this room are given."""
        now = self.session.started_ms
        here = {"tenant": self.tenant_id, "its_queue": self.queue.value}
        return {**here, "now": now, "silent_since": now - RING_AGAIN_MS}

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
        given = {**self.given, "run": run_id, "its_lane": lane, "most": most}
        return self.session.connection.execute(_in_lane(), given).all()

    def _after(self, here: tuple[str, int]) -> AnyRow | None:
        run_id, lane = here
        given = {**self.given, "run": run_id, "its_lane": lane}
        return self.session.connection.execute(_next_lane(), given).one_or_none()

    def _lane_is_open(self, run_id: str, lane: int) -> bool:
        """A row that was tried once, is held or waits keeps nobody waiting."""
        given = {"tenant": self.tenant_id, "run": run_id, "its_lane": lane}
        if self.session.connection.scalar(_untried_before(), given) is not None:
            return False
        return not self.flight.tries_first(run_id, lane)


def fill_window(
    session: Session,
    tenant_id: TenantId,
    queue: Queue,
    new_envelope: Iterable[EnvelopeId],
    most: int,
    size: int,
) -> Sequence[EmployeeChanged]:
    """Release what is due again, and mark the next rows as rung, as many as still fit into the window."""
    state = tenants_turn(session, tenant_id)
    if state is None or not may_write(state):
        return []
    condition = SqlConditions(session).get(tenant_id)
    if condition.rests(session.now()):
        return []
    most, size = fits(condition, most, size)
    _release_due(session, tenant_id, queue)
    window = Window(session, tenant_id, queue, _flight(session, tenant_id))
    free = most - window.flight.envelopes(queue, session.started_ms)
    if free <= 0:
        return []
    people = 1 if queue is Queue.SUSPECTS else size
    picked = _pick(window, free * people)
    envelopes = _envelopes(tenant_id, queue, picked, new_envelope, people, free)
    return _ring(session, envelopes)


def forget_rung(session: Session, ago: timedelta) -> int:
    """Forget which rows were rung so long ago, and no worker took them."""
    silent_since = session.started_ms - ago // timedelta(milliseconds=1)
    rung = update(CHANGES).where(within(CHANGES, RELEASED), CHANGES.c.rung_at <= silent_since)
    return touched(session.connection, rung.values(**UNRUNG))


def due(session: Session) -> Sequence[TenantId]:
    """List tenants that may write and have something to write now, or rows that wait for their hours.

    Those hours may be others since: a new schedule counts at once.
    """
    mine = CHANGES.c.tenant_id == TENANTS.c.tenant_id
    waited = or_(CHANGES.c.due_at <= session.started_ms, CHANGES.c.why == Code.APPLY_HOURS.value)
    ready = or_(CHANGES.c.due_at.is_(None), waited)
    asked = (
        select(TENANTS.c.tenant_id)
        .where(TENANTS.c.state.in_([state.value for state in TenantState if may_write(state)]))
        .where(
            or_(
                exists().where(mine, within(CHANGES, RELEASED), ready),
                exists().where(mine, within(CHANGES, WAITING), waited),
            )
        )
        .order_by(TENANTS.c.tenant_id)
    )
    return [TenantId(found) for found in session.connection.scalars(asked)]


def _release_due(session: Session, tenant_id: TenantId, queue: Queue) -> None:
    given = {"tenant": tenant_id, "its_queue": queue.value, "now": session.started_ms}
    session.connection.execute(_due_again(), given)


def _flight(session: Session, tenant_id: TenantId) -> Flight:
    given = {"tenant": tenant_id, "silent_since": session.started_ms - RING_AGAIN_MS}
    rung = session.connection.execute(_rung(), given).all()
    return Flight(rung, session.connection.execute(_working(), {"tenant": tenant_id}).all())


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
    tenant_id: TenantId,
    queue: Queue,
    picked: Sequence[AnyRow],
    new_envelope: Iterable[EnvelopeId],
    people: int,
    most: int,
) -> list[EmployeeChanged]:
    """Cut rows into envelopes of one run each."""
    pieces = [
        (run_id, ids[at : at + people])
        for run_id, rows in groupby(picked, key=lambda row: row.run_id)
        for ids in [tuple(ChangeId(row.change_id) for row in rows)]
        for at in range(0, len(ids), people)
    ][:most]
    fresh = iter(new_envelope)
    return [EmployeeChanged(tenant_id, RunId(run_id), next(fresh), ids, queue) for run_id, ids in pieces]


def _ring(session: Session, envelopes: Sequence[EmployeeChanged]) -> Sequence[EmployeeChanged]:
    for envelope in envelopes:
        here = {"tenant": envelope.tenant_id, "ids": envelope.change_ids}
        session.connection.execute(
            _mark_rung(), {**here, "now": session.started_ms, "envelope": envelope.envelope_id}
        )
    return envelopes


@cache
def _ready() -> tuple[ColumnElement[bool], ...]:
    """Say that a row may be put into an envelope: it is due, and nobody was rung for it lately."""
    silent = or_(CHANGES.c.rung_at.is_(None), CHANGES.c.rung_at <= SILENT_SINCE)
    due_ = or_(CHANGES.c.due_at.is_(None), CHANGES.c.due_at <= NOW)
    return (HERE, CHANGES.c.queue == QUEUE, within(CHANGES, RELEASED), silent, due_)


@cache
def _in_lane() -> Select[str, str, str]:
    asked = select(CHANGES.c.change_id, CHANGES.c.run_id, CHANGES.c.person_id)
    rows = asked.where(*_ready(), CHANGES.c.run_id == RUN, CHANGES.c.lane == LANE)
    return rows.order_by(CHANGES.c.change_id).limit(MOST)


@cache
def _next_lane() -> Select[str, int]:
    place, here = tuple_(CHANGES.c.run_id, CHANGES.c.lane), tuple_(RUN, LANE)
    asked = select(CHANGES.c.run_id, CHANGES.c.lane).where(*_ready(), place > here)
    return asked.order_by(CHANGES.c.run_id, CHANGES.c.lane).limit(1)


@cache
def _untried_before() -> Select[str]:
    earlier = (CHANGES.c.run_id == RUN, CHANGES.c.tries == 0, CHANGES.c.lane < LANE)
    going = (within(CHANGES, KEEPS_RUN_GOING), within(CHANGES, RELEASED))
    return select(CHANGES.c.change_id).where(HERE, *earlier, *going).limit(1)


@cache
def _due_again() -> Update:
    move = into_of_all(ChangeState.RELEASED, WAITING).where(HERE, confirmed(NOW))
    return move.where(CHANGES.c.queue == QUEUE, CHANGES.c.due_at <= NOW).values(due_at=None, **UNRUNG)


@cache
def _rung() -> Select[str, str, str]:
    return select(CHANGES.c.person_id, CHANGES.c.queue, CHANGES.c.envelope_id).where(
        HERE,
        CHANGES.c.queue.in_([queue.value for queue in TRAVELLED]),
        within(CHANGES, RELEASED),
        CHANGES.c.rung_at.is_not(None),
        CHANGES.c.rung_at > SILENT_SINCE,
        CHANGES.c.envelope_id > "",  # always so, but it makes SQLite look only at what was rung
    )


@cache
def _working() -> Select[*tuple[Any, ...]]:
    columns = ("person_id", "queue", "envelope_id", "lease_until", "run_id", "lane", "tries")
    return select(*(CHANGES.c[name] for name in columns)).where(HERE, within(CHANGES, WORKING))


@cache
def _mark_rung() -> Update:
    released = CHANGES.c.state == ChangeState.RELEASED.value
    return update(CHANGES).where(*named(), released).values(rung_at=NOW, envelope_id=bindparam("envelope"))
