"""Judge a reading of a company: broken, drifted, or certified complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.codes import Code


@dataclass(frozen=True, slots=True)
class PageMark:
    """What is remembered of one page: how many rows it had and what the source claimed at that moment.

    `telling` counts the rows that say anything beside their id.
    """

    number: int
    received: int
    total: int | None
    telling: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One complete reading, as counted from its pages and from the people that we knew before."""

    pages: Sequence[PageMark]
    distinct: int
    known: int
    found_again: int
    again: Sequence[PageMark] = ()
    """Pages that were read a second time because the list had moved; the distinct people count theirs too."""

    @property
    def received(self) -> int:
        """Count all rows, repeated ones included."""
        return sum(page.received for page in self.pages)


@dataclass(frozen=True, slots=True)
class Broken:
    """Say that nothing may be concluded from this reading; its plan is dropped."""

    code: Code
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Drifted:
    """Say that what records say may be used, but absence means nothing."""

    detail: str


@dataclass(frozen=True, slots=True)
class Certified:
    """Say that the reading is complete: absence may be judged. `again` pages were read twice for that."""

    people: int
    again: int = 0


Verdict: TypeAlias = Broken | Drifted | Certified


def judge(reading: Reading) -> Verdict:
    """Give the verdict.

    no rows                                     broken: empty
    no row tells anything                       broken: only ids are left, every tick box was cleared
    less than half of the known found again     broken: too short
    total moved, repeats, or distinct ≠ total   drifted
    otherwise                                   certified

    A source that tells no total cannot be certified by counting. Once pages were read again, only they say
    what the total is: people who came twice are no news then.
    """
    if reading.distinct == 0:
        return Broken(Code.FEED_EMPTY, f"{reading.known} people were known before")
    if not any(page.telling for page in reading.pages):
        return Broken(Code.FEED_ONLY_IDS, f"{reading.distinct} rows, none with an attribute")
    if reading.found_again * 2 < reading.known:
        return Broken(
            Code.FEED_TOO_SHORT, f"{reading.found_again} of {reading.known} known people found again"
        )
    if reading.again:
        return _judge_again(reading)
    totals = {page.total for page in reading.pages}
    if len(totals) != 1:
        return Drifted("the total moved while reading")
    if reading.received != reading.distinct:
        return Drifted(f"{reading.received - reading.distinct} people came twice")
    if totals != {reading.distinct}:
        return Drifted(f"{reading.distinct} people came, the source claims {totals.pop()}")
    return Certified(reading.distinct)


def _judge_again(reading: Reading) -> Verdict:
    """Judge by the second look: one total throughout it, and as many people as it claims."""
    totals = {page.total for page in reading.again}
    if len(totals) != 1:
        return Drifted(f"the total moved again while {len(reading.again)} pages were read a second time")
    if totals != {reading.distinct}:
        claimed = f"the source claims {totals.pop()}"
        return Drifted(
            f"{reading.distinct} people came, {claimed}, after {len(reading.again)} pages were read again"
        )
    return Certified(reading.distinct, len(reading.again))
