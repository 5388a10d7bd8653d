"""Choose who plays which part in the demo."""

from collections.abc import Iterable, Sequence

from bootstrap.demo.world import World
from simulators.personio.told import Told


def wanted(world: World) -> Sequence[Told]:
    """Return everybody whom the demo's filter gives an account, in the company's order."""
    return [person for person in world.personio.truth().people if is_wanted(person)]


def is_wanted(person: Told) -> bool:
    """Tell whether the demo's filter gives this person an account."""
    chosen = person.status in {"active", "leave"} and person.employment_type == "internal"
    return chosen and bool(person.email)


def cast(people: Iterable[Told]) -> tuple[Told, Told, Told, Told]:
    """Choose a bride, a mover with another boss, a leaver whom nobody reports to, and a new boss."""
    chosen = [person for person in people if is_wanted(person)]
    ids = frozenset(person.id for person in chosen)
    bosses = {person.supervisor_id for person in chosen}
    single = [person for person in chosen if person.id not in bosses and person.supervisor_id in ids]
    bride, mover, leaver = single[:3]
    boss = next(
        person for person in chosen if person.id in bosses - {mover.supervisor_id, leaver.supervisor_id}
    )
    return bride, mover, leaver, boss
