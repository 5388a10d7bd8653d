"""What a look at both ends of a tenant found, before anything is written anywhere."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.account import Capabilities
from domain.attributes import Loss, Lost, Normal, judge
from domain.attributes import Tally as Records
from domain.codes import Code
from domain.compare import Observation, observe
from domain.config import Configuration, personio_key
from domain.employee import Employee
from domain.ids import PersonId
from domain.mapping import same_key
from domain.scope import Standing
from domain.scope_judge import Facts

DECIDE_ALONE = ("status", "employment_type")
"""Without these nobody can be judged, so a credential that cannot read them is of no use."""

SAMPLE = 5
NAMED = 20
"""So many people of one cause are named by id; who cured those checks again."""


class Side(StrEnum):
    """Name where a problem lies: at Personio, in the application, or with the people themselves."""

    SOURCE = "source"
    TARGET = "target"
    PEOPLE = "people"


class Told(StrEnum):
    """Name what Personio does with an attribute: it tells it, tells it empty for all, or keeps it back."""

    GRANTED = "granted"
    EMPTY = "empty"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `blocks` says that the tenant cannot be synced before it is cured.

    `people`: the first of those whom it is about, so that somebody can open their records.
    """

    side: Side
    code: Code
    detail: str = ""
    blocks: bool = True
    count: int = 0
    people: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributeFound:
    """One attribute that is read, and for how many of all people read it says something.

    `decides`: the tenant's filter asks about it; without it nobody could be judged.
    """

    source: str
    paths: tuple[str, ...]
    required: bool
    told: Told
    filled: int
    decides: bool = False


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody who would be synced; names are for the operator's eyes only."""

    person_id: PersonId
    first_name: str
    last_name: str
    unique_name: str


