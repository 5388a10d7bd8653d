"""Who in a made-up company is external, on leave, gone, without e-mail: exact shares, drawn by lot."""

from dataclasses import dataclass

from simulators.personio.dice import Dice
from simulators.personio.tree import Tree

EXTERNAL, LEAVE, ONBOARDING, INACTIVE, SPECIAL_NAMES = 0.08, 0.04, 0.02, 0.05, 0.30
REMOTE = 0.03
ODDITIES_FROM = 10
"""A company smaller than this has nobody without e-mail, without a boss, or born in 1835."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Places in the tree, by what is particular about the person there."""

    external: frozenset[int]
    leave: frozenset[int]
    onboarding: frozenset[int]
    inactive: frozenset[int]
    special_name: frozenset[int]
    remote: frozenset[int]
    no_email: int | None
    stray_supervisor: int | None
    historic: int | None

    def status(self, place: int) -> str:
        """Tell the employment status of a place."""
        named = {"leave": self.leave, "onboarding": self.onboarding, "inactive": self.inactive}
        return next((status for status, places in named.items() if place in places), "active")


def assign_roles(tree: Tree, dice: Dice) -> Roles:
    """Draw the lots; leavers and joiners lead nobody, so that a made-up company starts in good order."""
    everybody = range(tree.headcount)
    members = [place for place in everybody if place and not tree.leads(place)]
    shares = {name: round(share * tree.headcount) for name, share in _STATUS_SHARES.items()}
    drawn = dice.draw(members, sum(shares.values()))
    leave, onboarding, inactive = _cut(drawn, [shares["leave"], shares["onboarding"], shares["inactive"]])
    external = frozenset(dice.draw(members, round(EXTERNAL * tree.headcount)))
    taken = external.union(drawn)
    odd = _oddities(tree, [place for place in members if place not in taken], dice)
    return Roles(
        external=external,
        leave=leave,
        onboarding=onboarding,
        inactive=inactive,
        special_name=frozenset(dice.draw(everybody, round(SPECIAL_NAMES * tree.headcount))),
        remote=frozenset(dice.draw(everybody, round(REMOTE * tree.headcount))),
        no_email=odd[0],
        stray_supervisor=odd[1],
        historic=odd[2],
    )


_STATUS_SHARES = {"leave": LEAVE, "onboarding": ONBOARDING, "inactive": INACTIVE}


def _cut(places: list[int], sizes: list[int]) -> list[frozenset[int]]:
    parts, start = [], 0
    for size in sizes:
        parts.append(frozenset(places[start : start + size]))
        start += size
    return parts


def _oddities(tree: Tree, candidates: list[int], dice: Dice) -> list[int | None]:
    if tree.headcount < ODDITIES_FROM:
        return [None, None, None]
    return [*dice.draw(candidates, 3), None, None, None][:3]
