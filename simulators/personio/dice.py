"""A dice that falls the same way for the same seed, in every process."""

from collections.abc import Sequence
from random import Random  # noqa: TID251  a seeded dice is what this module is for
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draw repeatably: only `Random.random` is used, the one whose sequence Python promises to keep."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = Random(f"{seed}:{purpose}")

    def chance(self, share: float) -> bool:
        """Come up true in the given share of throws."""
        return self._random.random() < share

    def below(self, limit: int) -> int:
        """Draw a whole number from 0 up to, not including, the limit."""
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of the choices, each as likely as the next."""
        return choices[self.below(len(choices))]

    def draw(self, choices: Sequence[T], wanted: int) -> list[T]:
        """Draw that many different choices, or all of them where there are fewer."""
        pool = list(choices)
        for place in range(min(wanted, len(pool))):
            other = place + self.below(len(pool) - place)
            pool[place], pool[other] = pool[other], pool[place]
        return pool[:wanted]
