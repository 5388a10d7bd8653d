"""A case: a question about an identity that only a human can answer, and the answer that is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.codes import Code
from domain.ids import AccountId, CaseId, PersonId

IDENTITY = frozenset(
    {
        Code.KEY_FOREIGN,
        Code.KEY_RECYCLED,
        Code.MATCH_AMBIGUOUS,
        Code.MATCH_SUGGESTED,
        Code.PERSON_RETURNED,
    }
)
"""Doubts that make a case. Two people who claim one name are for HR in Personio, and make none."""


class Answer(StrEnum):
    """Name what a human can answer: this account is theirs, make a new one, or leave the person alone."""

    LINK = "link"
    CREATE = "create"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that may be the person's, with what speaks for it and what against."""

    account_id: AccountId
    name: str
    external_id: str | None
    active: bool
    owner: PersonId | None = None
    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCase:
    """A doubt as conclude found it. `facts` is what an answer holds for: other facts are another question."""

    person_id: PersonId
    kind: Code
    detail: str
    facts: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """An answer: who gave it, and why. `account_id` is set where an account was linked."""

    answer: Answer
    by: str
    reason: str
    account_id: AccountId | None = None

    def says_as(self, other: "Ruled") -> bool:
        """Tell whether two answers mean the same, whoever gave them and why."""
        return (self.answer, self.account_id) == (other.answer, other.account_id)


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it is stored; open while nobody answered and the doubt lasts."""

    case_id: CaseId
    person_id: PersonId
    kind: Code
    detail: str
    candidates: tuple[Candidate, ...]
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None = None
    ruled: Ruled | None = None
    ruled_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Tell whether a human still has to answer."""
        return self.ruled is None and self.closed_at is None


SHORT = 8


def short(case_id: CaseId) -> str:
    """Name a case by the end of its id, which is chance: short enough to be read out and typed."""
    return case_id[-SHORT:]


def facts_of(kind: Code, wanted: Sequence[str | None], candidates: Sequence[Candidate]) -> str:
    """Write down what an answer depends on: the values by which was matched, and the accounts as they are.

    That an account of ours was closed since it was asked about is no news: we close it, and the answer may be
    waiting for that. Whether somebody needs it is looked at before it is given away.
    """
    closes = kind is Code.PERSON_RETURNED
    accounts = sorted(
        f"{each.account_id}|{each.external_id}|{_is_open(each) and not closes}|{each.owner}|{each.name}"
        for each in candidates
    )
    return "\n".join([kind.value, *(value or "" for value in wanted), *accounts])


def _is_open(candidate: Candidate) -> bool:
    """Tell whether an account that is nobody's with us is open; of ours that decides nothing."""
    return candidate.active and candidate.owner is None
