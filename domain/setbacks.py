"""What keeps a tenant from syncing by itself: why, since when, when we look again, and when we give up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.causes_stored import UNFIT
from domain.codes import Code
from domain.errors import StaffettaError
from domain.ids import ChangeId, RunId, SetbackId
from domain.run import Outcome
from domain.tenant import TenantState

RETRIES = (timedelta(minutes=15), timedelta(hours=1))
"""A complete run that failed is made again after these; the one after the last pauses the tenant."""

DAILY = timedelta(days=1)
SLOWER = (timedelta(hours=6), timedelta(hours=12), timedelta(hours=24))
"""The waits between probes; after the last one every day."""

PROBE_TAKES = timedelta(minutes=5)
"""A probe whose result is not there by then was lost, and is rung for again."""

TRY_SOON = timedelta(minutes=10)
NO_ANSWER = timedelta(hours=1)
"""A probe that met a silent end says nothing of what it asked; it is made again soon."""

WARN_AFTER = timedelta(days=21)
STOP_AFTER = timedelta(days=28)

FEWEST_ROWS = 20
PROBE_ROWS = 5


class Reason(StrEnum):
    """Name why runs do not begin by themselves, or are made again out of turn.

    retry           one or two complete runs failed; they are made again
    source, target  three in a row failed by that end
    credentials     an end refuses us, or its address is forbidden
    config          the configuration cannot be applied
    errors          too many changes of one run died
    strict          something failed, and this tenant allows no failure
    by-hand         a human asked for a pause
    """

    RETRY = "retry"
    CREDENTIALS = "credentials"
    SOURCE = "source"
    TARGET = "target"
    ERRORS = "errors"
    CONFIG = "config"
    STRICT = "strict"
    BY_HAND = "by-hand"


PROBES: Mapping[Reason, tuple[timedelta, ...]] = {
    Reason.CREDENTIALS: (DAILY,),
    Reason.SOURCE: SLOWER,
    Reason.TARGET: SLOWER,
    Reason.ERRORS: SLOWER,
}
"""What we look at ourselves, and after which waits; everything else waits for a human."""

ENDS_WITH_A_READING = frozenset({Reason.SOURCE, Reason.TARGET})
"""A complete run that did not fail is proof enough, whatever became of single people."""


STORED = frozenset(UNFIT)
"""What is wrong with what is stored here: no end heals it, so we do not look again by ourselves."""


class Step(StrEnum):
    """Name what is due about a setback."""

    REST = "rest"
    ANNOUNCE = "announce"
    RETRY = "retry"
    PROBE = "probe"
    WARN = "warn"
    STOP = "stop"
    FORGET = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setback:
    """One tenant's trouble, from the first failure to the proof that it is over.

    `code` is what humans are told, `failure` what happened. `on_trial`: a probe went well and the tenant
    goes on, but only a complete run proves it; until then nobody is told that it is over, and no clock
    begins anew. `by_hand`: a human paused it as well, so that only a human lets it go on by itself.
    """

    setback_id: SetbackId
    reason: Reason
    code: Code
    failure: Code
    detail: str
    since: datetime
    failures: int = 1
    probes: int = 0
    due_at: datetime | None = None
    warned: bool = False
    on_trial: bool = False
    by_hand: bool = False
    announced: bool = False
    over: bool = False
    run_id: RunId | None = None
    rows: tuple[ChangeId, ...] = ()

    @property
    def pauses(self) -> bool:
        """Tell whether the tenant rests because of it."""
        return not (self.reason is Reason.RETRY or self.on_trial or self.over)

    @property
    def ends_at(self) -> datetime | None:
        """Tell when the tenant is stopped for good unless it came back."""
        return self.since + STOP_AFTER if self.pauses else None

    @property
    def look_at(self) -> datetime | None:
        """Tell when the next step is due, whatever it is; None while nothing happens by itself."""
        if self.over or not self.announced:
            return self.since
        end = self.since + (STOP_AFTER if self.warned else WARN_AFTER)
        moments = [self.due_at, end if self.pauses else None]
        return min((each for each in moments if each is not None), default=None)


def next_step(setback: Setback, now: datetime) -> Step:
    """Choose what is due now.

    over                           forget   |  21 days                 warn, once
    not told to the log            announce |  due, and only retried   make the run again
    28 days                        stop     |  due                     probe
    """
    if setback.over:
        return Step.FORGET
    if not setback.announced:
        return Step.ANNOUNCE
    if setback.pauses and now >= setback.since + STOP_AFTER:
        return Step.STOP
    if setback.pauses and not setback.warned and now >= setback.since + WARN_AFTER:
        return Step.WARN
    if setback.due_at is None or now < setback.due_at:
        return Step.REST
    return Step.PROBE if setback.pauses else Step.RETRY


def probe_wait(reason: Reason, probes: int) -> timedelta | None:
    """Tell how long after `probes` failed probes the next one comes; None where a human must act."""
    waits = PROBES.get(reason)
    return None if waits is None else waits[min(probes, len(waits) - 1)]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What just went wrong in a run, or with the whole tenant."""

    reason: Reason
    failure: Code
    detail: str
    run_id: RunId | None


