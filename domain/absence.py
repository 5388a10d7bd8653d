"""Judge who is not in a feed any more: absence alone is nothing, proof is the source's own word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from domain.account import Scalar
from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish
from domain.ids import PersonId, RunId
from domain.link import Link

MOST_PROBED = 100
"""So many people are asked for by id in one run; whoever misses more has another feed, not other people."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Everybody asked for is denied by the source itself, while the control person is confirmed."""

    people: tuple[PersonId, ...]
    control: PersonId


@dataclass(frozen=True, slots=True)
class Unproven:
    """Nothing may be concluded from absence in this run."""

    detail: str


Absence: TypeAlias = Proven | Unproven


def judge_absence(answers: Mapping[PersonId, bool], control: PersonId, *, control_found: bool) -> Absence:
    """Judge the answers by id: True means that the source has the person after all.

    control denied               unproven: a source that denies somebody it just listed proves nothing
    one of the absent confirmed  unproven: the feed was incomplete, so it is for everybody
    all of the absent denied     proven
    """
    if not control_found:
        return Unproven("a person of the same feed was denied when asked for by id")
    confirmed = sum(answers.values())
    if confirmed:
        return Unproven(f"{confirmed} of {len(answers)} people missing in the feed were found by id")
    return Proven(tuple(answers), control)


def removal(link: Link, proof: Proven, run_id: RunId, certificate: str) -> Wish:
    """Wish to close the account of somebody who is proven not to be visible any more."""
    evidence: dict[str, Scalar] = {
        "feed": run_id,
        "certificate": certificate,
        "asked by id": "404, in Personio's own envelope",
        "control person": f"{proof.control}: 200",
    }
    return Wish(
        link.person_id,
        Aspect.ACCOUNT,
        Action.DEACTIVATE,
        before=link.values,
        cause=Code.PERSON_NOT_SEEN,
        link_version=link.version,
        evidence=evidence,
    )
