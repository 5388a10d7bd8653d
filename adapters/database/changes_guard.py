"""Count what the guards want to know: what a run wants of each kind, and what went or waits already."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, select

from adapters.database.changes_looks import free
from adapters.database.changes_moves import within
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import built_once, one_of
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import KEEPS_RUN_GOING, OPEN, Action, ChangeState
from domain.codes import Code
from domain.guards import CODES, Guarded, Tally
from domain.ids import ChangeId, RunId, TenantId

PLANNED = frozenset({ChangeState.PLANNED})
HELD = frozenset({ChangeState.HELD})
WENT = frozenset(
    {
        ChangeState.BLOCKED,
        ChangeState.RELEASED,
        ChangeState.WORKING,
        ChangeState.WAITING,
        ChangeState.PARKED,
        ChangeState.APPLIED,
        ChangeState.ALREADY_SO,
        ChangeState.DEAD,
    }
)
"""States of a row that nobody held: it was, is, or can still be sent."""

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)

MINE = CHANGES.alias("mine")
"""A planned row of the run, where the table itself stands for what went or waits."""

Condition: TypeAlias = ColumnElement[bool]


def _action(action: Action) -> Callable[[FromClause], Condition]:
    return lambda table: table.c.action == action.value


def _undated(table: FromClause) -> Condition:
    return and_(table.c.action == Action.DEACTIVATE.value, table.c.dated.is_(False))


def _renames(table: FromClause) -> Condition:
    touches = one_of(table.c.action, [Action.UPDATE.value, Action.REACTIVATE.value])
    return and_(touches, table.c.frees_key.is_not(None))


def _managers(table: FromClause) -> Condition:
    """Take whoever has a manager now: the first one of a joiner replaces nobody."""
    has_one = exists().where(
        LINKS.c.tenant_id == table.c.tenant_id,
        LINKS.c.person_id == table.c.person_id,
        LINKS.c.manager.is_not(None),
    )
    return and_(table.c.action == Action.SET_MANAGER.value, has_one)


KINDS: Mapping[Guarded, Callable[[FromClause], Condition]] = {
    Guarded.REMOVALS: _action(Action.DEACTIVATE),
    Guarded.LEAVERS: _undated,
    Guarded.CREATES: _action(Action.CREATE),
    Guarded.INVITATIONS: _action(Action.CREATE),
    Guarded.REACTIVATIONS: _action(Action.REACTIVATE),
    Guarded.RENAMES: _renames,
    Guarded.UPDATES: _action(Action.UPDATE),
    Guarded.MANAGERS: _managers,
}
"""Which rows each guard counts."""


def wanted(session: Session, tenant_id: TenantId, run_id: RunId) -> Mapping[Guarded, int]:
    """Count the run's planned rows of each kind that nothing holds yet; kinds without any are left out."""
    found = session.connection.execute(*_of_each_kind(tenant_id, run_id)).one()
    return {guarded: int(count) for guarded, count in zip(KINDS, found, strict=True) if count}


