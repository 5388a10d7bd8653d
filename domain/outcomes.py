"""What a worker may answer after a message: exactly one line of the log tells it."""

from dataclasses import dataclass
from typing import TypeAlias

from domain.codes import Code


@dataclass(frozen=True, slots=True)
class Did:
    """Something was done. `figures` are counts for the log line."""

    what: str
    figures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing was due: a doubled, late or foreign doorbell."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """A temporary failure: the store knows when it is due again."""

    code: Code
    detail: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot go on; a human hears of it."""

    code: Code
    detail: str


HandlerOutcome: TypeAlias = Did | Nothing | Later | Failed
