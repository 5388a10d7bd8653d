"""Unique names: who wants one, who holds it, who gives it up, and in which order that can go well."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from domain.account import Scalar
from domain.codes import Code
from domain.config import ReleaseNames
from domain.ids import ChangeId, PersonId


@dataclass(frozen=True, slots=True)
class Wanter:
    """A row that wants a name. `frees` is the fingerprint of the name that the same row gives up.

    `held`: it goes only once a human, or a day, lets it.
    """

    change_id: ChangeId
    person_id: PersonId
    frees: bytes | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """The person whose account has the name. `change_id` is their open or planned account row, if any.

    `leaving`: that row deactivates. `giving_up`: that row takes another name. `active`: the account is open.
    """

    person_id: PersonId
    active: bool
    change_id: ChangeId | None = None
    leaving: bool = False
    giving_up: bool = False


@dataclass(frozen=True, slots=True)
class Contest:
    """One name (as a fingerprint), everybody who wants it, and who holds it."""

    key: bytes
    wanters: tuple[Wanter, ...]
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Let a row wait until another one is done."""

    change_id: ChangeId
    on: ChangeId


@dataclass(frozen=True, slots=True)
class FreeName:
    """Make the holder's account give its name up, after `after` is done; `for_change` waits for that."""

    person_id: PersonId
    after: ChangeId | None
    for_change: ChangeId


@dataclass(frozen=True, slots=True)
class Hold:
    """Let a human decide."""

    change_id: ChangeId
    why: Code
    detail: str


Ruling: TypeAlias = Wait | FreeName | Hold


def resolve(contests: Sequence[Contest], policy: ReleaseNames) -> list[Ruling]:
    """Order the claims to unique names.

    wanted by two people                       both held
    holder stays as they are                   held
    holder takes another name in this plan     wait for that row; a circle is cut by freeing one name first,
                                               but not while one of its rows is held: it could not be closed
    holder leaves in this plan                 free the name after that, then take it
    holder's account is closed                 free the name, then take it
    """
    rulings: list[Ruling] = []
    waits: dict[ChangeId, tuple[ChangeId, PersonId]] = {}
    for contest in contests:
        if len({wanter.person_id for wanter in contest.wanters}) > 1:
            rulings += [_shared(wanter) for wanter in contest.wanters]
        elif contest.holder and contest.wanters:
            wanter, holder = contest.wanters[0], contest.holder
            if holder.giving_up and holder.change_id:
                waits[wanter.change_id] = (holder.change_id, holder.person_id)
            else:
                rulings.append(_from_holder(wanter, holder, policy))
    held = {wanter.change_id for contest in contests for wanter in contest.wanters if wanter.held}
    return rulings + _ordered(waits, held)


def placeholder(values: Mapping[str, Scalar], unique_path: str, person_id: PersonId) -> dict[str, Scalar]:
    """Return the paths that carry the name, with a value that nobody wants.

    An address stays an address at its own domain, so that strict targets accept it. The same person and name
    always give the same placeholder: sending it twice changes nothing.
    """
    name = values.get(unique_path)
    if not isinstance(name, str) or not name:
        return {}
    _, at, domain = name.partition("@")
    freed = f"released.{person_id}{at}{domain}"
    return {path: freed for path, value in values.items() if value == name}


def is_placeholder(values: Mapping[str, Scalar], unique_path: str, person_id: PersonId) -> bool:
    """Tell whether an account has a name that we made up for it."""
    name = values.get(unique_path)
    return isinstance(name, str) and name.partition("@")[0] == f"released.{person_id}"


def renamed(values: Mapping[str, Scalar], unique_path: str, name: str) -> dict[str, Scalar]:
    """Return the paths that carry an account's name, with another name."""
    return {path: name for path, value in values.items() if value == values.get(unique_path)}


def _shared(wanter: Wanter) -> Hold:
    return Hold(wanter.change_id, Code.KEY_SHARED, "two people have the same e-mail or user name in Personio")


def _from_holder(wanter: Wanter, holder: Holder, policy: ReleaseNames) -> Ruling:
    if holder.active and not holder.leaving:
        return Hold(wanter.change_id, Code.KEY_SHARED, f"held by the account of person {holder.person_id}")
    if policy is ReleaseNames.NEVER:
        return Hold(
            wanter.change_id, Code.KEY_SHARED, f"held by the closed account of person {holder.person_id}"
        )
    return FreeName(holder.person_id, holder.change_id if holder.leaving else None, wanter.change_id)


def _ordered(
    waits: Mapping[ChangeId, tuple[ChangeId, PersonId]], held: AbstractSet[ChangeId]
) -> list[Ruling]:
    """Turn «row waits for row» into rulings; one edge of each circle is replaced by freeing a name."""
    rulings: list[Ruling] = []
    cut: set[ChangeId] = set()
    for start in sorted(waits):
        circle = _circle(start, waits, cut)
        if circle and start == min(circle) and held.isdisjoint(circle):
            _, holder = waits[start]
            rulings.append(FreeName(holder, None, start))
            cut.add(start)
    rulings += [Wait(change_id, on) for change_id, (on, _) in sorted(waits.items()) if change_id not in cut]
    return rulings


def _circle(
    start: ChangeId, waits: Mapping[ChangeId, tuple[ChangeId, PersonId]], cut: set[ChangeId]
) -> list[ChangeId]:
    path, here = [start], waits[start][0]
    while here in waits and here not in cut and here not in path:
        path.append(here)
        here = waits[here][0]
    return path if here == start else []