def tally(session: Session, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> Tally:
    """Count, of one kind, what the run wants, and whom else went or waits; each person once.

    The caller has the tenant's turn until its transaction ends, so what is counted here and released after
    it is one step: of two runs that release at the same time, the second one counts what the first let go.
    """
    day, week, month = _went(session, tenant_id, run_id, guarded)
    return Tally(
        wanted=session.connection.execute(*_wanted(tenant_id, run_id, guarded=guarded)).scalar_one(),
        open_accounts=open_accounts(session, tenant_id),
        day=day,
        week=week,
        month=month,
        held=_held(session, tenant_id, run_id, guarded),
    )


def countable(session: Session, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> Sequence[ChangeId]:
    """Return the run's planned rows of one kind that nothing holds yet."""
    here = (*free(tenant_id, run_id), KINDS[guarded](CHANGES))
    asked = select(CHANGES.c.change_id).where(*here).order_by(CHANGES.c.change_id)
    return [ChangeId(found) for found in session.connection.scalars(asked)]


def open_accounts(session: Session, tenant_id: TenantId) -> int:
    """Count the linked accounts that are open."""
    return session.connection.execute(*_open_accounts(tenant_id)).scalar_one()


def holds(session: Session, tenant_id: TenantId) -> Mapping[Code, int]:
    """Count the people whose change is held now, by cause."""
    return _by_cause(session, tenant_id, HELD)


def troubles(session: Session, tenant_id: TenantId) -> Mapping[Code, int]:
    """Count the people whose open change has a cause, by cause."""
    return _by_cause(session, tenant_id, OPEN)


def in_flight(session: Session, tenant_id: TenantId) -> bool:
    """Tell whether any change is due or being carried out now."""
    return session.connection.scalar(*_going(tenant_id)) is not None


def _by_cause(session: Session, tenant_id: TenantId, states: AbstractSet[ChangeState]) -> Mapping[Code, int]:
    found = session.connection.execute(*_people_by_cause(tenant_id, states=frozenset(states)))
    return {Code(why): number for why, number in found}


@built_once
def _people_by_cause(tenant_id: TenantId, *, states: frozenset[ChangeState]) -> Select[Any]:
    people = func.count(CHANGES.c.person_id.distinct())
    these = (CHANGES.c.tenant_id == tenant_id, within(CHANGES, states), CHANGES.c.why.is_not(None))
    return select(CHANGES.c.why, people).where(*these).group_by(CHANGES.c.why)


@built_once
def _going(tenant_id: TenantId) -> Select[str]:
    going = (CHANGES.c.tenant_id == tenant_id, within(CHANGES, KEEPS_RUN_GOING))
    return select(CHANGES.c.change_id).where(*going).limit(1)


@built_once
def _open_accounts(tenant_id: TenantId) -> Select[int]:
    open_ones = (LINKS.c.tenant_id == tenant_id, LINKS.c.active.is_(True))
    return select(func.count()).select_from(LINKS).where(*open_ones)


@built_once
def _of_each_kind(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    counts = [func.sum(case((kind(CHANGES), 1), else_=0)) for kind in KINDS.values()]
    return select(*counts).where(*free(tenant_id, run_id))


@built_once
def _wanted(tenant_id: TenantId, run_id: RunId, *, guarded: Guarded) -> Select[int]:
    rows = (*free(tenant_id, run_id), KINDS[guarded](CHANGES))
    return select(func.count()).select_from(CHANGES).where(*rows)


def _planned_too(tenant_id: TenantId, run_id: RunId) -> Condition:
    """Say that this run plans for the same person and aspect: whoever is wanted is not counted twice."""
    return exists().where(
        MINE.c.tenant_id == tenant_id,
        MINE.c.run_id == run_id,
        within(MINE, PLANNED),
        MINE.c.person_id == CHANGES.c.person_id,
        MINE.c.aspect == CHANGES.c.aspect,
    )


def _went(session: Session, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> tuple[int, int, int]:
    """Count people whose row went without a human's yes, by window; an approved row uses nothing up."""
    since = [session.started_ms - span // MILLISECOND for span in (DAY, WEEK, MONTH)]
    found = session.connection.execute(*_gone(tenant_id, run_id, *since, guarded=guarded)).one()
    return found[0], found[1], found[2]


@built_once
def _gone(
    tenant_id: TenantId, run_id: RunId, day: int, week: int, month: int, *, guarded: Guarded
) -> Select[Any]:
    person = CHANGES.c.person_id
    counts: list[Any] = [
        func.count(case((CHANGES.c.planned_at >= since, person)).distinct()) for since in (day, week, month)
    ]
    return select(*counts).where(
        CHANGES.c.tenant_id == tenant_id,
        KINDS[guarded](CHANGES),
        CHANGES.c.planned_at >= month,
        CHANGES.c.strict.is_(False),
        within(CHANGES, WENT),
        ~_planned_too(tenant_id, run_id),
    )


def _held(session: Session, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> int:
    """Count people whose row waits by this cause, or will, because it takes the place of one that does."""
    waits = session.connection.execute(*_waits(tenant_id, run_id, guarded=guarded)).scalar_one()
    return waits + session.connection.execute(*_will_wait(tenant_id, run_id, guarded=guarded)).scalar_one()


@built_once
def _waits(tenant_id: TenantId, run_id: RunId, *, guarded: Guarded) -> Select[int]:
    waits = (*_by_guard(tenant_id, guarded), within(CHANGES, HELD), ~_planned_too(tenant_id, run_id))
    return select(func.count()).select_from(CHANGES).where(*waits)


@built_once
def _will_wait(tenant_id: TenantId, run_id: RunId, *, guarded: Guarded) -> Select[int]:
    mine = (CHANGES.c.run_id == run_id, within(CHANGES, PLANNED), CHANGES.c.to_hold.is_(True))
    return select(func.count()).select_from(CHANGES).where(*_by_guard(tenant_id, guarded), *mine)


def _by_guard(tenant_id: TenantId, guarded: Guarded) -> tuple[Condition, ...]:
    kind = KINDS[guarded](CHANGES)
    return (CHANGES.c.tenant_id == tenant_id, kind, CHANGES.c.why == CODES[guarded].value)
