"""One pass from reading to target: its kinds, its phases, and how it may end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import ConfigVersion, PersonId, RunId, TenantId


class RunKind(StrEnum):
    """Name what a run reads: a whole feed, one person, or nothing: approvals, deletions and undos act."""

    FEED = "feed"
    PERSON = "person"
    APPROVAL = "approval"
    DELETION = "deletion"
    UNDO = "undo"


SCHEDULE = "schedule"
"""Who asks for the runs of a slot, and for removals on their day."""

OVERRIDE_OVER, EXPIRED_HOLD = "override is over", "expired hold"
NEW_CONFIGURATION, STALE_ROW = "new configuration", "stale row"
RETRY, RESUME = "retry", "resume"

BY_ITSELF = frozenset({SCHEDULE, OVERRIDE_OVER, EXPIRED_HOLD, NEW_CONFIGURATION, STALE_ROW, RETRY, RESUME})
"""Who asks for the runs that no human asked for."""


class Phase(StrEnum):
    """Name where a run is. At most one run of a tenant is in reading, listing or concluding."""

    READING = "reading"
    LISTING = "listing"
    CONCLUDING = "concluding"
    APPLYING = "applying"
    ENDED = "ended"


NEXT_PHASES: Mapping[Phase, frozenset[Phase]] = {
    Phase.READING: frozenset({Phase.LISTING, Phase.CONCLUDING, Phase.ENDED}),
    Phase.LISTING: frozenset({Phase.CONCLUDING, Phase.ENDED}),
    Phase.CONCLUDING: frozenset({Phase.LISTING, Phase.APPLYING, Phase.ENDED}),
    Phase.APPLYING: frozenset({Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


class Outcome(StrEnum):
    """Name how a run ended, from its rows and never from a guess."""

    OK = "ok"
    OK_WITH_HOLDS = "ok-with-holds"
    PARTIAL = "partial"
    PAUSED = "paused"
    FAILED = "failed"
    PLANNED = "planned"


WENT_WELL = frozenset({Outcome.OK, Outcome.OK_WITH_HOLDS, Outcome.PARTIAL})
"""Ends of a run that read everything and wrote what it could: the rest has incidents of its own."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run as its row tells it. `by` names who asked: «schedule», or an operator.

    `unproven` counts people who are missing and cannot be judged; a human hears of them as `unproven_why`.
    `missed` counts slots that passed before it without a run: it is the one catch-up for all of them.
    """

    run_id: RunId
    tenant_id: TenantId
    kind: RunKind
    slot: str
    by: str
    phase: Phase
    plan_only: bool
    config_version: ConfigVersion
    created_at: datetime
    person_id: PersonId | None = None
    cursor: str | None = None
    pages: int = 0
    universal: Mapping[str, str] | None = None
    blind: tuple[str, ...] = ()
    tries: int = 0
    outcome: Outcome | None = None
    code: Code | None = None
    detail: str = ""
    certificate: str = ""
    absence: str = ""
    absence_at: datetime | None = None
    unproven: int = 0
    unproven_why: Code | None = None
    ended_at: datetime | None = None
    first_page_asked_at: datetime | None = None
    missed: int = 0

    @property
    def certified(self) -> bool:
        """Tell whether absence may be judged from what this run read."""
        return self.certificate.startswith("certified")


@dataclass(frozen=True, slots=True)
class Carried:
    """What a run met that earlier runs had planned and it wanted just the same, as it stood when it ended.

    `people` counts whom the run read and who have a row, of this run or of those.
    """

    people: int
    states: Mapping[str, int] = field(default_factory=dict)
    whys: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one run, grouped from its rows: skipped people by reason, done rows by action."""

    people: int = 0
    pages: int = 0
    unchanged: int = 0
    actions: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    whys: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    source_requests: int = 0
    target_requests: int = 0
    carried: Carried | None = None

    def twice(self) -> int:
        """Tell how many people are counted in two ways, such as skipped for one thing and changed in another.

        Everybody who was read is unchanged, skipped, or has a row; below zero, so many are in no figure.
        """
        if self.carried is None:
            return 0
        return self.unchanged + sum(self.skipped.values()) + self.carried.people - self.people

    def count(self, *states: ChangeState) -> int:
        """Add up the rows in these states."""
        return sum(self.states.get(state.value, 0) for state in states)


def outcome_of(
    figures: Figures, *, held: int, plan_only: bool, tenant_writes: bool, lost: int = 0
) -> Outcome:
    """Judge an ended run by its rows: the worst thing that is still true names it.

    `held` counts rows that earlier runs held and this one carried; `lost` attributes that it could not trust.
    """
    if plan_only:
        return Outcome.PLANNED
    by_policy = sum(figures.whys.get(code.value, 0) for code in (Code.REMOVAL_WAITS, Code.APPLY_HOURS))
    if figures.count(ChangeState.DEAD, ChangeState.STALE, ChangeState.WAITING) > by_policy:
        return Outcome.PARTIAL
    if figures.count(ChangeState.PARKED) or (not tenant_writes and figures.count(ChangeState.RELEASED)):
        return Outcome.PAUSED
    if lost:
        return Outcome.PARTIAL
    if figures.count(ChangeState.HELD) or held:
        return Outcome.OK_WITH_HOLDS
    return Outcome.OK
