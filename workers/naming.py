"""Settle unique names: who gets a contested one, who gives theirs up, and who gets an old one back."""

from collections.abc import Sequence
from typing import assert_never

from domain.changes import Action, Change, ChangeState, on_change
from domain.codes import Code
from domain.config import Configuration, ReleaseNames
from domain.ids import ChangeId, PersonId
from domain.keys import FreeName, Hold, Ruling, Wait, placeholder, resolve
from domain.overrides import OverrideKind
from domain.ports import Transaction
from domain.run import Run
from workers.desk import Desk
from workers.giving_back import go_back, is_being_renamed, is_stranded, rename


def settle_names(
    tx: Transaction, run: Run, config: Configuration, desk: Desk, reopened: frozenset[ChangeId]
) -> None:
    """Order the claims to unique names, and give names of closed accounts up where policy says so.

    A row that reopens an account, or may do so, takes its name with it: `reopened` rows contest nothing.
    """
    contests = [
        contest
        for contest in tx.changes.contests(run.tenant_id, run.run_id)
        if not {wanter.change_id for wanter in contest.wanters} <= reopened or not contest.wanters
    ]
    rulings = resolve(contests, config.policy.release_names)
    for ruling in rulings:
        _apply(tx, run, config, ruling, desk)
    held = {ruling.change_id for ruling in rulings if isinstance(ruling, Hold | Wait)}
    _heal(tx, run, config, held, desk)
    if config.policy.release_names is ReleaseNames.AT_DEACTIVATION:
        leaving = tx.changes.rows(
            run.tenant_id, run_id=run.run_id, states=[ChangeState.PLANNED], limit=100_000
        )
        for change in leaving:
            if change.action is Action.DEACTIVATE:
                _free(tx, run, config, FreeName(change.person_id, change.change_id, change.change_id), desk)


def _apply(tx: Transaction, run: Run, config: Configuration, ruling: Ruling, desk: Desk) -> None:
    match ruling:
        case Hold(change_id, why, detail):
            tx.changes.hold(run.tenant_id, [change_id], why, detail)
        case Wait(change_id, on):
            tx.changes.block(run.tenant_id, change_id, on_change(on))
        case FreeName():
            freeing = _free(tx, run, config, ruling, desk)
            if freeing is not None:
                tx.changes.block(run.tenant_id, ruling.for_change, on_change(freeing))
            elif _keeps_name(tx, run, config, ruling.person_id):
                detail = f"held by the account of person {ruling.person_id}, which an override leaves alone"
                tx.changes.hold(run.tenant_id, [ruling.for_change], Code.KEY_SHARED, detail)
        case _:
            assert_never(ruling)


def _free(tx: Transaction, run: Run, config: Configuration, ruling: FreeName, desk: Desk) -> ChangeId | None:
    """Plan that an account gives its name up; an open row that does so already serves as well."""
    link = tx.links.get(run.tenant_id, [ruling.person_id]).get(ruling.person_id)
    if link is None or _keeps_name(tx, run, config, ruling.person_id):
        return None
    freed = placeholder(link.values, config.unique_path, ruling.person_id)
    after = on_change(ruling.after) if ruling.after else None
    return rename(tx, run, link, freed, after, desk)


def _heal(tx: Transaction, run: Run, config: Configuration, held: set[ChangeId], desk: Desk) -> None:
    """Give people their names back who got a temporary one for a circle that then came to nothing.

    Whoever works under a name that nobody knows is locked out. So the way is gone back: the last who took a
    name returns it, until everybody has the name from before. The next run that can close the circle does.
    """
    for change in _planned(tx, run, held):
        link = tx.links.get(run.tenant_id, [change.person_id]).get(change.person_id)
        if link is not None and is_stranded(link, config) and not is_being_renamed(tx, run, link):
            go_back(tx, run, config, link, desk)


def _planned(tx: Transaction, run: Run, change_ids: set[ChangeId]) -> Sequence[Change]:
    if not change_ids:
        return ()
    return tx.changes.rows(
        run.tenant_id,
        states=[ChangeState.PLANNED],
        actions=[Action.UPDATE],
        change_ids=sorted(change_ids),
        limit=len(change_ids),
    )


def _keeps_name(tx: Transaction, run: Run, config: Configuration, person_id: PersonId) -> bool:
    """Say that somebody's account keeps its name whoever wants it, because a human fixed that."""
    fixed = tx.overrides.of(run.tenant_id, [person_id]).get(person_id, ())
    return any(each.kind is OverrideKind.IGNORE or each.path == config.unique_path for each in fixed)
