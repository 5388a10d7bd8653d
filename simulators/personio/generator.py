"""Make up a company from a seed: the same people, byte for byte, whenever and wherever it is asked for."""

from dataclasses import dataclass
from datetime import date, datetime

from simulators.personio.attributes import catalogue_of
from simulators.personio.biography import Biographer
from simulators.personio.company import Company
from simulators.personio.dice import Dice
from simulators.personio.person import Person, Value
from simulators.personio.roles import Roles, assign_roles
from simulators.personio.tree import Tree, grow
from simulators.personio.units import found_units

TODAY = date(2026, 11, 2)
"""The day on which a generated company is told; fixed, so that a seed gives the same bytes tomorrow."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A person before the company numbers its people by the moment they were entered."""

    place: int
    created_at: datetime
    modified_at: datetime
    modified_key: str
    values: dict[str, Value]


def generate(headcount: int, seed: int, today: date = TODAY) -> Company:
    """Make up a company of that many people."""
    if not 1 <= headcount <= 100_000:
        raise ValueError("a company has between 1 and 100,000 people; choose a head count in between")
    catalogue, units = catalogue_of(seed), found_units(seed)
    tree = grow(headcount)
    roles = assign_roles(tree, Dice(seed, "roles"))
    drafts = _drafts(tree, roles, Biographer(Dice(seed, "people"), units, catalogue, today))
    people = _numbered(drafts, tree, roles, Dice(seed, "numbers"))
    return Company(catalogue, today, people, units.all)


def _drafts(tree: Tree, roles: Roles, biographer: Biographer) -> list[_Draft]:
    drafts = []
    for place in range(tree.headcount):
        values = biographer.write(place, tree, roles)
        created, modified, key = biographer.record_dates(values)
        drafts.append(_Draft(place, created, modified, key, values))
    return sorted(drafts, key=lambda draft: (draft.created_at, draft.place))


def _numbered(drafts: list[_Draft], tree: Tree, roles: Roles, dice: Dice) -> list[Person]:
    """Give out ids in the order of entry and point every supervisor at one; one of them leads nowhere."""
    number = dice.between(11_000_000, 14_000_000)
    ids: dict[int, int] = {}
    for draft in drafts:
        number += dice.between(1, 900)
        ids[draft.place] = number
    stray = dice.between(1_000_000, 9_000_000)
    people = []
    for draft in drafts:
        boss = tree.boss_of(draft.place)
        draft.values["supervisor"] = None if boss is None else ids[boss]
        if draft.place == roles.stray_supervisor:
            draft.values["supervisor"] = stray
        touched = {draft.modified_key: draft.modified_at} if draft.modified_at > draft.created_at else {}
        people.append(Person(ids[draft.place], draft.created_at, draft.modified_at, draft.values, touched))
    return people
