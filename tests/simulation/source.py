"""The model Personio: reads the model company as the real one does, honestly or not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto

from domain.codes import Code
from domain.employee import Attribute, Employee, Page
from domain.errors import FeedBrokenError, TemporaryError, TenantBlockedError
from domain.ids import PersonId
from domain.units import FEWEST
from tests.simulation.company import UNITS, Company, Human, as_employee
from tests.simulation.stage import Process
from tests.simulation.world import World


class Lie(Enum):
    """Name in which way a feed is wrong."""

    NONE = auto()
    EMPTY = auto()
    SHORT = auto()
    SHORT_AND_ADDED_UP = auto()
    GAP = auto()
    REPEATED_PAGE = auto()
    TWICE = auto()
    SHUFFLED = auto()
    ONLY_IDS = auto()
    NO_PAGE = auto()
    FOREIGN = auto()
    NARROWED = auto()


ONLOOKER = "operator"
"""Reads a first page to see whether it is one: no reading that others are at begins anew with it."""

BARE = frozenset({Lie.ONLY_IDS, Lie.FOREIGN, Lie.NO_PAGE})
"""Lies that tell nothing true about anybody."""


@dataclass
class Desk:
    """How the model Personio behaves towards one tenant's credential."""

    company: Company
    lie: Lie = Lie.NONE
    lie_dice: int = 0
    page_size: int = 4
    hidden: frozenset[str] = frozenset()
    refused: bool = False
    mute_by_id: bool = False
    foreign: bool = False
    told: dict[PersonId, str] = field(default_factory=dict)
    heard: list[Callable[[Human, frozenset[str]], None]] = field(default_factory=list)

    def begin(self) -> None:
        """Let a reading begin: a feed of somebody else's people is one from its first page to its last.

        One strange record among known ones is a joiner, whom no house could tell from a real one.
        """
        self.foreign = self.lie is Lie.FOREIGN

    def is_visible(self, human: Human) -> bool:
        """Tell whether this credential sees somebody."""
        narrowed = self.lie is Lie.NARROWED and human.unit == self._unit and self._is_known
        return not human.gone and not narrowed

    @property
    def _unit(self) -> str:
        return UNITS[self.lie_dice % len(UNITS)]

    @property
    def _is_known(self) -> bool:
        """Tell whether the house knows the unit as what it is: at least two people, all told to be there.

        Who is alone there, or came there unseen, cannot be told from somebody whose record was erased.
        """
        inside = [human.person_id for human in self.company.here if human.unit == self._unit]
        known = [person_id for person_id, unit in self.told.items() if unit == self._unit]
        return len(inside) >= FEWEST and set(known) == set(inside)


