"""Notice that Personio stopped telling an attribute, before anybody is judged by its silence."""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import chain

from domain.codes import Code
from domain.config import Configuration, personio_key
from domain.employee import Employee, Reference, Value
from domain.plain import one_line

FEWEST = 5
SHARE = 10
"""So many people fewer, and one in ten of all: less is no collapse, but people who changed."""

MOST_NAMED = 6
LONGEST_LABEL = 60


class Loss(StrEnum):
    """Name how an attribute was lost.

    blind      the credential may not read it any more (`/employees/attributes` does not list it)
    gone       it is listed, and on no record, though it was before
    collapsed  it says something about less than half as many people as before
    """

    BLIND = "blind"
    GONE = "gone"
    COLLAPSED = "collapsed"


@dataclass(frozen=True, slots=True)
class Fill:
    """On how many records an attribute was present, and on how many it said something."""

    present: int = 0
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What one reading counted: its records, and for each attribute on how many it was."""

    people: int
    fills: Mapping[str, Fill]

    def of(self, key: str) -> Fill:
        """Return the counts of one attribute; none where nobody had it."""
        return self.fills.get(key, Fill())


@dataclass(frozen=True, slots=True)
class Normal:
    """What is normal for one attribute: what it is called, and what the last certified feed counted.

    `counted` is False where only its label is known yet.
    """

    key: str
    label: str = ""
    universal_id: str | None = None
    people: int = 0
    fill: Fill = Fill()
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """One attribute that cannot be trusted now: what it is called, and how many people it told of."""

    key: str
    how: Loss
    label: str = ""
    before: int = 0
    now: int = 0

    @property
    def code(self) -> Code:
        """Name the cause by which a human hears of it."""
        return (
            Code.SOURCE_ATTRIBUTE_COLLAPSED if self.how is Loss.COLLAPSED else Code.SOURCE_ATTRIBUTE_MISSING
        )

    @property
    def named(self) -> str:
        """Write it as `domain.causes` reads it: key, label as the company sees it, people before → now."""
        figures = f" ({self.before} → {self.now})" if self.how is Loss.COLLAPSED else ""
        return f"{with_label(self.key, self.label)}{figures}"


def with_label(key: str, label: str) -> str:
    """Write an attribute into a detail with what the company calls it, as `domain.causes` reads it."""
    shown = one_line(label.replace("«", "").replace("»", ""), LONGEST_LABEL)
    return f"{key} «{shown}»" if shown else key


@dataclass(frozen=True, slots=True)
class Accepted:
    """A loss that a human called intended: «gone on purpose»."""

    lost: Lost
    by: str
    at: datetime


@dataclass(slots=True)
class Tally:
    """Count attributes record by record."""

    people: int = 0
    present: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

    def add(self, *employees: Employee) -> None:
        """Count records; many at a time cost less."""
        self.people += len(employees)
        told = [each.attributes for each in employees]
        self.present.update(chain.from_iterable(told))
        self.filled.update(
            key for attributes in told for key, value in attributes.items() if says_something(value)
        )

    def counted(self) -> Counted:
        """Sum up."""
        return Counted(
            self.people, {key: Fill(count, self.filled[key]) for key, count in self.present.items()}
        )


def count(employees: Iterable[Employee]) -> Counted:
    """Count what the records of one page say."""
    tally = Tally()
    tally.add(*employees)
    return tally.counted()


def says_something(value: Value) -> bool:
    """Tell whether a value is more than empty. Personio: an empty number is sent as 0."""
    if isinstance(value, bool):
        return True
    if isinstance(value, Reference):
        return bool(value.id or value.name)
    return bool(value)


def without(employee: Employee, keys: AbstractSet[str]) -> Employee:
    """Let a record say nothing about these attributes, as if Personio had not sent them."""
    if not keys or keys.isdisjoint(employee.attributes):
        return employee
    told = {key: value for key, value in employee.attributes.items() if key not in keys}
    return Employee(employee.person_id, told)


def judge(
    counted: Counted,
    normal: Mapping[str, Normal],
    read: AbstractSet[str],
    blind: AbstractSet[str] = frozenset(),
    needed: AbstractSet[str] = frozenset(),
) -> tuple[Lost, ...]:
    """Say which of the attributes that are read cannot be trusted.

    not granted, and told before or needed                       blind
    granted, on no record, and on some before                    gone
    filled for less than half of what so many people would have,
    and for at least 5 and a tenth of all people fewer           collapsed

    `needed` are attributes without which nobody can be judged or made: of these a human hears even if we
    never saw them.
    """
    found = (_lost(key, counted, normal.get(key, Normal(key)), blind, needed) for key in sorted(read))
    return tuple(lost for lost in found if lost is not None)


def _lost(
    key: str, counted: Counted, before: Normal, blind: AbstractSet[str], needed: AbstractSet[str]
) -> Lost | None:
    now = counted.of(key)
    if key in blind:
        told = before.fill.present > 0 or (bool(before.label) and not before.counted)
        return Lost(key, Loss.BLIND, before.label, before.fill.filled) if told or key in needed else None
    if not before.fill.present or not counted.people:
        return None
    if not now.present:
        return Lost(key, Loss.GONE, before.label, before.fill.filled)
    if collapsed(before, now, counted.people):
        return Lost(key, Loss.COLLAPSED, before.label, before.fill.filled, now.filled)
    return None


def collapsed(before: Normal, now: Fill, people: int) -> bool:
    """Tell whether far fewer people have a value than so many people had before.

    Where people became fewer, fewer are expected: a company that shrinks loses no attribute.
    """
    expected = before.fill.filled * min(people, before.people) // max(1, before.people)
    fewer = expected - now.filled
    return now.filled * 2 < expected and fewer >= FEWEST and fewer * SHARE >= people


def named(lost: Iterable[Lost]) -> str:
    """Write attributes into one line of detail, the first few by name."""
    everything = list(lost)
    more = len(everything) - MOST_NAMED
    told = ", ".join(each.named for each in everything[:MOST_NAMED])
    return f"{told}: … +{more}" if more > 0 else told


def deciding(config: Configuration, universal: Mapping[str, str]) -> frozenset[str]:
    """Tell which attributes decide who has an account."""
    simple = {"status", "employment_type"} if config.scope.employment_types else {"status"}
    return frozenset(simple | {personio_key(each, universal) for each in config.scope.attributes})


def required(config: Configuration, universal: Mapping[str, str]) -> frozenset[str]:
    """Tell without which attributes nobody gets an account."""
    needed = (source for line in config.lines if line.required for source in line.sources)
    return frozenset(personio_key(source, universal) for source in needed)


def paths_reading(
    keys: AbstractSet[str], config: Configuration, universal: Mapping[str, str]
) -> frozenset[str]:
    """Tell which paths of an account say what one of these attributes says."""
    return frozenset(
        line.path
        for line in config.lines
        if any(personio_key(source, universal) in keys for source in line.sources)
    )
