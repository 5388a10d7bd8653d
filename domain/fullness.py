"""Tell how full the memory of the queue is, and from when on a human must hear of it."""

from dataclasses import dataclass

ALARMING = 70
"""Per cent. At the limit the queue takes nothing any more, not even the word that a message is done."""

STEP = 5
"""A figure told in so large steps is not written anew at every look."""


@dataclass(frozen=True, slots=True)
class Fullness:
    """How many bytes are used, and how many there may be; 0 where nobody set a limit."""

    used: int
    limit: int


def is_high(fullness: Fullness) -> bool:
    """Tell whether it is time for an alarm; without a limit it never is."""
    return fullness.limit > 0 and fullness.used * 100 > fullness.limit * ALARMING


def told(fullness: Fullness) -> str:
    """Say it for a human, rounded down to steps that are worth a word."""
    share = fullness.used * 100 // fullness.limit // STEP * STEP
    return f"{share} % or more of {fullness.limit / 2**20:.0f} MiB"