class ModelSource:
    """The Source port of one process over one tenant's company."""

    def __init__(self, desk: Desk, world: World, process: Process, tenant: str) -> None:
        self._desk = desk
        self._world = world
        self._process = process
        self._tenant = tenant

    def attributes(self) -> tuple[Attribute, ...]:
        """Tell what may be read; what is hidden is left out without a word."""
        self._travel("reads attributes")
        told = Human(PersonId("0"), "", "", "", "", "").told
        keys = sorted(told.keys() - self._desk.hidden)
        self._back("reads attributes")
        return tuple(Attribute(key, key, "standard") for key in keys)

    def page(self, cursor: str | None) -> Page:
        """Read one page by its offset."""
        self._travel(f"reads page {cursor or 0}")
        found = self._page(int(cursor or 0))
        for each in found.employees:
            self._remember(each.person_id)
        self._world.say(f"{self._tenant}: page {cursor or 0} tells {[e.person_id for e in found.employees]}")
        self._back(f"reads page {cursor or 0}")
        return found

    def person(self, person_id: PersonId) -> Employee | None:
        """Read one record, or hear that there is none."""
        self._travel(f"asks for {person_id}")
        if self._desk.mute_by_id:
            raise TemporaryError(Code.SOURCE_BUSY, "simulated: no answer by id")
        human = self._desk.company.humans.get(person_id)
        seen = human is not None and self._desk.is_visible(human)
        found = as_employee(human, self._desk.hidden) if seen and human else None
        if self._desk.lie is Lie.FOREIGN:
            found = None
        if found is not None:
            self._remember(person_id, by_id=True)
        if human is not None and human.gone:  # that a record is gone is told as well, if only by id
            for listener in self._desk.heard:
                listener(human, self._desk.hidden)
        self._world.say(f"{self._tenant}: {person_id} is {'told' if found else 'not known'}")
        self._back(f"asks for {person_id}")
        return found

    def _remember(self, person_id: PersonId, *, by_id: bool = False) -> None:
        """Let the book know what was told of somebody; a record that is asked for by id is whole."""
        human = self._desk.company.humans.get(person_id)
        tells = by_id or self._desk.lie not in BARE
        if human is not None and tells:
            for listener in self._desk.heard:
                listener(human, self._desk.hidden)
        if person_id in self._desk.company.humans and "department" not in self._desk.hidden:
            self._desk.told[person_id] = self._desk.company.humans[person_id].unit

    def _page(self, start: int) -> Page:
        if not start and self._process.name != ONLOOKER:
            self._desk.begin()
        if self._desk.lie is Lie.NO_PAGE:
            raise FeedBrokenError(Code.SOURCE_NOT_PERSONIO, "simulated: a web page")
        people, total = self._listed()
        size = self._desk.page_size
        if self._desk.lie is Lie.REPEATED_PAGE and start:
            return Page(tuple(people[:size]), total, str(start + size))
        some = tuple(people[start : start + size])
        return Page(some, total, str(start + len(some)) if some else None)

    def _listed(self) -> tuple[list[Employee], int]:
        """List everybody whom the feed tells, and the total that it claims."""
        desk, number = self._desk, self._desk.lie_dice
        company = desk.company
        people = [as_employee(human, desk.hidden) for human in company.here if desk.is_visible(human)]
        true = len(people)
        match desk.lie:
            case _ if desk.foreign:
                people = [Employee(PersonId(f"9{each.person_id}"), each.attributes) for each in people]
            case Lie.EMPTY:
                people = []
            case Lie.SHORT | Lie.SHORT_AND_ADDED_UP:
                people = people[: number % (true + 1)]
            case Lie.GAP if true:
                del people[number % true]
            case Lie.TWICE if true > 1:
                people[number % true] = people[(number + 1) % true]
            case Lie.SHUFFLED:
                self._world.dice.shuffle(people)
            case Lie.ONLY_IDS:
                people = [Employee(each.person_id, {}) for each in people]
            case _:
                pass
        claims_truth = desk.lie is Lie.SHORT or (desk.lie is Lie.GAP and number % 2 == 0)
        return people, true if claims_truth else len(people)

    def _travel(self, what: str) -> None:
        """Go to Personio: it takes a while, and may fail."""
        world = self._world
        world.border(self._process, f"before it {what}")
        slow = world.chance(world.weather.slow)
        world.stage.sleep(world.dice.uniform(0, 30) if slow else world.dice.uniform(0.02, 0.3))
        if self._desk.refused:
            raise TenantBlockedError(Code.SOURCE_CREDENTIALS_REFUSED, "simulated: 401")
        if world.chance(world.weather.refuse):
            world.say(f"{self._tenant}: Personio is busy when it {what}")
            wait = world.dice.choice([None, timedelta(seconds=20), timedelta(minutes=5)])
            raise TemporaryError(Code.SOURCE_BUSY, "simulated: 429", retry_after=wait)

    def _back(self, what: str) -> None:
        """Come back with the answer, unless it gets lost."""
        world = self._world
        world.stage.sleep(world.dice.uniform(0, 0.1))
        if world.chance(world.weather.lost_reply):
            world.say(f"{self._tenant}: the answer is lost when it {what}")
            raise TemporaryError(Code.SOURCE_UNREACHABLE, "simulated: cut")
