"""Recognise changes that look like a slip: everybody rewritten, shuffled, or below one manager."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.account import Scalar
from domain.changes import Change
from domain.codes import Code
from domain.config import Configuration
from domain.guards import OFF, Bound, Off
from domain.ids import ChangeId, PersonId
from domain.keys import Hold

MOST_MANAGERS = 2
"""Two teams may become one; the reports of three managers who get the same one look like a slip."""

NAME_SOURCES = frozenset({"first_name", "last_name", "preferred_name"})
"""What tells who somebody is, beside the unique name."""

RIGHTS_PATHS = ("roles", "entitlements", "usertype")
"""Where SCIM applications write what an account may do."""


@dataclass(frozen=True, slots=True)
class ManagerMove:
    """A row that gives somebody another manager than they have."""

    change_id: ChangeId
    old: PersonId | None
    new: PersonId | None


@dataclass(frozen=True, slots=True)
class NameMove:
    """A row that gives one unique name up and takes another, both as fingerprints."""

    change: Change
    takes: bytes
    frees: bytes


def changed_paths(change: Change) -> frozenset[str]:
    """Tell which paths of an account a row would rewrite."""
    before, after = change.before or {}, change.after or {}
    return frozenset(path for path, value in after.items() if before.get(path) != value)


def mass_rewrites(rows: Sequence[Change], bound: Bound | Off, size: int) -> list[Hold]:
    """Hold the rows that rewrite an attribute which this run rewrites for too many people."""
    if bound == OFF:
        return []
    paths = {row.change_id: changed_paths(row) for row in rows}
    often = Counter(path for each in paths.values() for path in each)
    guilty = {path: count for path, count in often.items() if count > bound.a_day(size)}
    allowed = bound.a_day(size)
    holds: list[Hold] = []
    for change_id, each in paths.items():
        worst = max(sorted(each & guilty.keys()), key=lambda path: guilty[path], default=None)
        if worst is not None:
            told = (
                f"«{worst}» changes for {guilty[worst]} of {size} open accounts; {allowed} in 24 hours go by"
            )
            holds.append(Hold(change_id, Code.GUARD_UPDATES, told))
    return holds


def collapses(moves: Sequence[ManagerMove], bound: Bound | Off, size: int) -> list[Hold]:
    """Hold the rows by which the reports of many managers would all get the same one, or none."""
    if bound == OFF:
        return []
    under: dict[PersonId | None, list[ManagerMove]] = defaultdict(list)
    for move in moves:
        if move.old is not None and move.old != move.new:
            under[move.new].append(move)
    holds: list[Hold] = []
    for new, below in under.items():
        old = len({move.old for move in below})
        if len(below) >= bound.a_day(size) and old > MOST_MANAGERS:
            whom = f"person {new}" if new else "nobody"
            told = f"{len(below)} people with {old} managers would all get {whom} as their manager"
            holds += [Hold(move.change_id, Code.GUARD_MANAGERS, told) for move in below]
    return holds


def shuffles(moves: Sequence[NameMove], config: Configuration, size: int) -> list[Hold]:
    """Hold the rows by which people would turn into one another.

    a takes the name that b gives up, and is called as b was    held: their ids look exchanged
    names that travel in a circle, everybody stays who they are    held if more than a few people do so
    """
    givers = {move.frees: move for move in moves}
    pairs = [(move, givers[move.takes]) for move in moves if move.takes in givers]
    names = frozenset(line.path for line in config.lines if line.source in NAME_SOURCES)
    turned = {
        each.change.change_id
        for pair in pairs
        if _turns_into(*pair, names - {config.unique_path})
        for each in pair
    }
    told = f"{len(turned)} people would get name and unique name of one another: their ids look exchanged"
    holds = [Hold(change_id, Code.GUARD_SWAPS, told) for change_id in sorted(turned)]
    circling = _circling({taker.change.change_id: giver.change.change_id for taker, giver in pairs})
    bound = config.guards.exchanges
    if bound != OFF and len(circling) > (allowed := bound.a_day(size)):
        told = f"{len(circling)} people would exchange their unique names with one another; {allowed} go by"
        holds += [Hold(change_id, Code.GUARD_SWAPS, told) for change_id in sorted(circling - turned)]
    return holds


def _turns_into(taker: NameMove, giver: NameMove, names: Collection[str]) -> bool:
    """Tell that somebody gets another's unique name and is called like them; unknown names are suspicious."""
    mine, theirs = _called(taker.change.after, names), _called(giver.change.before, names)
    return mine == theirs and (not names or mine != _called(taker.change.before, names))


def _called(values: Mapping[str, Scalar] | None, names: Iterable[str]) -> dict[str, str]:
    told = {path: (values or {}).get(path) for path in names}
    return {path: value.casefold().strip() for path, value in told.items() if isinstance(value, str)}


def _circling(gives_to: Mapping[ChangeId, ChangeId]) -> set[ChangeId]:
    """Find the rows that wait for one another in a circle; each name is given up once, so no path forks."""
    found: set[ChangeId] = set()
    for start in gives_to:
        path, here = [start], gives_to[start]
        while here in gives_to and here not in path and here not in found:
            path.append(here)
            here = gives_to[here]
        if here in path:
            found.update(path[path.index(here) :])
    return found


def demotions(rows: Sequence[Change], owners: frozenset[str]) -> list[Hold]:
    """Hold the rows that would overwrite the very value by which the application knows an owner."""
    holds: list[Hold] = []
    for row in rows:
        told = {(path, str((row.before or {}).get(path))) for path in changed_paths(row)}
        if runs_the_application(told, owners):
            paths = ", ".join(sorted(path for path, _ in told))
            detail = f"{paths} would change, by which the application knows who runs it"
            holds.append(Hold(row.change_id, Code.GUARD_PROTECTED, detail))
    return holds


def tells_rights(path: str) -> bool:
    """Tell that a path of an account says what it may do."""
    return path.lower().startswith(RIGHTS_PATHS)


def runs_the_application(told: Iterable[tuple[str, str]], owners: frozenset[str]) -> bool:
    """Tell that an account is an owner's or an administrator's, by what the application tells of it.

    A word alone counts where SCIM writes rights; «path:word» counts at that path, whichever it is.
    """
    known = {word.casefold() for word in owners}
    return any(
        (value.casefold() in known and tells_rights(path)) or f"{path}:{value}".casefold() in known
        for path, value in told
    )
