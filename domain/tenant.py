"""A tenant and the states in which it may, or may not, be synced."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.codes import Code
from domain.ids import TenantId


class TenantState(StrEnum):
    """Name what a tenant allows right now.

    setup   nothing was checked yet            ready    the check was green; nothing is written
    active  everything                         paused   no automatic runs; manual ones go on
    blocked no write until a check passes      stopped  an operator said so: nothing at all
    """

    SETUP = "setup"
    READY = "ready"
    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"
    STOPPED = "stopped"


MOVES: dict[TenantState, frozenset[TenantState]] = {
    TenantState.SETUP: frozenset({TenantState.READY, TenantState.STOPPED}),
    TenantState.READY: frozenset({TenantState.ACTIVE, TenantState.SETUP, TenantState.STOPPED}),
    TenantState.ACTIVE: frozenset({TenantState.PAUSED, TenantState.BLOCKED, TenantState.STOPPED}),
    TenantState.PAUSED: frozenset({TenantState.ACTIVE, TenantState.BLOCKED, TenantState.STOPPED}),
    TenantState.BLOCKED: frozenset({TenantState.ACTIVE, TenantState.PAUSED, TenantState.STOPPED}),
    TenantState.STOPPED: frozenset({TenantState.ACTIVE, TenantState.READY, TenantState.SETUP}),
}
"""Where each state may go; everything else is refused with the list of what would be possible."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer company. `before` is where a stopped or blocked tenant returns to."""

    tenant_id: TenantId
    name: str
    state: TenantState
    why: Code | None
    since: datetime
    language: str
    owners: tuple[str, ...] = ()
    before: TenantState | None = None


def may_write(state: TenantState) -> bool:
    """Tell whether a change may be sent to the target at all."""
    return state in {TenantState.ACTIVE, TenantState.PAUSED}


def runs_by_itself(state: TenantState) -> bool:
    """Tell whether the scheduler may start a run."""
    return state is TenantState.ACTIVE


def may_read(state: TenantState) -> bool:
    """Tell whether a run by hand may read Personio; a plan is allowed long before the first write."""
    return state is not TenantState.STOPPED
