"""Note on a plan's rows which will wait for an account: nobody has it yet, and the plan brings none."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, and_, exists, func, literal, or_, select, update

from adapters.database.changes_looks import free
from adapters.database.changes_moves import chunks, within
from adapters.database.session import Session
from adapters.database.statements import built_once, one_of
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import GIVING, Action, ChangeState
from domain.codes import Code
from domain.ids import PersonId, RunId, TenantId

OTHER = CHANGES.alias("other")
PLANNED = frozenset({ChangeState.PLANNED})
IN_HAND = frozenset({ChangeState.RELEASED, ChangeState.WORKING})
STUCK = frozenset({ChangeState.HELD, ChangeState.BLOCKED, ChangeState.DEAD})
"""States in which a row of another run does not get to its turn by itself."""

OPENING = tuple(sorted({each.value for each in GIVING} | {Action.REACTIVATE.value}))
"""Actions after which somebody has an open account."""

FOR_THEIR_OWN = "waits for the account of this person"
FOR_ANOTHERS = "waits for the account of person "

Condition = ColumnElement[bool]


def await_accounts(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Block each planned row about a manager where one of the two has no account, and none comes before it.

    Whose account this plan brings, or a row that is in hand, is followed and not waited for. Call it once the
    guards have judged: what is held brings nothing. A claim looks once more.
    """
    session.connection.execute(*_without_their_own(tenant_id, run_id))
    session.connection.execute(*_without_a_manager(tenant_id, run_id, session.started_ms))
    for some in chunks(_whose_account_is_stuck(session, tenant_id, run_id)):
        session.connection.execute(*_stuck_themselves(tenant_id, run_id, some))
        session.connection.execute(*_stuck_managers(tenant_id, run_id, some))


@built_once
def _without_their_own(tenant_id: TenantId, run_id: RunId) -> Update:
    missing = and_(~_is_there(CHANGES.c.person_id), ~_comes(CHANGES.c.person_id))
    return _own(tenant_id, run_id).where(missing)


@built_once
def _without_a_manager(tenant_id: TenantId, run_id: RunId, now: int) -> Update:
    whose = CHANGES.c.after_manager
    missing = and_(~_is_there(whose), ~_comes(whose))
    return _managers(tenant_id, run_id).where(or_(missing, _goes(whose, now)))


@built_once
def _stuck_themselves(tenant_id: TenantId, run_id: RunId, people: Sequence[str]) -> Update:
    whose = CHANGES.c.person_id
    return _own(tenant_id, run_id).where(whose.in_(people), ~_is_there(whose))


@built_once
def _stuck_managers(tenant_id: TenantId, run_id: RunId, people: Sequence[str]) -> Update:
    whose = CHANGES.c.after_manager
    return _managers(tenant_id, run_id).where(whose.in_(people), ~_is_there(whose))


def _own(tenant_id: TenantId, run_id: RunId) -> Update:
    told = {"blocked_on": literal("link:") + CHANGES.c.person_id, "detail": FOR_THEIR_OWN}
    return update(CHANGES).where(*_waiting_for_nothing(tenant_id, run_id)).values(told)


def _managers(tenant_id: TenantId, run_id: RunId) -> Update:
    whose = CHANGES.c.after_manager
    told = {
        "blocked_on": literal("link:") + whose,
        "why": Code.MANAGER_NOT_SYNCED.value,
        "detail": literal(FOR_ANOTHERS) + whose,
    }
    return update(CHANGES).where(*_waiting_for_nothing(tenant_id, run_id), whose.is_not(None)).values(told)


def _waiting_for_nothing(tenant_id: TenantId, run_id: RunId) -> tuple[Condition, ...]:
    about_managers = CHANGES.c.action == Action.SET_MANAGER.value
    return (*free(tenant_id, run_id), about_managers, CHANGES.c.blocked_on.is_(None))


def _is_there(whose: ColumnElement[Any]) -> Condition:
    """Say that somebody has an open account."""
    theirs = (LINKS.c.tenant_id == CHANGES.c.tenant_id, LINKS.c.person_id == whose)
    return exists().where(*theirs, LINKS.c.active.is_(True))


def _comes(whose: ColumnElement[Any]) -> Condition:
    """Say that this plan opens an account for somebody, or a worker is about to."""
    planned = and_(*_of_the_same_plan(), OTHER.c.to_hold.is_(False))
    theirs = (OTHER.c.tenant_id == CHANGES.c.tenant_id, OTHER.c.person_id == whose)
    return exists().where(*theirs, one_of(OTHER.c.action, OPENING), or_(planned, within(OTHER, IN_HAND)))


def _goes(whose: ColumnElement[Any], now: int) -> Condition:
    """Say that this plan closes somebody's account now, or a worker is about to: leavers come first."""
    due = or_(OTHER.c.due_at.is_(None), OTHER.c.due_at <= now)
    planned = and_(*_of_the_same_plan(), OTHER.c.to_hold.is_(False), due)
    closes = OTHER.c.action == Action.DEACTIVATE.value
    theirs = (OTHER.c.tenant_id == CHANGES.c.tenant_id, OTHER.c.person_id == whose)
    return exists().where(*theirs, closes, or_(planned, within(OTHER, IN_HAND)))


def _of_the_same_plan() -> tuple[Condition, ...]:
    return OTHER.c.run_id == CHANGES.c.run_id, within(OTHER, PLANNED)


def _whose_account_is_stuck(session: Session, tenant_id: TenantId, run_id: RunId) -> list[PersonId]:
    """List whose planned account waits, over however many rows, for one that is held or stands still."""
    waits = session.connection.execute(*_waiting_rows(tenant_id, run_id)).all()
    stuck = {row.awaited for row in waits if row.stands}
    size = -1
    while size != len(stuck):
        size = len(stuck)
        stuck |= {row.change_id for row in waits if row.awaited in stuck}
    found = {row.person_id for row in waits if row.change_id in stuck and row.action in OPENING}
    return [PersonId(each) for each in sorted(found)]


@built_once
def _waiting_rows(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    """Select the planned rows that wait for another one, and whether that one is held or stands still."""
    held = and_(within(OTHER, PLANNED), OTHER.c.to_hold.is_(True))
    columns = (CHANGES.c.change_id, CHANGES.c.person_id, CHANGES.c.action)
    awaited = OTHER.c.change_id.label("awaited")
    stands = or_(held, within(OTHER, STUCK)).label("stands")
    return select(*columns, awaited, stands).where(
        *free(tenant_id, run_id),
        CHANGES.c.blocked_on.startswith("change:"),
        OTHER.c.change_id == func.substr(CHANGES.c.blocked_on, len("change:") + 1),
        OTHER.c.tenant_id == CHANGES.c.tenant_id,
    )
