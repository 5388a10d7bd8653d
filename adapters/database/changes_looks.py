"""Find the planned rows that a guard must look at one by one: names, managers, protected accounts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select

from adapters.database.changes_moves import chunks, within
from adapters.database.changes_rows import open_row
from adapters.database.changes_stays import ASKING
from adapters.database.doubts import perhaps_open
from adapters.database.session import Session
from adapters.database.statements import built_once, one_of
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import OPEN, UNSETTLED, Action, Change, ChangeState
from domain.codes import Code
from domain.guards import Protected
from domain.ids import AccountId, ChangeId, PersonId, RunId, TenantId
from domain.keys import Hold
from domain.rewrites import ManagerMove, NameMove

PLANNED = frozenset({ChangeState.PLANNED})
HELD = frozenset({ChangeState.HELD})
OTHER = CHANGES.alias("other")
BOSS = LINKS.alias("boss")
RENAMING = (Action.UPDATE.value, Action.REACTIVATE.value)

Condition = ColumnElement[bool]


def free(tenant_id: TenantId, run_id: RunId) -> tuple[Condition, ...]:
    """Say «a planned row of this run that nothing holds yet»."""
    return (
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.run_id == run_id,
        within(CHANGES, PLANNED),
        CHANGES.c.to_hold.is_(False),
    )


def planned(
    session: Session, tenant_id: TenantId, run_id: RunId, actions: Sequence[Action]
) -> Sequence[Change]:
    """Return the planned rows of these actions, opened."""
    words = [action.value for action in actions]
    asked = select(CHANGES).where(*free(tenant_id, run_id), CHANGES.c.action.in_(words))
    return [open_row(session, row) for row in session.connection.execute(asked.order_by(CHANGES.c.change_id))]


def links_planned(session: Session, tenant_id: TenantId, run_id: RunId) -> int:
    """Count the planned rows that link an account which was found."""
    return session.connection.execute(*_links_planned(tenant_id, run_id)).scalar_one()


@built_once
def _links_planned(tenant_id: TenantId, run_id: RunId) -> Select[int]:
    here = (*free(tenant_id, run_id), CHANGES.c.action == Action.LINK.value)
    return select(func.count()).select_from(CHANGES).where(*here)


def manager_moves(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[ManagerMove]:
    """Return who would get another manager, with the one they have; a leaver's reports must go somewhere."""
    leaving = (
        OTHER.c.tenant_id == tenant_id,
        OTHER.c.person_id == LINKS.c.manager,
        OTHER.c.action == Action.DEACTIVATE.value,
        within(OTHER, UNSETTLED),
    )
    left = (BOSS.c.tenant_id == tenant_id, BOSS.c.person_id == LINKS.c.manager, BOSS.c.active.is_(False))
    asked = select(CHANGES.c.change_id, LINKS.c.manager, CHANGES.c.after_manager).where(
        *free(tenant_id, run_id),
        CHANGES.c.action == Action.SET_MANAGER.value,
        LINKS.c.tenant_id == tenant_id,
        LINKS.c.person_id == CHANGES.c.person_id,
        ~exists().where(*leaving),
        ~exists().where(*left),
    )
    return [
        ManagerMove(ChangeId(change_id), PersonId(old) if old else None, PersonId(new) if new else None)
        for change_id, old, new in session.connection.execute(asked.order_by(CHANGES.c.change_id))
    ]


