"""Move rows from state to state, only along `domain.changes.TRANSITIONS`, each move a compare-and-set."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import islice
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Update,
    select,
    update,
)

from adapters.database.session import Session
from adapters.database.statements import built_once, one_of
from adapters.database.tables import TENANTS
from adapters.database.tables_changes import CHANGES
from domain.changes import TRANSITIONS, ChangeState
from domain.ids import TenantId
from domain.tenant import TenantState

T = TypeVar("T")

ANY = frozenset(ChangeState)
AT_ONCE = 1_000
"""How many ids one statement names."""

UNRUNG = {"rung_at": None, "envelope_id": None}
UNLEASED = {"lease_token": None, "lease_until": None}
DUE_NOW = {"blocked_on": None, "why": None, "detail": "", "due_at": None, **UNRUNG}
"""What a row forgets that nothing holds back any more."""


@cache
def sources(to: ChangeState) -> frozenset[ChangeState]:
    """Tell from which states the drawing leads here."""
    return frozenset(state for state, ways in TRANSITIONS.items() if to in ways)


def into(tenant_id: TenantId, to: ChangeState, among: AbstractSet[ChangeState] = ANY) -> Update:
    """Start the move of a tenant's rows to a state; only rows in `among` from where it is drawn will go."""
    return into_of_all(to, among).where(CHANGES.c.tenant_id == tenant_id)


def into_of_all(to: ChangeState, among: AbstractSet[ChangeState] = ANY) -> Update:
    """Start the same move for the rows of all tenants."""
    return update(CHANGES).where(within(CHANGES, sources(to) & among)).values(state=to.value)


def within(table: FromClause, states: AbstractSet[ChangeState]) -> ColumnElement[bool]:
    """Say «state is one of these» in literals: only so does SQLite see that a partial index serves."""
    return _within(table, frozenset(states))


@cache
def _within(table: FromClause, states: frozenset[ChangeState]) -> ColumnElement[bool]:
    """Build each condition once; every statement has one."""
    return one_of(table.c.state, [state.value for state in states])


def these(tenant_id: TenantId, change_ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    """Name rows of a tenant by their ids.

    The tenant is compared through an expression, for SQLite believes that few rows are a tenant's: it would
    walk over all of them rather than look up the ids. Compare the state as a value, for the same reason.
    """
    return (CHANGES.c.change_id.in_(change_ids), CHANGES.c.tenant_id.concat("") == tenant_id)


def these_into(
    tenant_id: TenantId, to: ChangeState, change_ids: Sequence[str], among: AbstractSet[ChangeState] = ANY
) -> Update:
    """Start the move of rows that are named by their ids."""
    return _among(update(CHANGES).where(*these(tenant_id, change_ids)), to, among)


def _among(move: Update, to: ChangeState, among: AbstractSet[ChangeState]) -> Update:
    allowed = sorted(state.value for state in sources(to) & among)
    return move.where(CHANGES.c.state.in_(allowed)).values(state=to.value)


def tenants_turn(session: Session, tenant_id: TenantId) -> TenantState | None:
    """Wait until no other transaction moves this tenant's rows, and return the tenant's state.

    What one statement cannot say (one working row per person, a full window) holds because of this. SQLite
    has one writer anyway; PostgreSQL locks the tenant's row, and the state cannot change before we are done.
    """
    if tenant_id not in session.turns:
        state = session.connection.scalar(*_turn(tenant_id))
        if state is None:
            return None
        session.turns[tenant_id] = TenantState(state)
    return session.turns[tenant_id]


@built_once
def _turn(tenant_id: TenantId) -> Select[str]:
    return select(TENANTS.c.state).where(TENANTS.c.tenant_id == tenant_id).with_for_update(key_share=True)


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a sequence so that each piece fits into one statement."""
    rest = iter(items)
    while piece := list(islice(rest, AT_ONCE)):
        yield piece
