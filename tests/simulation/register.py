"""Whose accounts really are, what humans said about that, and what may then never be seen from outside."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.cases import Answer, Case
from domain.ids import AccountId, CaseId, PersonId
from tests.simulation.application import Write
from tests.simulation.company import Human

Facts = tuple[object, ...]
"""How much was said and done about those whom an answer is about: while it stays, so must the answer."""


Marks = frozenset[tuple[str, object]]
"""Values by which an account is recognised, each with its path."""


@dataclass(frozen=True)
class Stray:
    """An account that somebody made by hand: whose it really is, and whether the house must ask first.

    `marks`: its user name, and perhaps a personnel number. `beside`: another account that speaks as loudly.
    """

    belongs: PersonId | None
    marks: Marks
    doubtful: bool
    beside: AccountId | None = None


@dataclass(frozen=True)
class Former:
    """Under which id somebody was known before, whether that is another person's now, and what proves it."""

    person_id: PersonId
    id_is_anothers: bool = False
    proven: bool = False


@dataclass(frozen=True)
class Reused:
    """Whose id an account carries that was somebody else's, and how much had been true of it until then."""

    person_id: PersonId
    known: int


@dataclass(frozen=True)
class Said:
    """What a human answered last about a person, and what that was about."""

    case_id: CaseId
    answer: Answer
    account_id: AccountId | None
    about: tuple[AccountId, ...]
    facts: Facts


