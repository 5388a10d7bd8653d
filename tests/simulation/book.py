"""The book of promises: judges every write by what the company ever said, never by our own tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.account import Scalar
from domain.changes import Action
from domain.config import Configuration, Line
from domain.ids import AccountId, PersonId
from domain.overrides import OverrideKind
from tests.simulation.application import Application, Write
from tests.simulation.company import Company, Human
from tests.simulation.customs import Watch
from tests.simulation.register import Facts, Marks, Register, Reused
from tests.simulation.world import World

PLACEHOLDER = "released."
GRACE = timedelta(seconds=90)
"""What was in hand when somebody spoke, as they were told, may still be sent within its lease."""

LONG_TOLD = timedelta(minutes=10)
"""What a reading told is planned by then, unless that reading came to nothing."""

MOST_CLOSED_A_DAY = 4
"""Two go by themselves in a small company, as many again may be late from the day before."""

Image = tuple[bool, Mapping[str, Scalar], PersonId | None]
"""Whether somebody should have an open account, its values, and their manager."""


@dataclass
class Fixed:
    """What a human fixed about a person, and since when nothing else may be written."""

    kind: OverrideKind
    path: str
    since: datetime


@dataclass
class Book:
    """What was true of one tenant's people, and what was written about them."""

    tenant: str
    prefix: str
    company: Company
    app: Application
    world: World
    config: Configuration
    past: dict[PersonId, list[Image]] = field(default_factory=dict)
    reached: dict[tuple[PersonId, str], int] = field(default_factory=dict)
    exempt: set[PersonId] = field(default_factory=set)
    approved: set[PersonId] = field(default_factory=set)
    fixed: dict[PersonId, list[Fixed]] = field(default_factory=dict)
    closed: list[tuple[datetime, PersonId]] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[PersonId, Action, int]] = field(default_factory=list)
    all_lines: tuple[Line, ...] = ()
    writes: int = 0
    heard_last: dict[PersonId, tuple[datetime, bool]] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    register: Register = field(default_factory=Register)

    @property
    def has_numbers(self) -> bool:
        """Tell whether accounts are recognised by a personnel number, too."""
        return any("employeeNumber" in rule.paths for rule in self.config.match_rules)

    def was_told(self, human: Human, hidden: frozenset[str]) -> None:
        """Remember since when the house was told, last, that somebody is to be there, or not.

        Who left says so by the status alone; whoever is there by their type too, and by no other attribute.
        """
        kinds = self.config.scope.employment_types
        left = human.gone or human.status not in self.config.scope.statuses
        if not human.gone and hidden & ({"status"} if left or not kinds else {"status", "employment_type"}):
            return
        there = not left and (not kinds or human.kind in kinds)
        before = self.heard_last.get(human.person_id)
        if before is None or before[1] != there:
            self.heard_last[human.person_id] = (self.world.clock.at, there)

    def rejected(self, person_id: PersonId, action: Action) -> None:
        """Remember a human's no, and how much had been true of that person by then."""
        self.refused.append((person_id, action, len(self.past[person_id])))

    def expect_fixed(self, person_id: PersonId, kind: OverrideKind) -> None:
        """Expect what a human fixes, as if the company said so."""
        image = self.image(self.company.humans[person_id])
        if kind in {OverrideKind.PIN_ACTIVE, OverrideKind.PIN_INACTIVE}:
            self.past[person_id].append((kind is OverrideKind.PIN_ACTIVE, *image[1:]))

    def configure(self, config: Configuration) -> None:
        """Judge everybody by another configuration from now on."""
        self.config = config
        for human in self.company.humans.values():
            self.notice(human)

    def notice(self, human: Human) -> None:
        """Write down what is true of somebody from now on."""
        image = self.image(human)
        told = self.past.setdefault(human.person_id, [])
        if not told or told[-1] != image:
            told.append(image)
            self.register.news[human.person_id] = self.world.clock.at
            self._reads_alike(human)

    def _reads_alike(self, human: Human) -> None:
        """Let whoever was given the address of the one who had their id before pass for them."""
        before = self.register.known_before(human.person_id)
        if human.email in {values.get("userName") for _, values, _ in self.past[human.person_id][:before]}:
            self.register.confirm(human.person_id)

    def image(self, human: Human) -> Image:
        """Say what somebody's account should be like."""
        scope = self.config.scope
        kinds = scope.employment_types
        inside = human.status in scope.statuses and (not kinds or human.kind in kinds)
        values = {path: value for path, value in human.values().items() if path in self.config.paths}
        wanted = inside and not human.gone and bool(human.email)
        return wanted, values, human.boss if human.boss != human.person_id else None

    def person_of(self, external_id: str) -> PersonId | None:
        """Tell which person of this tenant an external id names."""
        if not external_id.startswith(self.prefix):
            return None
        person_id = PersonId(external_id.removeprefix(self.prefix))
        return person_id if person_id in self.company.humans else None

    def hear(self, write: Write) -> None:
        """Judge one write."""
        self.writes += 1
        person_id = self.person_of(write.external_id)
        if person_id is None:
            self._fail(7, f"{write.path} of an account of somebody else, {write.external_id or 'nobody'}")
            return
        self._identify(person_id, write)
        self._count(person_id, write)
        self._heed_fixed(person_id, write)
        for broken in self.watch.hear(person_id, write, self.config):
            self.world.fail(f"{self.tenant}: {broken}")
        if write.path == "deleted":
            self._forget_account(person_id, write)
            return
        if person_id in self.exempt or write.path == "externalId":
            return
        if write.path == "active" and write.new is False:
            self._brake(person_id)
        if not self._was_true(person_id, write):
            kind = {True: "opened", False: "closed"}.get(bool(write.new), "")
            what = kind if write.path == "active" else f"got an old or unknown {write.path}"
            whose = " in the account of who had that id before" if self._owner(write) else ""
            self._fail(5 if what == "closed" else 3, f"{person_id} {what}{whose}")

    def _owner(self, write: Write) -> Reused | None:
        """Tell of an account whether its person's id is somebody else's now."""
        return self.register.reused.get(write.account_id)

    def give_away(self, human: Human) -> None:
        """Note that somebody's id is another person's from now on, and their account is not."""
        theirs = self.app.by_external_id().get(f"{self.prefix}{human.person_id}", [])
        known = len(self.past[human.person_id])
        self.register.give_away(human, [each.account_id for each in theirs], known)

    def facts(self, person_id: PersonId, about: Sequence[AccountId]) -> Facts:
        """Say how much was said and done about a person, and about the accounts that may be theirs."""
        humans = self.company.humans
        email, touched = humans[person_id].email, self.register.touched
        sharing = sum(each.email == email for each in humans.values())
        accounts = tuple(touched[each] for each in about)
        return len(self.past[person_id]), self.config.version, self.register.by_hand, sharing, accounts

    def _identify(self, person_id: PersonId, write: Write) -> None:
        """Judge whose an account becomes; the account of one who is another's now is nobody's loss."""
        register, account_id = self.register, write.account_id
        if write.path == "externalId" and (account_id in register.strays or write.old):
            before = self.person_of(str(write.old)) if write.old else None
            marks = frozenset().union(*(self._marks(values) for _, values, _ in self.past[person_id]))
            for broken in register.taken(person_id, account_id, before, marks):
                self._fail(2, broken)
            if before is not None:
                self.made[before] = 0
            register.reused.pop(account_id, None)
            self.made[person_id] = self.made.get(person_id, 0) + 1
            if self.made[person_id] > 1 and (person_id, account_id) not in register.allowed:
                self._fail(2, f"{person_id} has {self.made[person_id]} accounts")
        if write.path == "active" and write.old is None and person_id not in self.exempt:
            marks = self._marks(self._values_of(write.account_id))
            said = register.said.get(person_id)
            for broken in register.made(person_id, marks, self.facts(person_id, said.about if said else ())):
                self._fail(2, broken)
        register.touch(write)

    def _values_of(self, account_id: AccountId) -> Mapping[str, Scalar]:
        return next(each.values for each in self.app.inner.accounts if each.account_id == account_id)

    def _marks(self, values: Mapping[str, Scalar]) -> Marks:
        """List by what an account of somebody with these values is recognised."""
        paths = [path for rule in self.config.match_rules for path in rule.paths]
        return frozenset((path, values[path]) for path in paths if values.get(path))

    def _count(self, person_id: PersonId, write: Write) -> None:
        if write.path == "active" and write.old is None:
            self.made[person_id] = self.made.get(person_id, 0) + 1
            if self.made[person_id] > 1:
                self._fail(2, f"{person_id} was created {self.made[person_id]} times")

    def _forget_account(self, person_id: PersonId, write: Write) -> None:
        """Let somebody whose account is gone have another one; who is told to be there must keep theirs."""
        self.made[person_id] = 0
        for key in [each for each in self.reached if each[0] == person_id]:
            del self.reached[key]
        told = self.heard_last.get(person_id)
        if told is not None and told[1] and write.at - told[0] > LONG_TOLD and person_id not in self.exempt:
            self._fail(5, f"the account of {person_id} was removed, who is told to be there")

    def _was_true(self, person_id: PersonId, write: Write) -> bool:
        """Find a moment, no earlier than that of the last write, at which this was what should be."""
        if write.new is None and write.old is None:
            return True
        if isinstance(write.new, str) and write.new.startswith(PLACEHOLDER):
            return True
        owner = self._owner(write)
        told = self.past[person_id][: owner.known if owner else None]
        begin = self.reached.get((person_id, write.path), 0)
        for number in range(begin, len(told)):
            if self._says(told[number], write):
                self.reached[person_id, write.path] = number
                return True
        return self._gives_back(person_id, write)

    def _gives_back(self, person_id: PersonId, write: Write) -> bool:
        """Allow that a circle of names that came to nothing is gone back."""
        names = [str(each.values.get("userName")) for each in self.app.inner.accounts]
        if write.path != "userName" or not any(name.startswith(PLACEHOLDER) for name in names):
            return False
        for number, image in enumerate(self.past[person_id]):
            if self._says(image, write):
                self.reached[person_id, write.path] = number
                return True
        return False

    def _says(self, image: Image, write: Write) -> bool:
        wanted, values, boss = image
        if write.path == "active":
            return wanted == write.new
        if write.path == "manager":
            return write.new == self._account_of(boss)
        return bool(values.get(write.path) == write.new)

    def _account_of(self, person_id: PersonId | None) -> str | None:
        if person_id is None:
            return None
        found = self.app.by_external_id().get(f"{self.prefix}{person_id}", [])
        return found[-1].account_id if found else None

    def _brake(self, person_id: PersonId) -> None:
        """Count who was closed without anybody's yes."""
        if person_id in self.approved:
            return
        now = self.world.clock.at
        self.closed.append((now, person_id))
        lately = {each for at, each in self.closed if now - at < timedelta(days=1)}
        if len(lately) > MOST_CLOSED_A_DAY:
            self._fail(4, f"{len(lately)} accounts were closed within a day without a yes")

    def _heed_fixed(self, person_id: PersonId, write: Write) -> None:
        """Hold every write against what humans fixed."""
        for fixed in self.fixed.get(person_id, ()):
            if self.world.clock.at < fixed.since or write.path == "externalId":
                continue
            against = {
                OverrideKind.PIN_ACTIVE: write.path == "active" and write.new is False,
                OverrideKind.PIN_INACTIVE: write.path == "active" and write.new is True,
                OverrideKind.IGNORE: True,
                OverrideKind.FREEZE: write.path == fixed.path and write.old is not None,
                OverrideKind.HOLD_UNTIL: False,
            }[fixed.kind]
            if against:
                self._fail(5, f"{person_id} {write.path} was written although {fixed.kind.value}")

    def _fail(self, promise: int, what: str) -> None:
        self.world.fail(f"promise {promise}: {self.tenant}: {what}")