def reason_of_block(code: Code) -> Reason:
    """Tell a configuration that must be corrected from an end that refuses us."""
    return Reason.CONFIG if code in STORED else Reason.CREDENTIALS


def code_of(trouble: Trouble) -> Code:
    """Choose the cause under which a pause is told to humans."""
    match trouble.reason:
        case Reason.ERRORS:
            return Code.PAUSE_ERRORS
        case Reason.STRICT:
            return Code.PAUSE_STRICT
        case Reason.BY_HAND:
            return Code.TENANT_PAUSED
        case Reason.CREDENTIALS | Reason.CONFIG:
            return trouble.failure
        case Reason.RETRY | Reason.SOURCE | Reason.TARGET:
            return Code.PAUSE_RUNS


def after_failed_run(
    known: Setback | None,
    state: TenantState,
    failed: Trouble,
    *,
    strict: bool,
    now: datetime,
    fresh: SetbackId,
) -> Setback | None:
    """Decide what a failed complete run of a tenant means; None if it changes nothing.

    tenant not active      nothing: it rests already, or was never on its way
    strict                 paused at once, until a human's run is clean
    on trial after a probe paused again, as if the probe had failed
    first, second          made again after 15 minutes, after an hour
    third in a row         paused, with probes
    """
    if state is not TenantState.ACTIVE:
        return None
    if strict:
        return paused(known, replace_reason(failed, Reason.STRICT), now, fresh)
    known = None if known is None or known.over else known
    if known is not None and known.on_trial:
        return paused(known, failed, now, fresh)
    failures = known.failures + 1 if known is not None and known.reason is Reason.RETRY else 1
    if failures > len(RETRIES):
        return replace(paused(None, failed, now, fresh), failures=failures)
    return Setback(
        setback_id=known.setback_id if known is not None else fresh,
        reason=Reason.RETRY,
        code=failed.failure,
        failure=failed.failure,
        detail=failed.detail,
        since=known.since if known is not None else now,
        failures=failures,
        due_at=now + RETRIES[failures - 1],
        announced=True,
        run_id=failed.run_id,
    )


def failed_by(failure: Code) -> Reason:
    """Tell which end a run failed by."""
    return Reason.TARGET if is_of_target(failure) else Reason.SOURCE


def is_of_target(failure: Code) -> bool:
    """Tell whether the application, not Personio, was at fault."""
    return failure.value.startswith("target.")


def replace_reason(trouble: Trouble, reason: Reason) -> Trouble:
    """Keep what happened under another reason."""
    return replace(trouble, reason=reason)


def paused(known: Setback | None, trouble: Trouble, now: datetime, fresh: SetbackId) -> Setback:
    """Begin a rest, or go on with the one that stands: its 28 days and its probes count on.

    Another reason begins its probes anew, not its days.
    """
    goes_on = known is not None and not known.over and known.reason is not Reason.RETRY
    old = known if goes_on else None
    probes = 0
    if old is not None and old.reason is trouble.reason:
        probes = old.probes + (1 if old.on_trial else 0)
    wait = probe_wait(trouble.reason, probes)
    return Setback(
        setback_id=old.setback_id if old is not None else fresh,
        reason=trouble.reason,
        code=code_of(trouble),
        failure=trouble.failure,
        detail=trouble.detail,
        since=old.since if old is not None else now,
        failures=old.failures if old is not None else 1,
        probes=probes,
        due_at=None if wait is None else now + wait,
        warned=old is not None and old.warned,
        by_hand=trouble.reason is Reason.BY_HAND or (old is not None and old.by_hand),
        run_id=trouble.run_id,
    )


def after_failed_probe(setback: Setback, error: StaffettaError, now: datetime, *, silent: bool) -> Setback:
    """Say when to look again; an end that gave no answer at all is asked again within the hour."""
    probes = setback.probes if silent else setback.probes + 1
    wait = probe_wait(setback.reason, probes)
    if silent and wait is not None:
        wait = min(wait, NO_ANSWER)
    failure = setback.failure if silent else error.code
    due_at = None if wait is None else now + wait
    return replace(setback, probes=probes, due_at=due_at, failure=failure, rows=())


def too_many_died(dead: int, tried: int) -> bool:
    """Tell whether more than two fifths of at least twenty changes of one run died."""
    return tried >= FEWEST_ROWS and dead * 5 > tried * 2


def proves(setback: Setback, outcome: Outcome, refused: int) -> bool:
    """Tell whether a complete run shows that a setback is over. `refused` people were left out of it.

    Whom the target refused lately is not asked about again by a run, so such a run proves nothing of errors.
    """
    if setback.reason in ENDS_WITH_A_READING:
        return outcome in {Outcome.OK, Outcome.OK_WITH_HOLDS, Outcome.PARTIAL}
    return outcome in {Outcome.OK, Outcome.OK_WITH_HOLDS} and not refused


def back_to(setback: Setback | None) -> TenantState:
    """Tell where a tenant goes once nothing stands in its way."""
    return TenantState.PAUSED if setback is not None and setback.by_hand else TenantState.ACTIVE
