"""Leave nobody under a temporary name: finish a circle of names that broke off, or go the whole way back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.account import Scalar
from domain.changes import OPEN, Action, Aspect, Change, ChangeState, on_change
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration
from domain.doubts import to_send
from domain.ids import ChangeId, PersonId, TenantId
from domain.keys import is_placeholder, renamed
from domain.link import Link
from domain.mapping import same_key
from domain.ports import Transaction
from domain.records import Job, Planned
from domain.run import Run
from workers.desk import Desk

LONGEST_WAY_BACK = 20
"""So many people in one circle give names back; nobody has seen a longer one."""

RENAMING = frozenset({Action.UPDATE, Action.REACTIVATE, Action.RELEASE_NAME})
"""Actions that may be a step of a circle."""

Step = tuple[Link, dict[str, Scalar]]
"""Who gets which name back."""


@dataclass(frozen=True, slots=True)
class Death:
    """A step that died, and its person's link as it is now: with what nobody knows since."""

    change: Change
    link: Link | None

    def is_unsure(self, path: str) -> bool:
        """Tell whether the request may have renamed an open account all the same."""
        return self.link is not None and self.link.active and path in self.link.doubts


def steps_died(tx: Transaction, tenant_id: TenantId, change_ids: Sequence[ChangeId], desk: Desk) -> None:
    """Do for rows that killed their workers what `give_names_back` does for those that were refused."""
    rows = tx.changes.rows(tenant_id, change_ids=change_ids, limit=len(change_ids)) if change_ids else ()
    by_run: defaultdict[str, list[Change]] = defaultdict(list)
    for row in rows:
        if row.action in RENAMING:
            by_run[row.run_id].append(row)
    config = tx.tenants.configuration(tenant_id) if by_run else None
    for same in by_run.values():
        run = tx.runs.get(tenant_id, same[0].run_id)
        if run is not None and config is not None:
            give_names_back(tx, run, config, [Job(row, None) for row in same], desk)


def give_names_back(
    tx: Transaction, run: Run, config: Configuration, died: Sequence[Job], desk: Desk
) -> None:
    """Give whoever is left under a temporary name another one, as soon as a step of the circle died.

    No later run would at once: what died is planned again a day later, as it was, and its name is free. After
    the last step the new name is sent alone; where that is no less than what was refused, or where somebody
    else's step died, the way is gone back.
    """
    steps = [job.change for job in died if job.change.action in RENAMING]
    links = tx.links.get(run.tenant_id, sorted({step.person_id for step in steps})) if steps else {}
    deaths = [Death(step, links.get(step.person_id)) for step in steps]
    moved = [_help(tx, run, config, each, deaths, desk) for each in deaths]
    moved += [_return(tx, run, config, link, deaths, desk) for link in _behind(tx, run, config, deaths)]
    if any(moved):
        tx.changes.release(run.tenant_id, run.run_id)


def is_stranded(link: Link, config: Configuration) -> bool:
    """Tell whether somebody works under a name that we made up."""
    return link.active and is_placeholder(link.values, config.unique_path, link.person_id)


def is_being_renamed(tx: Transaction, run: Run, link: Link) -> bool:
    """Tell whether the step that ends this is with a worker: should it die, names are given back then."""
    rows = tx.changes.rows(run.tenant_id, person_id=link.person_id, states=[ChangeState.WORKING])
    return any(row.action in RENAMING for row in rows)


def go_back(
    tx: Transaction,
    run: Run,
    config: Configuration,
    stranded: Link,
    desk: Desk,
    deaths: Sequence[Death] = (),
) -> bool:
    """Let the names be returned one after the other; not if one of these steps died just now."""
    way = _way_back(tx, run, config, stranded, deaths)
    if any(_is_step(each.change, way) for each in deaths):
        return False
    after: str | None = None
    for who, values in reversed(way):
        done = rename(tx, run, who, values, after, desk, Code.NAME_TEMPORARY)
        after = on_change(done) if done else None
    return bool(way)


def rename(
    tx: Transaction,
    run: Run,
    link: Link,
    values: dict[str, Scalar],
    after: str | None,
    desk: Desk,
    cause: Code | None = None,
) -> ChangeId | None:
    """Plan that an account gets another name; an open row about its name serves as well."""
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


