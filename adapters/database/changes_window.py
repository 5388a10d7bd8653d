"""Choose which due rows travel next: in order, lane by lane, a few envelopes at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    and_,
    distinct,
    exists,
    func,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from adapters.database.changes_moves import UNRUNG, into, tenants_turn, within
from adapters.database.changes_rows import AnyRow
from adapters.database.session import Session
from adapters.database.statements import touched
from adapters.database.tables import TENANTS
from adapters.database.tables_changes import CHANGES
from domain.changes import KEEPS_RUN_GOING, ChangeState
from domain.events import EmployeeChanged, Queue
from domain.ids import ChangeId, EnvelopeId, RunId, TenantId
from domain.tenant import TenantState, may_write

RELEASED = frozenset({ChangeState.RELEASED})
WAITING = frozenset({ChangeState.WAITING})
WORKING = frozenset({ChangeState.WORKING})
RING_AGAIN_MS = 60_000
BEFORE_ALL = ("", -1)
LAST_LANE = 32_767


@dataclass(frozen=True, slots=True)
class Window:
    """One queue of one tenant, at the store's present moment."""

    session: Session
    tenant_id: TenantId
    queue: Queue

    @property
    def silent(self) -> ColumnElement[bool]:
        """Say that nobody was rung for a row lately."""
        before = self.session.started_ms - RING_AGAIN_MS
        return or_(CHANGES.c.rung_at.is_(None), CHANGES.c.rung_at <= before)

    @property
    def rung(self) -> ColumnElement[bool]:
        """Say that a released row is on its way to a worker."""
        lately = CHANGES.c.rung_at > self.session.started_ms - RING_AGAIN_MS
        return and_(within(CHANGES, RELEASED), CHANGES.c.rung_at.is_not(None), lately)

    @property
    def ready(self) -> tuple[ColumnElement[bool], ...]:
        """Say that a row may be put into an envelope."""
        due = or_(CHANGES.c.due_at.is_(None), CHANGES.c.due_at <= self.session.started_ms)
        here = (CHANGES.c.tenant_id == self.tenant_id, CHANGES.c.queue == self.queue.value)
        return (*here, within(CHANGES, RELEASED), self.silent, due)

    def in_flight(self) -> int:
        """Count the envelopes that are on their way or being worked on."""
        here = (CHANGES.c.tenant_id == self.tenant_id, CHANGES.c.queue == self.queue.value)
        alive = CHANGES.c.lease_until > self.session.started_ms
        both = union_all(
            select(CHANGES.c.envelope_id).where(*here, within(CHANGES, WORKING), alive),
            select(CHANGES.c.envelope_id).where(*here, self.rung),
        ).subquery()
        return self.session.connection.scalar(select(func.count(distinct(both.c.envelope_id)))) or 0

    def groups(self) -> Iterator[tuple[str, int]]:
        """Walk over runs and their open lanes, in order; each step is one look into the index."""
        here = BEFORE_ALL
        while (row := self._after(here)) is not None:
            here = (row.run_id, row.lane)
            if self._lane_is_open(*here):
                yield here
            else:
                here = (row.run_id, LAST_LANE)

    def busy(self) -> CompoundSelect[str]:
        """Select people of whom a row is with a worker, or on its way to one."""
        mine = CHANGES.c.tenant_id == self.tenant_id
        working = select(CHANGES.c.person_id).where(mine, within(CHANGES, WORKING))
        return union_all(working, select(CHANGES.c.person_id).where(mine, self.rung))

    def rows(self, run_id: str, lane: int, most: int) -> Sequence[AnyRow]:
        """Read the next rows of one lane of one run."""
        asked = (
            select(CHANGES.c.change_id, CHANGES.c.run_id, CHANGES.c.person_id)
            .where(*self.ready, CHANGES.c.run_id == run_id, CHANGES.c.lane == lane)
            .where(CHANGES.c.person_id.not_in(self.busy()))
            .order_by(CHANGES.c.change_id)
        )
        return self.session.connection.execute(asked.limit(most)).all()

    def _after(self, here: tuple[str, int]) -> AnyRow | None:
        place = tuple_(CHANGES.c.run_id, CHANGES.c.lane)
        asked = select(CHANGES.c.run_id, CHANGES.c.lane).where(*self.ready, place > here)
        ordered = asked.order_by(CHANGES.c.run_id, CHANGES.c.lane).limit(1)
        return self.session.connection.execute(ordered).one_or_none()

    def _lane_is_open(self, run_id: str, lane: int) -> bool:
        """A row that was tried once, is held or waits keeps nobody waiting."""
        earlier = (
            CHANGES.c.tenant_id == self.tenant_id,
            CHANGES.c.run_id == run_id,
            CHANGES.c.lane < lane,
        )
        untried = (within(CHANGES, KEEPS_RUN_GOING), within(CHANGES, RELEASED), CHANGES.c.tries == 0)
        first_try = (within(CHANGES, WORKING), CHANGES.c.tries <= 1)
        asked = [select(CHANGES.c.change_id).where(*earlier, *rows).limit(1) for rows in (untried, first_try)]
        return all(self.session.connection.scalar(question) is None for question in asked)


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
    _release_due(session, tenant_id, queue)
    window = Window(session, tenant_id, queue)
    free = most - window.in_flight()
    if free <= 0:
        return []
    people = 1 if queue is Queue.SUSPECTS else size
    picked = _pick(window, free * people)
    envelopes = _envelopes(tenant_id, queue, picked, new_envelope, people, free)
    return _ring(session, envelopes)


