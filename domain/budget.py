"""How many requests may leave in which stretch of time, and for whom the last of them are kept."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

KEPT_FOR_URGENT = 5
"""One request of so many is kept for questions that somebody waits for: a fifth."""

SPREAD_SECONDS = 5.0
"""Pages closer together than this are not spread: due runs are looked for every five seconds."""


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

    `own` are the rules of the credential itself, `shared` is that of the address, whose pages are divided
    among the tenants that are `hungry`, and `logins` counts the logins of all of them.
    """

    who: str
    own: tuple[Rule, ...]
    shared: Rule
    logins: Rule
    hungry: int = 1

    def rules(self, ask: Ask) -> tuple[Rule, ...]:
        """Return the rules that a request must keep; only pages wait for a share of the address."""
        always = (*self.own, self.shared)
        match ask:
            case Ask.LIST:
                return (*always, self.share, *self.pace)
            case Ask.LOGIN:
                return (*always, self.logins)
            case Ask.NAMED:
                return always
            case _:
                assert_never(ask)

    @property
    def share(self) -> Rule:
        """Return what this credential may have of the address, which is a window of its own."""
        return Rule(f"share:{self.who}:{self.shared.name}", share_of(self.shared.allowance, self.hungry))

    @property
    def pace(self) -> tuple[Rule, ...]:
        """Return how far apart the pages of a small share are, if they are; they count in the same window."""
        apart = spread(self.share.allowance)
        return () if apart is None else (Rule(self.share.name, apart),)


def room(allowance: Allowance, ask: Ask, share: float = 1.0) -> int:
    """Return how many requests a window may hold before this one has to wait; never none at all."""
    most = allowance.requests * share
    return max(1, int(most - most / KEPT_FOR_URGENT if ask is Ask.LIST else most))


def share_of(allowance: Allowance, hungry: int) -> Allowance:
    """Divide a window evenly among so many tenants that read now.

    The pages of all shares have room in it together: whoever asks last finds its own untouched, in whatever
    order the others asked. Only where more tenants read than there is room for pages, one page is a share.
    """
    pages = max(1, room(allowance, Ask.LIST) // max(1, hungry))
    most = -(-pages * KEPT_FOR_URGENT // (KEPT_FOR_URGENT - 1))  # so many that `room` leaves just these pages
    return Allowance(most, allowance.seconds)


def spread(share: Allowance) -> Allowance | None:
    """Let the pages of a share of few pages leave one by one, over half of its window.

    Whoever is served first when a new minute begins would have taken its three pages before the last one is
    served at all. A share of many pages needs no such thing: some more or less are no great part of it.
    """
    apart = share.seconds / 2 / room(share, Ask.LIST)
    return Allowance(1, apart) if apart >= SPREAD_SECONDS else None
