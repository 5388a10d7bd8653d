"""Guard a plan before it is let go: what nobody would believe at once waits for a human, the rest goes on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.guards import CODES, OFF, Guarded, first_run_objection, objection, protected_by
from domain.ids import ChangeId
from domain.keys import Hold
from domain.ports import Transaction
from domain.rewrites import collapses, demotions, mass_rewrites, shuffles, tells_rights
from domain.run import Run
from domain.tenant import TenantState
from workers.proving import guard_units

FIRST_STATES = frozenset({TenantState.SETUP, TenantState.READY})
"""A tenant that never wrote: its plan is looked at before anything happens."""

TOUCHING = (Action.UPDATE, Action.REACTIVATE, Action.LINK)


def guard(tx: Transaction, run: Run, config: Configuration) -> None:
    """Hold what a human must look at first; each kind of change by itself, so that the others go on.

    The same judgement in a plan and in a run that applies: a preview shows the holds that will come.
    """
    guard_units(tx, run)
    _guard_protected(tx, run, config)
    wanted = tx.brakes.wanted(run.tenant_id, run.run_id)
    if wanted:
        _guard_kinds(tx, run, config, wanted)
    _hold(tx, run, tx.brakes.names_freed(run.tenant_id, run.run_id))


def _guard_kinds(tx: Transaction, run: Run, config: Configuration, wanted: Mapping[Guarded, int]) -> None:
    """Look for what is strange, whoever is concerned; then for what is too much, kind by kind."""
    size = tx.brakes.open_accounts(run.tenant_id)
    if Guarded.RENAMES in wanted:
        moves = tx.brakes.name_moves(run.tenant_id, run.run_id)
        _hold(tx, run, shuffles(moves, config, size))
    if Guarded.MANAGERS in wanted:
        managers = tx.brakes.manager_moves(run.tenant_id, run.run_id)
        _hold(tx, run, collapses(managers, config.guards.collapse, size))
    first = _is_first(tx, run)
    for guarded in (each for each in Guarded if each in wanted):
        if first and guarded is Guarded.CREATES:
            _guard_first_run(tx, run, config, wanted[guarded])
        else:
            _guard_kind(tx, run, config, guarded, size)


def _guard_protected(tx: Transaction, run: Run, config: Configuration) -> None:
    """Hold what would close or rename a protected account, or overwrite what makes somebody an owner."""
    if config.guards.protect:
        rows = tx.brakes.protected(run.tenant_id, run.run_id, protected_by(config.guards.protect))
        why = "this account is on the list [guards] protect"
        tx.changes.hold(run.tenant_id, rows, Code.GUARD_PROTECTED, why)
    if config.guards.owners and any(tells_rights(path) for path in config.paths):
        touching = tx.brakes.planned(run.tenant_id, run.run_id, TOUCHING)
        _hold(tx, run, demotions(touching, config.guards.owners))


def _guard_first_run(tx: Transaction, run: Run, config: Configuration, wanted: int) -> None:
    """Let a first run link, and hold its new accounts if the application is full of strangers."""
    linked = tx.brakes.links_planned(run.tenant_id, run.run_id)
    listed = tx.target_list.count(run.tenant_id)
    why = first_run_objection(config.guards.creates, wanted, linked, listed)
    if why is not None:
        rows = tx.brakes.countable(run.tenant_id, run.run_id, Guarded.CREATES)
        tx.changes.hold(run.tenant_id, rows, Code.GUARD_FIRST_RUN, why)


def _guard_kind(tx: Transaction, run: Run, config: Configuration, guarded: Guarded, size: int) -> None:
    """Hold one kind of change if it is too much; of rewritten accounts, first what one attribute causes."""
    bound = config.guards.bound(guarded)
    if bound == OFF:
        return
    tally = tx.brakes.tally(run.tenant_id, run.run_id, guarded)
    if guarded is Guarded.UPDATES and tally.wanted > bound.a_day(size):
        rows = tx.brakes.planned(run.tenant_id, run.run_id, [Action.UPDATE])
        _hold(tx, run, mass_rewrites(rows, bound, size))
        tally = tx.brakes.tally(run.tenant_id, run.run_id, guarded)
    why = objection(guarded, bound, tally)
    if why is not None:
        too_many = tx.brakes.countable(run.tenant_id, run.run_id, guarded)
        tx.changes.hold(run.tenant_id, too_many, CODES[guarded], why)


def _is_first(tx: Transaction, run: Run) -> bool:
    tenant = tx.tenants.get(run.tenant_id)
    return tenant is not None and tenant.state in FIRST_STATES and not tx.links.count(run.tenant_id)


def _hold(tx: Transaction, run: Run, holds: Iterable[Hold]) -> None:
    """Note holds, those with the same words in one go."""
    words: dict[tuple[Code, str], list[ChangeId]] = defaultdict(list)
    for hold in holds:
        words[hold.why, hold.detail].append(hold.change_id)
    for (why, detail), change_ids in words.items():
        tx.changes.hold(run.tenant_id, change_ids, why, detail)