def forget_rung(session: Session, tenant_id: TenantId | None) -> int:
    """Forget that rows were rung: everything, or what a tenant's workers did not take within a minute."""
    rung = update(CHANGES).where(within(CHANGES, RELEASED), CHANGES.c.rung_at.is_not(None))
    if tenant_id is not None:
        before = session.started_ms - RING_AGAIN_MS
        rung = rung.where(CHANGES.c.tenant_id == tenant_id, CHANGES.c.rung_at <= before)
    return touched(session.connection, rung.values(**UNRUNG))


def due(session: Session) -> Sequence[TenantId]:
    """List tenants that may write and have something to write now."""
    mine = CHANGES.c.tenant_id == TENANTS.c.tenant_id
    waited = CHANGES.c.due_at <= session.started_ms
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


def park(session: Session, tenant_id: TenantId) -> int:
    """Park what is due or waiting; a waiting row is released on its way, as the states are drawn."""
    session.connection.execute(into(tenant_id, ChangeState.RELEASED, WAITING))
    return touched(session.connection, into(tenant_id, ChangeState.PARKED, RELEASED).values(**UNRUNG))


def unpark(session: Session, tenant_id: TenantId) -> int:
    """Release what was parked; a row that had to wait still waits for its moment."""
    parked = into(tenant_id, ChangeState.RELEASED, {ChangeState.PARKED})
    return touched(session.connection, parked.values(**UNRUNG))


def _release_due(session: Session, tenant_id: TenantId, queue: Queue) -> None:
    waited = (CHANGES.c.queue == queue.value, CHANGES.c.due_at <= session.started_ms)
    move = into(tenant_id, ChangeState.RELEASED, WAITING).where(*waited)
    session.connection.execute(move.values(due_at=None, **UNRUNG))


def _pick(window: Window, most: int) -> list[AnyRow]:
    """Take rows in order, one of each person: two rows of one person cannot be worked on at once."""
    picked: dict[str, AnyRow] = {}
    for run_id, lane in window.groups():
        for row in window.rows(run_id, lane, most + len(picked)):
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
        rung = update(CHANGES).where(
            CHANGES.c.tenant_id == envelope.tenant_id,
            CHANGES.c.change_id.in_(envelope.change_ids),
            within(CHANGES, RELEASED),
        )
        session.connection.execute(rung.values(rung_at=session.started_ms, envelope_id=envelope.envelope_id))
    return envelopes
