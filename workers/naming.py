"""Settle unique names: who gets a contested one, who gives theirs up, and who gets an old one back."""

from collections.abc import Sequence
from typing import assert_never

from domain.account import Scalar
from domain.changes import OPEN, Action, Aspect, Change, ChangeState, on_change
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration, ReleaseNames
from domain.doubts import to_send
from domain.ids import ChangeId, PersonId
from domain.keys import FreeName, Hold, Ruling, Wait, is_placeholder, placeholder, renamed, resolve
from domain.link import Link
from domain.mapping import same_key
from domain.overrides import OverrideKind
from domain.ports import Transaction
from domain.records import Job, Planned
from domain.run import Run
from workers.desk import Desk

LONGEST_WAY_BACK = 20
"""So many people in one circle give names back; nobody has seen a longer one."""


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


def rename_refused(
    tx: Transaction, run: Run, config: Configuration, refused: Sequence[Job], desk: Desk
) -> None:
    """Give whoever is left under a temporary name another one, as soon as the change died that was to do so.

    No later run would: what was refused is planned again a day later, as it was, and its name is free. So the
    new name is sent alone, and where that is no less than what was refused, the way is gone back.
    """
    stranded = [(job, job.link) for job in refused if job.link and _is_stranded(job.link, config)]
    for job, link in stranded:
        wanted = _name_alone(tx, run, config, job.change, link)
        if wanted:
            _rename(tx, run, link, wanted, None, desk, Code.NAME_TEMPORARY)
        else:
            _go_back(tx, run, config, link, desk, job.change)
    if stranded:
        tx.changes.release(run.tenant_id, run.run_id)


def _is_stranded(link: Link, config: Configuration) -> bool:
    return link.active and is_placeholder(link.values, config.unique_path, link.person_id)


def _name_alone(
    tx: Transaction, run: Run, config: Configuration, change: Change, link: Link
) -> dict[str, Scalar]:
    """Return what of a refused change gives somebody their name; nothing if that was all, or it is taken."""
    after = change.after or {}
    name = after.get(config.unique_path)
    if change.action is not Action.UPDATE or not isinstance(name, str):
        return {}
    alone = {path: after[path] for path in renamed(link.values, config.unique_path, name) if path in after}
    holders = tx.links.named(run.tenant_id, same_key(name))
    if not set(to_send(link, after)) - set(alone) or any(
        each.person_id != link.person_id for each in holders
    ):
        return {}
    return alone


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
    return _rename(tx, run, link, freed, after, desk)


def _rename(
    tx: Transaction,
    run: Run,
    link: Link,
    values: dict[str, Scalar],
    after: str | None,
    desk: Desk,
    cause: Code | None = None,
) -> ChangeId | None:
    wish = Wish(
        link.person_id,
        Aspect.NAME,
        Action.RELEASE_NAME,
        before={path: link.values.get(path) for path in values},
        after=values,
        cause=cause,
        link_version=link.version,
    )
    change_id = ChangeId(desk.ids.new())
    planned = Planned(wish, after)
    if tx.changes.insert(run.tenant_id, run.run_id, change_id, planned, run.config_version):
        return change_id
    return _open_release(tx, run, link.person_id)


def _open_release(tx: Transaction, run: Run, person_id: PersonId) -> ChangeId | None:
    states = [*sorted(OPEN), ChangeState.WORKING, ChangeState.PLANNED]
    rows = tx.changes.rows(run.tenant_id, person_id=person_id, states=states)
    return next((row.change_id for row in rows if row.aspect is Aspect.NAME), None)


def _heal(tx: Transaction, run: Run, config: Configuration, held: set[ChangeId], desk: Desk) -> None:
    """Give people their names back who got a temporary one for a circle that then came to nothing.

    Whoever works under a name that nobody knows is locked out. So the way is gone back: the last who took a
    name returns it, until everybody has the name from before. The next run that can close the circle does.
    """
    for change in _planned(tx, run, held):
        link = tx.links.get(run.tenant_id, [change.person_id]).get(change.person_id)
        if link is not None and _is_stranded(link, config):
            _go_back(tx, run, config, link, desk)


def _go_back(
    tx: Transaction,
    run: Run,
    config: Configuration,
    stranded: Link,
    desk: Desk,
    refused: Change | None = None,
) -> None:
    """Let the names be returned one after the other; not if the last of these steps was refused just now."""
    way = _way_back(tx, run, config, stranded)
    if refused is not None and way and refused.aspect is Aspect.NAME and refused.after == way[0][1]:
        return
    after: str | None = None
    for who, values in reversed(way):
        done = _rename(tx, run, who, values, after, desk, Code.NAME_TEMPORARY)
        after = on_change(done) if done else None


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


def _way_back(
    tx: Transaction, run: Run, config: Configuration, stranded: Link
) -> list[tuple[Link, dict[str, Scalar]]]:
    """Find who returns which name to whom, until one that is free; empty where that cannot be known."""
    way: list[tuple[Link, dict[str, Scalar]]] = []
    here = stranded
    while len(way) < LONGEST_WAY_BACK:
        before = _name_before(tx, run, config, here)
        if before is None:
            return []
        way.append((here, renamed(here.values, config.unique_path, before)))
        holders = [
            each
            for each in tx.links.named(run.tenant_id, same_key(before))
            if each.person_id != here.person_id
        ]
        if not holders:
            return way
        if len(holders) > 1 or holders[0].person_id in {link.person_id for link, _ in way}:
            return []
        here = holders[0]
    return []


def _name_before(tx: Transaction, run: Run, config: Configuration, link: Link) -> str | None:
    """Tell which name an account had before the one it has now, by the row that changed it."""
    rows = tx.changes.rows(
        run.tenant_id, person_id=link.person_id, states=[ChangeState.APPLIED], limit=10_000
    )
    path, now = config.unique_path, link.values.get(config.unique_path)
    for row in reversed(rows):
        before = (row.before or {}).get(path)
        if (row.after or {}).get(path) == now and row.before is not None and before != now:
            return before if isinstance(before, str) and before else None
    return None


def _keeps_name(tx: Transaction, run: Run, config: Configuration, person_id: PersonId) -> bool:
    """Say that somebody's account keeps its name whoever wants it, because a human fixed that."""
    fixed = tx.overrides.of(run.tenant_id, [person_id]).get(person_id, ())
    return any(each.kind is OverrideKind.IGNORE or each.path == config.unique_path for each in fixed)
