"""Whose accounts really are, what humans said about that, and what may then never be seen from outside."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.cases import Answer, Case
from domain.ids import AccountId, CaseId, PersonId

Facts = tuple[object, ...]
"""How much was said and done about those whom an answer is about: while it stays, so must the answer."""


@dataclass(frozen=True)
class Stray:
    """An account that somebody made by hand: whose it really is, and whether the house must ask first."""

    belongs: PersonId | None
    name: str
    doubtful: bool


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

    `former`: under which id somebody was known before. `allowed`: which account somebody said is whose, from
    the moment of saying it on; one may be answered before it is heard that the answer was taken.
    """

    strays: dict[AccountId, Stray] = field(default_factory=dict)
    former: dict[PersonId, PersonId] = field(default_factory=dict)
    allowed: set[tuple[PersonId, AccountId]] = field(default_factory=set)
    new_wanted: set[PersonId] = field(default_factory=set)
    said: dict[PersonId, Said] = field(default_factory=dict)
    by_hand: int = 0
    touched: Counter[AccountId] = field(default_factory=Counter)

    def right(self, case: Case) -> AccountId | None:
        """Tell which account of a case is the person's; None if they need a new one."""
        before = self.former.get(case.person_id)
        for each in case.candidates:
            stray = self.strays.get(each.account_id)
            theirs = stray.belongs == case.person_id if stray else before is not None and each.owner == before
            if theirs:
                return each.account_id
        return None

    def say(self, case: Case, answer: Answer, account_id: AccountId | None) -> None:
        """Count an answer from the moment in which it is said; what was said before is over."""
        self.said.pop(case.person_id, None)
        if account_id is not None:
            self.allowed.add((case.person_id, account_id))
        if answer is Answer.CREATE:
            self.new_wanted.add(case.person_id)

    def heed(self, case: Case, answer: Answer, account_id: AccountId | None, facts: Facts) -> None:
        """Hold the house to an answer that it took."""
        about = tuple(each.account_id for each in case.candidates)
        self.said[case.person_id] = Said(case.case_id, answer, account_id, about, facts)

    def made(self, person_id: PersonId, name: object, facts: Facts) -> Iterator[str]:
        """Judge that somebody got a new account."""
        said = self.said.get(person_id)
        if said is not None and said.facts == facts and said.answer is not Answer.CREATE:
            yield f"{person_id} got a new account though somebody had answered «{said.answer}»"
        waits = [each for each in self.strays.values() if each.belongs == person_id and each.name == name]
        if waits and person_id not in self.new_wanted:
            yield f"{person_id} got a second account beside their own, and nobody said so"

    def taken(
        self, person_id: PersonId, account_id: AccountId, before: object, names: set[str]
    ) -> Iterator[str]:
        """Judge that an account became somebody's."""
        stray = self.strays.pop(account_id, None)
        if (person_id, account_id) in self.allowed:
            return
        if before:
            yield f"{person_id} got the account of {before}, and nobody said so"
        elif stray is not None and (stray.doubtful or stray.name not in names):
            yield f"{person_id} got an account of which it was not certain that it is theirs"

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
