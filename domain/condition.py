"""How well a target is: how many calls it takes side by side, and whether we leave it alone for a while."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.codes import Code

WIDEST = 50
"""Calls of one tenant and queue in flight: two full envelopes. More was never of use."""

FAILURES_TO_REST = 5
"""So many temporary failures in a row, whoever met them, and the target rests."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 30))
"""Between two probes; the last one stays. At most four probes a minute."""

PROBE_TAKES = timedelta(seconds=35)
"""No second probe while the first may be under way, or was lost with its process a moment ago."""

LONGEST_REST = timedelta(minutes=15)
"""What one answer may ask for the whole target; its own row waits for as long as was asked, up to 6 h."""

NARROW_ONCE_IN = timedelta(seconds=1)
"""Calls in flight fail together: together they say «too many» once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What was learned of a target; shared by all tenants with the same address.

    It rests until `rests_until`, because it asked for that or because it failed again and again: then
    `open_since` says since when, and `probes` how often somebody looked whether it is well again.
    `of_writes`: only writes failed so far, so that an answer to a question tells nothing about it.
    """

    failures: int = 0
    width: int = WIDEST
    narrowed_at: datetime | None = None
    rests_until: datetime | None = None
    open_since: datetime | None = None
    probes: int = 0
    why: Code | None = None
    of_writes: bool = False

    def rests(self, now: datetime) -> bool:
        """Tell whether nothing may be sent now."""
        return self.rests_until is not None and now < self.rests_until

    @property
    def is_well(self) -> bool:
        """Tell whether there is nothing to remember."""
        return self.width == WIDEST and not self.failures and self.open_since is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stumble:
    """One temporary failure: its cause, the pause that the target asked for, and what it may mean for others.

    `crowded`: the target may have got too much at once. `of_write`: it failed to do something, and may answer
    questions all the same; a pause that it asked for holds for those too.
    """

    why: Code
    asked: timedelta | None = None
    crowded: bool = False
    probing: bool = False
    of_write: bool = False


WELL = Condition()


def after_stumble(condition: Condition, stumble: Stumble, now: datetime) -> Condition:
    """Count a failure; narrow, and let the target rest where it asked for it or fails again and again."""
    failures = condition.failures + 1
    opens = condition.open_since is None and failures >= FAILURES_TO_REST
    of_writes = stumble.of_write and stumble.asked is None and (condition.of_writes or failures == 1)
    changed = replace(condition, failures=failures, why=stumble.why, of_writes=of_writes)
    if stumble.crowded and _narrows(condition, now):
        changed = replace(changed, width=max(1, condition.width // 2), narrowed_at=now)
    if opens:
        changed = replace(changed, open_since=now, width=1, narrowed_at=now)
    pause = _pause(condition.probes) if opens or stumble.probing else timedelta(0)
    pause = max(pause, min(stumble.asked or timedelta(0), LONGEST_REST))
    ends = condition.rests_until if condition.rests_until and not stumble.probing else now
    return replace(changed, rests_until=max(ends, now + pause)) if pause else changed


def after_success(condition: Condition, calls: int, *, wrote: bool = True) -> Condition:
    """End the rest, and take more side by side once all of the present width went well.

    Where only writes fail, as on a database that may be read only, a question that went well ends nothing.
    """
    if condition.of_writes and not wrote:
        return condition
    wider = min(WIDEST, condition.width + 1) if calls >= condition.width else condition.width
    return Condition(width=wider, narrowed_at=condition.narrowed_at)


def probing(condition: Condition, now: datetime) -> Condition | None:
    """Return the condition while one call looks whether the target is well; None if others are to wait."""
    if condition.open_since is None or condition.rests(now):
        return None
    return replace(condition, probes=condition.probes + 1, rests_until=now + PROBE_TAKES)


def fits(condition: Condition, envelopes: int, people: int) -> tuple[int, int]:
    """Return how many envelopes of how many people keep within the width."""
    if condition.open_since is not None:
        return 1, 1
    most = min(envelopes, condition.width)
    return most, min(people, -(-condition.width // most))


def _narrows(condition: Condition, now: datetime) -> bool:
    return condition.narrowed_at is None or now - condition.narrowed_at >= NARROW_ONCE_IN


def _pause(probes: int) -> timedelta:
    return PAUSES[min(probes, len(PAUSES) - 1)]
