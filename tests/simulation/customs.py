"""What some tenants of a story want beyond the usual, and what may then never be seen from outside."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from domain.changes import Change
from domain.config import Approvers, Configuration
from domain.ids import AccountId, PersonId
from domain.run import BY_ITSELF, Run
from domain.schedule import Hours, holds_now
from tests.simulation.application import Write
from tests.simulation.stage import MORNING

OPENS, CLOSES = time(18), time(2)
QUIET = Hours(time(11), time(13, 30))
DAYS = 8
"""From the closing of an account to its removal; a tenant may not ask for fewer than seven."""

IN_FLIGHT = timedelta(seconds=60)
"""A write begins at most 15 s after its row was taken and takes 30 s; so late it may come after a «no»."""

MOST_REMOVED_A_DAY = 4
"""Two a day in a small company; as many again may be late from the day before."""

NAMES = ("deletes", "hours", "two yeses", "strict")
ACTS = {"deletes": ("cancel_removals",) * 6, "two yeses": ("approve_what_is_right",) * 6}
"""What operators do more often where somebody wants that."""

PASSES = {"deletes": (DAYS * 86_400 + 3700, 90_000), "hours": (8 * 3600, 12 * 3600)}
"""How long a beat may take as well there."""

USUAL = 5
"""So often in nine a tenant has no custom at all."""

Yes = frozenset[tuple[object, ...]]
"""The changes that somebody said yes to, as they read them."""


def chosen(dice: Random, config: Configuration) -> tuple[frozenset[str], Configuration]:
    """Choose what a tenant wants beyond the usual: nothing, one thing, or two."""
    picked = [dice.choice([*[""] * USUAL, *NAMES]), dice.choice([*[""] * USUAL * 3, *NAMES])]
    names = frozenset(filter(None, picked))
    policy, schedule = config.policy, config.schedule
    if "deletes" in names:
        policy = replace(policy, left_deleted_after=DAYS, left_filter_deleted_after=DAYS)
        policy = replace(policy, not_seen_deleted_after=DAYS)
    if "two yeses" in names:
        policy = replace(policy, approval=Approvers.TWO)
    if "strict" in names:
        policy = replace(policy, strict=True)
    if "hours" in names:
        schedule = replace(schedule, apply=Hours(OPENS, CLOSES), quiet=(QUIET,))
    return names, replace(config, policy=policy, schedule=schedule)


def content(rows: Sequence[Change]) -> Yes:
    """Write down what a yes to these rows says yes to."""
    return frozenset(
        (row.person_id, row.action, row.cause, row.after_manager, tuple(sorted((row.after or {}).items())))
        for row in rows
    )


@dataclass
class Watch:
    """Watch over the customs of one tenant. `asked_by` tells who asked for what is sent for a person.

    What humans did is counted here, by the model; the house is only asked why it writes.
    """

    names: frozenset[str] = frozenset()
    asked_by: Callable[[PersonId], frozenset[str]] | None = None
    asked: bool = False
    closed: dict[AccountId, datetime] = field(default_factory=dict)
    kept: set[AccountId] = field(default_factory=set)
    gone: list[datetime] = field(default_factory=list)
    first: dict[Yes, set[str]] = field(default_factory=dict)
    taken: defaultdict[Yes, set[str]] = field(default_factory=lambda: defaultdict(set))
    stopped_at: datetime | None = None
    since: datetime = MORNING
    acted: list[datetime] = field(default_factory=list)

    def hear(self, person_id: PersonId, write: Write, config: Configuration) -> list[str]:
        """Judge one write; returns what must not have been."""
        broken = []
        if self.stopped_at is not None and write.at - self.stopped_at > IN_FLIGHT:
            broken.append(f"{write.path} of {person_id} was written to a stopped tenant")
        if self._is_out_of_hours(write.at, config) and not self._was_asked_for(person_id):
            broken.append(f"{write.path} of {person_id} was written outside of the hours, and nobody asked")
        if write.path == "deleted":
            broken += self._judge_deletion(person_id, write, config)
        if write.path == "active" and write.new is False:
            self.closed[write.account_id] = write.at
            self.kept.discard(write.account_id)
        if write.path == "active" and write.new is True:
            self.closed.pop(write.account_id, None)
        return broken

    def went_on(self, failed: Run, later: Run) -> bool:
        """Tell whether a human let the tenant go on between these two runs."""
        return failed.ended_at is not None and any(
            failed.ended_at <= each <= later.created_at for each in self.acted
        )

    def cancel(self, accounts: Sequence[AccountId]) -> None:
        """Remember that somebody wants these accounts to stay, closed as they are."""
        self.kept.update(accounts)

    @contextmanager
    def saying(self, rows: Sequence[Change], by: str) -> Iterator[None]:
        """Count a yes from the moment in which it is said; another one may be answered before this one is.

        One that the house does not take was not said, unless it took the same from the same human meanwhile.
        """
        what = content(rows)
        said = self.first.setdefault(what, set())
        said.add(by)
        try:
            yield
        except Exception:
            if by not in self.taken[what]:
                said.discard(by)
            raise
        said.add(by)
        self.taken[what].add(by)

    def is_given(self, rows: Sequence[Change], by: str, approvers: Approvers, *, applied: bool) -> str:
        """Count the yeses to a list; returns what is wrong with what the house made of them."""
        if not applied:
            return ""
        self.taken.pop(content(rows), None)
        said = self.first.pop(content(rows), set())
        enough = len(said) >= (2 if approvers is Approvers.TWO else 1)
        return "" if enough else f"one yes alone, of {by}, let {len(rows)} held changes go"

    def _is_out_of_hours(self, at: datetime, config: Configuration) -> bool:
        hours, zone = config.schedule.apply, config.schedule.zone
        return hours is not None and not any(holds_now(hours, zone, each) for each in (at, at - IN_FLIGHT))

    def _was_asked_for(self, person_id: PersonId) -> bool:
        """Tell whether a human asked for anything, and for what is on its way to this person."""
        assert self.asked_by is not None
        return self.asked and bool(self.asked_by(person_id) - BY_ITSELF)

    def _judge_deletion(self, person_id: PersonId, write: Write, config: Configuration) -> list[str]:
        policy, closed_at = config.policy, self.closed.pop(write.account_id, None)
        days = policy.left_deleted_after
        self.gone = [each for each in self.gone if write.at - each < timedelta(days=1)] + [write.at]
        broken = []
        if closed_at is None or write.old is True:
            broken.append(f"the account of {person_id} was removed though it was open")
        elif days is None or write.at - closed_at < timedelta(days=days):
            broken.append(f"the account of {person_id} was removed before its day")
        if write.account_id in self.kept:
            broken.append(f"the account of {person_id} was removed though somebody had cancelled that")
        if len(self.gone) > MOST_REMOVED_A_DAY:
            broken.append(f"{len(self.gone)} accounts were removed within a day")
        return broken
