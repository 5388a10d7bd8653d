"""Who reports to whom in a made-up company, counted by place: place 0 is at the top."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """A regular tree: everybody leads the next `span` people in line."""

    headcount: int
    span: int

    def boss_of(self, place: int) -> int | None:
        """Tell whom a place reports to; the top reports to nobody."""
        return None if place == 0 else (place - 1) // self.span

    def leads(self, place: int) -> bool:
        """Say whether anybody reports to this place."""
        return place * self.span + 1 < self.headcount

    def branch(self, place: int, depth: int) -> int | None:
        """Tell which branch, counted from 0 at the given depth, a place hangs on; None above that depth."""
        path = [place]
        while (boss := self.boss_of(path[-1])) is not None:
            path.append(boss)
        if len(path) <= depth:
            return None
        return path[-1 - depth] - self._first_at(depth)

    def _first_at(self, depth: int) -> int:
        return sum(self.span**level for level in range(depth))


def grow(headcount: int) -> Tree:
    """Choose a span that gives a company of this size enough levels to be interesting."""
    return Tree(headcount, 3 if headcount < 100 else 6)