def _help(
    tx: Transaction, run: Run, config: Configuration, death: Death, deaths: Sequence[Death], desk: Desk
) -> bool:
    """Bring the person themselves out of it whose step died."""
    link = death.link
    if link is None:
        return False
    if is_stranded(link, config):
        wanted = _name_alone(tx, run, config, death)
        if wanted:
            return bool(rename(tx, run, link, wanted, None, desk, Code.NAME_TEMPORARY))
        return go_back(tx, run, config, link, desk, deaths)
    freeing = death.change.action is Action.RELEASE_NAME
    return freeing and death.is_unsure(config.unique_path) and _return(tx, run, config, link, deaths, desk)


def _return(
    tx: Transaction, run: Run, config: Configuration, link: Link, deaths: Sequence[Death], desk: Desk
) -> bool:
    """Go the way back from a temporary name; from one that perhaps came about it is a single step."""
    if is_stranded(link, config):
        return go_back(tx, run, config, link, desk, deaths)
    step = _own_name(link, config)
    if any(_is_step(each.change, [(link, step)]) for each in deaths):
        return False
    return bool(rename(tx, run, link, step, None, desk, Code.NAME_TEMPORARY))


def _behind(tx: Transaction, run: Run, config: Configuration, deaths: Sequence[Death]) -> Iterator[Link]:
    """Find who is stranded because their last step waits for one that died, through however many others."""
    if not deaths:
        return
    moving = [Action.UPDATE, Action.REACTIVATE]
    rows = tx.changes.rows(run.tenant_id, states=[ChangeState.BLOCKED], actions=moving, limit=100_000)
    waiting: defaultdict[str | None, list[Change]] = defaultdict(list)
    for row in rows:
        waiting[row.blocked_on].append(row)
    reached = [each.change for each in deaths]
    own = {each.change.person_id for each in deaths}
    for change in reached:  # grows as it goes; a row waits for one other, so none comes twice
        reached += waiting.pop(on_change(change.change_id), [])
    people = sorted({change.person_id for change in reached} - own)
    links = tx.links.get(run.tenant_id, people) if people else {}
    yield from (link for _, link in sorted(links.items()) if is_stranded(link, config))


def _name_alone(tx: Transaction, run: Run, config: Configuration, death: Death) -> dict[str, Scalar]:
    """Return what of a dead change gives somebody their name; nothing if that was refused, or it is taken.

    Of what only killed its worker nobody knows whether it arrived: the same name once more is no harm.
    """
    change, link = death.change, death.link
    after = change.after or {}
    name = after.get(config.unique_path)
    if link is None or change.action is not Action.UPDATE or not isinstance(name, str):
        return {}
    alone = {path: after[path] for path in renamed(link.values, config.unique_path, name) if path in after}
    holders = tx.links.named(run.tenant_id, same_key(name))
    less = set(to_send(link, after)) - set(alone) or death.is_unsure(config.unique_path)
    if not less or any(each.person_id != link.person_id for each in holders):
        return {}
    return alone


def _way_back(
    tx: Transaction, run: Run, config: Configuration, stranded: Link, deaths: Sequence[Death]
) -> list[Step]:
    """Find who returns which name to whom, until one that is free; empty where that cannot be known.

    Whoever may have taken that last name, by a request without an answer, is given their own once more.
    """
    way: list[Step] = []
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
            return way + _perhaps_holding(before, way, config, deaths)
        if len(holders) > 1 or holders[0].person_id in {link.person_id for link, _ in way}:
            return []
        here = holders[0]
    return []


def _perhaps_holding(
    name: str, way: Sequence[Step], config: Configuration, deaths: Sequence[Death]
) -> list[Step]:
    known = {link.person_id for link, _ in way}
    path = config.unique_path
    return [
        (each.link, _own_name(each.link, config))
        for each in deaths
        if each.link and each.is_unsure(path) and each.link.person_id not in known
        if same_key(str((each.change.after or {}).get(path))) == same_key(name)
    ][:1]


def _own_name(link: Link, config: Configuration) -> dict[str, Scalar]:
    """Return the paths that carry an account's name, with the name that it has as far as we know."""
    return renamed(link.values, config.unique_path, str(link.values.get(config.unique_path)))


def _is_step(change: Change, way: Sequence[Step]) -> bool:
    """Tell whether this row was to do a step of this way."""
    steps: Mapping[PersonId, dict[str, Scalar]] = {link.person_id: values for link, values in way}
    return change.aspect is Aspect.NAME and steps.get(change.person_id) == change.after


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


def _open_release(tx: Transaction, run: Run, person_id: PersonId) -> ChangeId | None:
    states = [*sorted(OPEN), ChangeState.WORKING, ChangeState.PLANNED]
    rows = tx.changes.rows(run.tenant_id, person_id=person_id, states=states)
    return next((row.change_id for row in rows if row.aspect is Aspect.NAME), None)
