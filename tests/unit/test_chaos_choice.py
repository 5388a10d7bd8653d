"""The choice of misfortunes can be repeated, and every role is struck about as often as any other."""

from collections import Counter
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from tests.chaos.__main__ import choose, parser

ROLES = ("scheduler", "fetch", "reconcile", "reconcile-2", "suspects", "notify", "up")


def names(seed: int, *told: str) -> list[str]:
    given = parser().parse_args(["--kills", "20", *told])
    return [each.name for each in choose(given, ROLES, Random(seed))]  # noqa: S311  seeded on purpose


def test_one_seed_chooses_the_same_misfortunes_again_and_another_one_others() -> None:
    assert names(7) == names(7) != names(8)


def test_every_role_is_killed_and_every_other_misfortune_strikes_as_often_as_asked() -> None:
    counted = Counter(names(7, "--rounds", "2", "--database", "postgres"))
    assert {counted[f"kill -9 {role}"] for role in ROLES} <= {2, 3}
    others = [count for name, count in counted.items() if name.removeprefix("kill -9 ") not in ROLES]
    assert set(others) == {2}
    assert counted["database restarted at once"] == counted["FLUSHALL"] == 2