@dataclass
class Register:
    """The truth about identities in one tenant, as HR and an administrator would know it.

    `former`: under which id somebody was known before. `reused`: accounts of people whose id is another's
    now. `ghosts`: those people, who may come back. `allowed`: which account somebody said is whose, from the
    moment of saying it on; one may be answered before it is heard that the answer was taken. `news`: when an
    account or a person was changed last, and when a user name was given up.
    """

    strays: dict[AccountId, Stray] = field(default_factory=dict)
    former: dict[PersonId, Former] = field(default_factory=dict)
    reused: dict[AccountId, Reused] = field(default_factory=dict)
    ghosts: list[Human] = field(default_factory=list)
    allowed: set[tuple[PersonId, AccountId]] = field(default_factory=set)
    new_wanted: set[PersonId] = field(default_factory=set)
    said: dict[PersonId, Said] = field(default_factory=dict)
    by_hand: int = 0
    touched: Counter[AccountId] = field(default_factory=Counter)
    news: dict[str | None, datetime] = field(default_factory=dict)

    def right(self, case: Case) -> AccountId | None:
        """Tell which account of a case is the person's; None if they need a new one."""
        who = case.person_id
        for each in case.candidates:
            stray = self.strays.get(each.account_id)
            theirs = stray.belongs == who if stray else self._was_theirs(who, each.account_id, each.owner)
            if theirs:
                return each.account_id
        return None

    def _was_theirs(self, person_id: PersonId, account_id: AccountId, owner: object) -> bool:
        """Tell whether an account was a person's under a former id, which may be another's since."""
        before, reused = self.former.get(person_id), self.reused.get(account_id)
        if before is None:
            return False
        if before.id_is_anothers:
            return reused is not None and reused.person_id == before.person_id
        if owner == before.person_id:
            return reused is None
        return self._was_theirs(before.person_id, account_id, owner)

    def give_away(self, human: Human, theirs: Iterable[AccountId], known: int) -> None:
        """Let an id be another person's from now on: the accounts under it are not theirs for that.

        They still belong to whoever had it, also if that one has come back under another id already.
        """
        for account_id in theirs:
            self.reused.setdefault(account_id, Reused(human.person_id, known))
        for back, before in self.former.items():
            if before.person_id == human.person_id:
                self.former[back] = replace(before, id_is_anothers=True)
        self.ghosts.append(human)

    def confirm(self, person_id: PersonId) -> None:
        """Hear that a human takes who has an id now for who had it before, rightly or not."""
        self.reused = {what: each for what, each in self.reused.items() if each.person_id != person_id}

    def known_before(self, person_id: PersonId) -> int:
        """Tell how much had been true of an id until it became another person's; 0 where it did not."""
        return max((each.known for each in self.reused.values() if each.person_id == person_id), default=0)

    def is_anothers(self, person_id: PersonId) -> bool:
        """Tell whether an account of who had this id before may be taken for theirs."""
        return any(each.person_id == person_id for each in self.reused.values())

    def say(self, case: Case, answer: Answer, account_id: AccountId | None) -> None:
        """Count an answer from the moment in which it is said; what was said before is over."""
        self.said.pop(case.person_id, None)
        if account_id is not None:
            self.said = {who: each for who, each in self.said.items() if each.account_id != account_id}
            self.allowed.add((case.person_id, account_id))
        if answer is Answer.CREATE:
            self.new_wanted.add(case.person_id)

    def touch(self, write: Write) -> None:
        """Note that an account is another one since, and that a name was somebody's before."""
        self.touched[write.account_id] += 1
        self.news[write.account_id] = write.at
        if write.path == "userName" and write.old:
            self.news[str(write.old)] = write.at

    def heed(
        self, case: Case, answer: Answer, account_id: AccountId | None, facts: Facts, name: str | None
    ) -> None:
        """Hold the house to an answer that it took, unless something is news since the case was written.

        `name`: the user name that the person wants.
        """
        about = tuple(each.account_id for each in case.candidates)
        others = {given for who, given in self.allowed if who != case.person_id}
        if account_id in others or any(
            self.news.get(each, case.seen_at) > case.seen_at for each in (*about, name, case.person_id)
        ):
            return
        self.said[case.person_id] = Said(case.case_id, answer, account_id, about, facts)

    def made(self, person_id: PersonId, marks: Marks, facts: Facts) -> Iterator[str]:
        """Judge that somebody got a new account."""
        said = self.said.get(person_id)
        if said is not None and said.facts == facts and said.answer is not Answer.CREATE:
            yield f"{person_id} got a new account though somebody had answered «{said.answer}»"
        waits = [each for each in self.strays.values() if each.belongs == person_id and each.marks & marks]
        if waits and person_id not in self.new_wanted:
            yield f"{person_id} got a second account beside their own, and nobody said so"

    def taken(
        self, person_id: PersonId, account_id: AccountId, before: PersonId | None, marks: Marks
    ) -> Iterator[str]:
        """Judge that an account became somebody's, who was told by these marks and no others."""
        stray = self.strays.pop(account_id, None)
        if (person_id, account_id) in self.allowed:
            return
        if before and not (self._is_proven(person_id) and self._was_theirs(person_id, account_id, before)):
            yield f"{person_id} got the account of {before}, and nobody said so"
        elif stray is not None and (stray.doubtful or not stray.marks & marks):
            yield f"{person_id} got an account of which it was not certain that it is theirs"
        elif stray is not None and self._contradicts(stray, marks):
            yield f"{person_id} got one of two accounts that might be theirs, and nobody said which"

    def _is_proven(self, person_id: PersonId) -> bool:
        return person_id in self.former and self.former[person_id].proven

    def _contradicts(self, stray: Stray, marks: Marks) -> bool:
        """Tell whether the other account spoke as loudly all the time: they never had another mark."""
        other = self.strays.get(stray.beside) if stray.beside else None
        always = len({path for path, _ in marks}) == len(marks)
        return other is not None and bool(other.marks & marks) and always

    def forgotten(
        self, standing: Mapping[PersonId, Case | None], facts: Mapping[PersonId, Facts]
    ) -> Iterator[str]:
        """Find answers that the house asks for again, though nothing that they are about is different."""
        for person_id, said in self.said.items():
            case = standing.get(person_id)
            if case is None or facts[person_id] != said.facts:
                continue
            if case.waits and said.answer is not Answer.CREATE:
                yield f"a human's answer about {person_id} was forgotten"
            elif (
                case.case_id == said.case_id
                and case.ruled is not None
                and case.ruled.answer is not said.answer
            ):
                yield f"another answer about {person_id} counts than the last one"