@dataclass(frozen=True, slots=True)
class Company:
    """What reading all employees once found."""

    people: int
    standings: Mapping[Standing, int]
    attributes: tuple[AttributeFound, ...]
    sample: tuple[SamplePerson, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Everything that one check found on both sides; None where a side could not be looked at."""

    company: Company | None
    capabilities: Capabilities | None
    problems: tuple[Problem, ...]
    source_requests: int = 0
    target_requests: int = 0

    @property
    def green(self) -> bool:
        """Tell whether nothing stands in the way of a sync."""
        return not any(problem.blocks for problem in self.problems)


@dataclass(slots=True)
class Tally:
    """Count people as they are read, keeping figures and a small sample, never a company in memory."""

    config: Configuration
    universal: Mapping[str, str]
    granted: frozenset[str]
    today: date
    people: int = 0
    standings: Counter[Standing] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    counted: Counter[Code] = field(default_factory=Counter)
    details: dict[Code, set[str]] = field(default_factory=dict)
    whom: dict[Code, list[PersonId]] = field(default_factory=dict)
    names: Counter[int] = field(default_factory=Counter)
    holders: dict[int, PersonId] = field(default_factory=dict)
    sharing: list[PersonId] = field(default_factory=list)
    sample: list[SamplePerson] = field(default_factory=list)
    normal: Mapping[str, Normal] = field(default_factory=dict)
    records: Records = field(default_factory=Records)

    def add(self, employee: Employee) -> None:
        """Count one person."""
        seen = observe(employee, self.config, self.universal, self.today)
        self.people += 1
        self.records.add(employee)
        self.standings[seen.ruling.standing] += 1
        told = seen.drafted.draft.values
        self.filled.update(
            {
                source
                for line in self.config.lines
                for source in line.sources
                if told.get(line.path) is not None
            }
        )
        facts = Facts(employee, self.today, self.universal)
        asked = self.config.scope.attributes - {
            source for line in self.config.lines for source in line.sources
        }
        self.filled.update(source for source in asked if facts.says(source))
        self._count_trouble(employee.person_id, seen)
        if seen.ruling.standing is Standing.WANTED and seen.skip[0] is None:
            self._add_wanted(employee, str(told.get(self.config.unique_path) or ""))

    def company(self) -> Company:
        """Sum up."""
        attributes = tuple(self._attributes())
        problems = (*self._of_attributes(attributes), *self._of_lost(), *self._of_people())
        return Company(self.people, dict(self.standings), attributes, tuple(self.sample), problems)

    def _count_trouble(self, person_id: PersonId, seen: Observation) -> None:
        if seen.ruling.why is Code.PERSON_SCOPE_UNKNOWN:
            self._count(Code.PERSON_SCOPE_UNKNOWN, person_id)
            self.details.setdefault(Code.PERSON_SCOPE_UNKNOWN, set()).update(seen.unknown_by)
        if seen.past_last_day:
            self._count(Code.PERSON_PAST_LAST_DAY, person_id)
        code, detail = seen.skip
        if seen.ruling.standing is Standing.WANTED and code is Code.PERSON_WITHOUT_REQUIRED:
            self._count(code, person_id)
            self.details.setdefault(code, set()).update(detail.split(", "))
        if seen.ruling.standing is Standing.WANTED and seen.drafted.bad:
            self._count(Code.PERSON_BAD_VALUE, person_id)
            self.details.setdefault(Code.PERSON_BAD_VALUE, set()).update(seen.drafted.bad)

    def _count(self, code: Code, person_id: PersonId) -> None:
        self.counted[code] += 1
        named = self.whom.setdefault(code, [])
        if len(named) < NAMED:
            named.append(person_id)

    def _add_wanted(self, employee: Employee, name: str) -> None:
        self._add_name(hash(same_key(name)), employee.person_id)
        if len(self.sample) < SAMPLE:
            first, last = (str(employee.attributes.get(key) or "") for key in ("first_name", "last_name"))
            self.sample.append(SamplePerson(employee.person_id, first, last, name))

    def _add_name(self, name: int, person_id: PersonId) -> None:
        self.names[name] += 1
        first = self.holders.setdefault(name, person_id)
        if first != person_id and len(self.sharing) < NAMED:
            self.sharing += [each for each in (first, person_id) if each not in self.sharing]

    def _attributes(self) -> Iterable[AttributeFound]:
        asked = self.config.scope.attributes
        mapped = (source for line in self.config.lines for source in line.sources)
        for source in dict.fromkeys([*mapped, *sorted(asked)]):
            lines = [line for line in self.config.lines if source in line.sources]
            filled = self.filled[source]
            told = Told.GRANTED if filled or not self.people else Told.EMPTY
            if personio_key(source, self.universal) not in self.granted:
                told = Told.MISSING
            required = any(line.required for line in lines)
            paths = tuple(line.path for line in lines)
            yield AttributeFound(source, paths, required, told, filled, source in asked)

    def _of_attributes(self, attributes: Iterable[AttributeFound]) -> Iterable[Problem]:
        deciding = DECIDE_ALONE if self.config.scope.employment_types else ("status",)
        for key in deciding:
            if key not in self.granted:
                yield Problem(Side.SOURCE, Code.SOURCE_ATTRIBUTE_MISSING, self._named(key))
        if self.config.sync_managers and "supervisor" not in self.granted:
            yield Problem(Side.SOURCE, Code.SOURCE_ATTRIBUTE_MISSING, "supervisor", blocks=False)
        for found in attributes:
            if found.told is Told.MISSING and found.source not in deciding:
                blocks = found.required or found.decides
                named = self._named(found.source)
                yield Problem(Side.SOURCE, Code.SOURCE_ATTRIBUTE_MISSING, named, blocks=blocks)
            if found.told is Told.EMPTY:
                yield Problem(Side.SOURCE, Code.SOURCE_ATTRIBUTE_EMPTY, found.source, blocks=found.required)

    def _of_lost(self) -> Iterable[Problem]:
        """Compare with what certified feeds told before: what vanished from records, or is suddenly empty."""
        read = self.config.source_keys_with(self.universal) & self.granted
        for lost in judge(self.records.counted(), self.normal, read):
            yield Problem(Side.SOURCE, lost.code, lost.named, blocks=False)

    def _named(self, source: str) -> str:
        known = self.normal.get(personio_key(source, self.universal))
        return Lost(source, Loss.BLIND, known.label if known else "").named

    def _of_people(self) -> Iterable[Problem]:
        if not self.people:
            yield Problem(Side.SOURCE, Code.FEED_EMPTY)
        shared = sum(count for count in self.names.values() if count > 1)
        if shared:
            yield Problem(
                Side.PEOPLE, Code.KEY_SHARED, blocks=False, count=shared, people=tuple(self.sharing[:NAMED])
            )
        if self.people and not self.standings[Standing.WANTED] and not self.standings[Standing.UNKNOWN]:
            yield Problem(Side.PEOPLE, Code.PERSON_OUT_OF_SCOPE, blocks=False, count=self.people)
        for code, count in sorted(self.counted.items()):
            detail = ", ".join(sorted(self.details.get(code, ())))
            whom = tuple(self.whom.get(code, ()))
            yield Problem(Side.PEOPLE, code, detail, blocks=False, count=count, people=whom)
