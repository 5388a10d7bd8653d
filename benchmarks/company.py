"""One per cent of a simulated company changes: marriages, moves, leavers and joiners, seeded."""

from random import Random  # noqa: TID251  the same seed must give the same year to every run

from simulators.personio.control import Control
from simulators.personio.told import Told

SEED = 7


def change_one_per_cent(personio: Control, people: int) -> int:
    """Let a quarter each marry, move, leave and join; return how many things happened."""
    truth = personio.truth()
    inside = [each for each in truth.people if _is_synced(each)]
    dice = Random(SEED)  # noqa: S311  no secret hangs on it
    each = max(1, people // 400)
    chosen = dice.sample(inside, 3 * each)
    for number, person in enumerate(chosen[:each]):
        personio.company.marry(person.id, f"Newlywed{number}", email=f"newlywed{number}@example.com")
    departments = sorted({person.department for person in inside if person.department})
    for person in chosen[each : 2 * each]:
        others = [name for name in departments if name != person.department]
        personio.company.move(person.id, department=dice.choice(others))
    for person in chosen[2 * each :]:
        personio.company.terminate(person.id)
    for number in range(each):
        personio.company.hire(
            first_name="Joy", last_name=f"Joiner{number}", email=f"joiner{number}@example.com"
        )
    return 4 * each


def _is_synced(person: Told) -> bool:
    return bool(person.email) and person.status == "active" and person.employment_type == "internal"
