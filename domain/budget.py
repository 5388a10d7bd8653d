"""How many requests may leave in which stretch of time, and for whom the last of them are kept."""

from dataclasses import dataclass
from enum import StrEnum

KEPT_FOR_URGENT = 5
"""One request of so many is kept for questions that somebody waits for: a fifth."""


class Ask(StrEnum):
    """Name what a request is for: lists wait first, and only a login counts as one."""

    LIST = "list"
    NAMED = "named"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Say how many requests may leave within any stretch of so many seconds."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rule:
    """Bind an allowance to whoever shares it: one credential, or one address for all tenants."""

    name: str
    allowance: Allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All that one credential's requests must keep.

    `own` are the rules of the credential itself, `shared` is that of the address, divided fairly between
    the credentials that ask, and `logins` counts the logins of all of them.
    """

    who: str
    own: tuple[Rule, ...]
    shared: Rule
    logins: Rule

    def rules(self, ask: Ask) -> tuple[Rule, ...]:
        """Return the rules that a request must keep."""
        always = (*self.own, self.shared)
        return (*always, self.logins) if ask is Ask.LOGIN else always


def room(allowance: Allowance, ask: Ask, share: float = 1.0) -> int:
    """Return how many requests a window may hold before this one has to wait; never none at all."""
    most = allowance.requests * share
    return max(1, int(most - most / KEPT_FOR_URGENT if ask is Ask.LIST else most))