def name_moves(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[NameMove]:
    """Return rows that take a name which another row of the run gives up, and those others."""
    met = and_(
        OTHER.c.tenant_id == tenant_id,
        OTHER.c.run_id == run_id,
        within(OTHER, PLANNED),
        one_of(OTHER.c.action, RENAMING),
        or_(OTHER.c.frees_key == CHANGES.c.takes_key, OTHER.c.takes_key == CHANGES.c.frees_key),
    )
    asked = select(CHANGES).where(
        *free(tenant_id, run_id),
        one_of(CHANGES.c.action, RENAMING),
        CHANGES.c.takes_key.is_not(None),
        CHANGES.c.frees_key.is_not(None),
        exists().where(met),
    )
    return [
        NameMove(open_row(session, row), bytes(row.takes_key), bytes(row.frees_key))
        for row in session.connection.execute(asked.order_by(CHANGES.c.change_id))
    ]


def protected(session: Session, tenant_id: TenantId, run_id: RunId, whom: Protected) -> Sequence[ChangeId]:
    """Return the planned rows that would close a protected account, or change its unique name.

    Whether it is open, or may be since an answer was lost. Also those that a yes to another cause would
    let go: nobody says yes to a list without knowing of these.
    """
    covered = or_(CHANGES.c.to_hold.is_(False), one_of(CHANGES.c.why, ASKING))
    renames = and_(one_of(CHANGES.c.action, RENAMING), CHANGES.c.frees_key.is_not(None))
    closes = one_of(CHANGES.c.action, [Action.DEACTIVATE.value, Action.RELEASE_NAME.value])
    asked = select(CHANGES.c.change_id).where(
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.run_id == run_id,
        within(CHANGES, PLANNED),
        covered,
        or_(closes, renames),
        LINKS.c.tenant_id == tenant_id,
        LINKS.c.person_id == CHANGES.c.person_id,
        perhaps_open(),
        _covers(whom),
    )
    return [ChangeId(found) for found in session.connection.scalars(asked)]


def shielded(
    session: Session, tenant_id: TenantId, people: Sequence[PersonId], whom: Protected
) -> frozenset[PersonId]:
    """Find those of these people whose account is protected, open or closed."""
    found: set[PersonId] = set()
    for some in chunks(people):
        asked = select(LINKS.c.person_id).where(
            LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(some), _covers(whom)
        )
        found.update(PersonId(each) for each in session.connection.scalars(asked))
    return frozenset(found)


def _covers(whom: Protected) -> ColumnElement[bool]:
    return or_(
        LINKS.c.person_id.in_(sorted(whom.people)),
        LINKS.c.account_id.in_(sorted(whom.accounts)),
        LINKS.c.key.in_(sorted(whom.names)),
    )


def closing(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[tuple[ChangeId, AccountId]]:
    """Return planned rows that close an account, without those that were asked about before.

    What was held by something that no yes lifts may never have been asked about.
    """
    found = session.connection.execute(*_closing(tenant_id, run_id))
    return [(ChangeId(change_id), AccountId(account_id)) for change_id, account_id in found]


@built_once
def _closing(tenant_id: TenantId, run_id: RunId) -> Select[str, str]:
    waits = and_(
        or_(OTHER.c.state != ChangeState.HELD.value, one_of(OTHER.c.why, ASKING)),
        OTHER.c.tenant_id == tenant_id,
        OTHER.c.person_id == CHANGES.c.person_id,
        OTHER.c.aspect == CHANGES.c.aspect,
        OTHER.c.action == CHANGES.c.action,
        within(OTHER, OPEN),
    )
    closing = (
        *free(tenant_id, run_id),
        CHANGES.c.action == Action.DEACTIVATE.value,
        LINKS.c.tenant_id == tenant_id,
        LINKS.c.person_id == CHANGES.c.person_id,
        ~exists().where(waits),
    )
    asked = select(CHANGES.c.change_id, LINKS.c.account_id).where(*closing)
    return asked.order_by(CHANGES.c.change_id)


def names_freed(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[Hold]:
    """Return planned rows that free a name at once for rows that are all held, with that hold."""
    found = session.connection.execute(*_freed(tenant_id, run_id))
    return [Hold(ChangeId(change_id), Code(why), detail) for change_id, why, detail in found]


@built_once
def _freed(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    waiter = and_(
        OTHER.c.tenant_id == tenant_id,
        or_(and_(OTHER.c.run_id == run_id, within(OTHER, PLANNED)), within(OTHER, HELD)),
        OTHER.c.blocked_on == literal("change:") + CHANGES.c.change_id,
    )
    frees = (CHANGES.c.action == Action.RELEASE_NAME.value, CHANGES.c.blocked_on.is_(None))
    asked = select(CHANGES.c.change_id, func.min(OTHER.c.why), func.min(OTHER.c.detail))
    freed = asked.where(*free(tenant_id, run_id), *frees, waiter).group_by(CHANGES.c.change_id)
    return freed.having(func.count() == func.count(OTHER.c.why)).order_by(CHANGES.c.change_id)
