"""Die before each change of the world in a company's first days; `make crash` dies everywhere, and twice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.__main__ import somewhere
from tests.crash.drive import Stage, Walk, World
from tests.crash.points import Blow, Fate, Point
from tests.crash.scenario import APPROVAL, CHANGES, FIRST, REQUEUE, STAGES, UNCHANGED

FATES: dict[str, tuple[Fate, ...]] = {
    FIRST: (Fate.DIES, Fate.GIVES_WAY, Fate.UNHEARD),
    UNCHANGED: (Fate.DIES,),
    CHANGES: (Fate.DIES,),
    APPROVAL: (Fate.DIES,),
    REQUEUE: (Fate.DIES,),
}
"""What happens in which stage; in `make crash` everything everywhere."""

WHOLE = frozenset({FIRST, CHANGES, APPROVAL, REQUEUE})


@pytest.fixture
def there(tmp_path: Path) -> Iterator[World]:
    with somewhere(tmp_path, "sqlite", turn=timedelta(0)) as ready:
        yield ready


@dataclass
class Chosen:
    """Choose every blow that leaves another world, and count the boundaries that were struck."""

    struck: Counter[str] = field(default_factory=Counter)

    def __call__(self, stage: Stage, points: Sequence[Point]) -> Sequence[Blow]:
        blows = [
            Blow(fate, point)
            for point in (points if stage.name in WHOLE else first_and_last(points))
            for fate in FATES.get(stage.name, ())
            if (point.precedes_a_change if fate is Fate.DIES else fate.may_meet(point))
        ]
        self.struck.update(blow.point.name for blow in blows)
        return blows


def first_and_last(points: Sequence[Point]) -> Sequence[Point]:
    """Leave out what lies between: the second page of three, the third request of six."""
    last = {point.name: point.nth for point in points}
    return [point for point in points if point.nth in {1, last[point.name]}]


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.timeout(900)
def test_a1_a2_a3_a4_a5_a20_a21_c5_c11_no_boundary_is_a_place_at_which_anybody_gets_lost(
    there: World,
) -> None:
    chosen = Chosen()
    walk = Walk(there, chosen, print)
    walk.through(STAGES)
    assert walk.wrong == []
    assert (walk.tally.lost, walk.tally.duplicated, walk.tally.unexpected) == (0, 0, 0)
    assert walk.tally.recovered == walk.blows == chosen.struck.total()
    assert never_reached(chosen.struck) == []


def never_reached(died: Counter[str]) -> list[str]:
    """List the boundaries that nobody came to although they must: a wrapper that fell off would hide them."""
    wanted = {
        "A1 A2": "employee-changed/1: before target POST /scim/v2/Users",
        "A2 update": "employee-changed/1: before target PATCH /scim/v2/Users/{}",
        "A3": "employee-changed/1: before ack",
        "A4": "page-due/1: before commit",
        "A5": "employee-changed/1: before enqueue EmployeeChanged",
        "A20": "activate: before enqueue EmployeeChanged",
        "sweep": "sweep: before commit",
        "approval": "approve: before commit",
        "requeue": "requeue: before commit",
        "conclude": "conclude-due/1: before commit",
    }
    return [why for why, name in wanted.items() if not died[name]]
