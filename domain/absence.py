"""Judge who is not in a feed any more: absence alone is nothing, proof is the source's own word or time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.account import Scalar
from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish
from domain.ids import PersonId, RunId
from domain.link import Link
from domain.schedule import Schedule, last_step

MOST_PROBED = 100
"""So many people are asked for by id in one run; whoever misses more has another feed, not other people."""

SHORTEST_APART = timedelta(hours=1)
LATE = timedelta(minutes=10)
"""A run may begin a little late; the next one then is not a whole interval later to the second."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Everybody asked for is denied by the source itself, while the control person is confirmed."""

    people: tuple[PersonId, ...]
    control: PersonId


@dataclass(frozen=True, slots=True)
class Refuted:
    """The feed was wrong, although it added up: nothing may be concluded from absence in it."""

    detail: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The source did not answer by id this time: nothing is proven until it does, however often it lists."""

    detail: str


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nobody can be asked for by id, now or later; only a second certified feed can tell."""

    detail: str


@dataclass(frozen=True, slots=True)
class TooMany:
    """So many are missing that nobody is asked for; only a second certified feed can tell, and a human."""

    count: int
    most: int

    @property
    def detail(self) -> str:
        """Say why nobody was asked for."""
        return f"more than {self.most} people with an open account are missing at once"


Absence: TypeAlias = Proven | Refuted | Unanswered | Unasked | TooMany


@dataclass(frozen=True, slots=True)
class AbsentSince:
    """Somebody whom an earlier certified feed lacked too, under the same configuration and rights."""

    person_id: PersonId
    run_id: RunId
    since: datetime
    certificate: str


def judge_absence(answers: Mapping[PersonId, bool], control: PersonId, *, control_found: bool) -> Absence:
    """Judge the answers by id: True means that the source has the person after all.

    control denied               refuted: a source that denies somebody it just listed proves nothing
    one of the absent confirmed  refuted: the feed was incomplete, so it is for everybody
    all of the absent denied     proven
    """
    if not control_found:
        return Refuted("a person of the same feed was denied when asked for by id")
    confirmed = sum(answers.values())
    if confirmed:
        return Refuted(f"{confirmed} of {len(answers)} people missing in the feed were found by id")
    return Proven(tuple(answers), control)


def apart(schedule: Schedule, at: datetime) -> timedelta:
    """Tell how much later a feed of this moment must be to prove anything: one interval, an hour at least."""
    return max(SHORTEST_APART, last_step(schedule, at) - LATE)


def evidence_by_id(proof: Proven, run_id: RunId, certificate: str) -> dict[str, Scalar]:
    """Write down what proves absence: a certified feed, and the source's own «no»."""
    return {
        "feed": run_id,
        "certificate": certificate,
        "asked by id": "404, in Personio's own envelope",
        "control person": f"{proof.control}: 200",
    }


def evidence_by_time(before: AbsentSince, why: str, run_id: RunId, certificate: str) -> dict[str, Scalar]:
    """Write down what proves absence where nobody could be asked: two certified feeds, far enough apart."""
    return {
        "feed": run_id,
        "certificate": certificate,
        "earlier feed": before.run_id,
        "earlier certificate": before.certificate,
        "absent since": before.since.isoformat(timespec="seconds"),
        "asked by id": f"not asked: {why}",
    }


def removal(link: Link, evidence: Mapping[str, Scalar]) -> Wish:
    """Wish to close the account of somebody who is proven not to be visible any more."""
    return Wish(
        link.person_id,
        Aspect.ACCOUNT,
        Action.DEACTIVATE,
        before=link.values,
        cause=Code.PERSON_NOT_SEEN,
        link_version=link.version,
        evidence=evidence,
    )
