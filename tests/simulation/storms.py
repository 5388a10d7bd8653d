"""Storms: an application turns everybody away for a while, and counts who knocks all the same."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

MINUTE = timedelta(minutes=1)
STATUSES = (502, 503, 503, 504, 429)
WISHES = ("", "", "", "", "", "20", "300")
"""For how many seconds the application wants to be left alone; mostly it does not say."""

LASTS_S = (90, 300, 900, 3600)
OF_WRITES = 0.25
"""How often a storm is about writes only, as where a database may only be read."""

ENOUGH = 10
"""Five failures in a row say that an application is unwell; a worker may die, or not be able to note one."""

UNDER_WAY = timedelta(seconds=60)
"""Whoever knew nothing yet is answered by then, and knows."""

ANSWERED = timedelta(seconds=35)
"""So long after everybody could know it nobody is on the way any more who did not: an answer takes 28 s."""

CLOSEST = timedelta(seconds=4)
"""No two look within so short a time: the shortest rest after a probe that went wrong is five seconds."""

MOST_A_MINUTE = 4
"""What is promised of probes: one after 5, 10, 20, and then every 30 seconds."""


@dataclass(frozen=True)
class Asked:
    """One request that is on its way: who sent it, whether it writes, and since when."""

    process: str
    writes: bool
    at: datetime


@dataclass
class Storm:
    """One storm: it begins with somebody's write, when there is work in hand, and ends by the clock.

    `knocks` are the requests of those who should know better, `under_way` since when each is on its way now.
    """

    lasts: timedelta
    status: int
    until: datetime | None = None
    wish: str = ""
    of_writes: bool = False
    knocks: list[datetime] = field(default_factory=list)
    under_way: list[Asked] = field(default_factory=list)
    refused_questions_since: datetime | None = None

    def turns_away(self, at: datetime, *, writes: bool) -> bool:
        """Tell whether somebody who knocks now is sent away."""
        if self.until is None and writes:
            self.until = at + self.lasts
        return self.until is not None and at < self.until and (writes or not self.of_writes)

    def knock(self, at: datetime, all_awake_since: datetime, *, writes: bool) -> str:
        """Count a knock; returns what is wrong with so many.

        Where questions are answered, one may show a resting application to be well: only of the others is a
        number promised. Until the first question is turned away nobody knows that they are, too.
        """
        if not writes and self.refused_questions_since is None:
            self.refused_questions_since = at
        if self.of_writes:
            return ""
        knows_all = self.refused_questions_since or datetime.max.replace(tzinfo=UTC) - UNDER_WAY
        if writes or at > knows_all + UNDER_WAY:
            self.knocks.append(at)
        if len(self.knocks) < ENOUGH:
            return ""
        known = max(self.knocks[ENOUGH - 1], all_awake_since) + UNDER_WAY
        if broken := self._at_once(known, max(known, knows_all + UNDER_WAY)):
            return broken
        lately = [each for each in self.knocks if each > max(known, at - MINUTE)]
        since = max(self.knocks[ENOUGH - 1], all_awake_since) + ANSWERED
        if any(later - each < CLOSEST for each, later in pairwise(self.knocks) if each > since):
            return "two looked in the same seconds whether an application that turns everybody away is well"
        if len(lately) <= MOST_A_MINUTE:
            return ""
        return f"an application that turns everybody away was asked {len(lately)} times in a minute"

    def _at_once(self, known: datetime, known_of_questions: datetime) -> str:
        """Find that several looked at once, or that one process asked several questions at once."""
        late = [each for each in self.under_way if each.at > known]
        looking = [each for each in late if each.writes or each.at > known_of_questions]
        if len(looking) > 1:
            return f"{len(looking)} looked at once whether an application that turns everybody away is well"
        most = max(Counter((each.process, each.writes) for each in late).values(), default=0)
        return f"one process asked an application that is unwell {most} times at once" if most > 1 else ""

    @contextmanager
    def asked_by_one(self, asked: Asked) -> Iterator[None]:
        """Know of a request from its sending to its answer."""
        self.under_way.append(asked)
        try:
            yield
        finally:
            self.under_way.remove(asked)


def a_storm(dice: Random) -> Storm:
    """Let a storm come up."""
    return Storm(
        lasts=timedelta(seconds=dice.choice(LASTS_S)),
        status=dice.choice(STATUSES),
        wish=dice.choice(WISHES),
        of_writes=dice.random() < OF_WRITES,
    )
