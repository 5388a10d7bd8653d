"""Reconcile carries out envelopes: claim, call side by side, record and claim the next in one go."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from domain.account import Account
from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.errors import TemporaryError, TenantBlockedError
from domain.events import EmployeeChanged, Event, RunDue
from domain.identity import Claims, Wanted
from domain.ids import AccountId, ConfigVersion, PersonId, RunId, TenantId
from domain.outcomes import Did, HandlerOutcome, Nothing
from domain.ports import Transaction
from domain.records import Job, NewRun, Outdated, Refused, Returned, Settlement
from domain.run import NEW_CONFIGURATION, STALE_ROW, RunKind
from workers.asking_again import SecondLook
from workers.block import block_tenant
from workers.conclude import LISTED
from workers.decided import against_overrides
from workers.desk import Desk, count_requests
from workers.farewell import note_farewells
from workers.halt import Halt
from workers.hours import keep_hours
from workers.identifying import claims
from workers.lateness import healed, moved, too_late
from workers.leased import LeasedTarget
from workers.perform import Bench, perform
from workers.ring import carry_on
from workers.settle import tell_refusals
from workers.silence import note_silence

LIST_STAYS_TRUE = timedelta(hours=1)
"""For so long a listed target is believed; later each create looks for its account again."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the first transaction claimed, and all that it takes to judge it."""

    jobs: Sequence[Job]
    config: Configuration
    now: datetime
    leased_at: datetime
    listed: bool
    stale: Mapping[str, Code]
    silent: bool


def reconcile(event: EmployeeChanged, desk: Desk) -> HandlerOutcome:
    """Bring accounts in line, envelope after envelope of one run, for one turn of a few seconds.

    Whoever settles an envelope takes the next in the same transaction; the others are rung for. Rows that
    are not due any more are left alone.
    """
    began, done = desk.clock.now(), Counter[str]()
    token = desk.ids.new()
    with desk.store.write() as tx:
        envelope = _claim(tx, event, token, desk)
        events = [] if envelope else carry_on(tx, event.tenant_id, event.run_id, desk)
    while envelope is not None:
        blocked = Halt(event.tenant_id, desk, envelope.leased_at)
        settlements = _side_by_side(event, envelope, token, blocked, desk)
        done.update(type(each).__name__.lower() for each in settlements)
        goes_on = blocked.error is None and desk.clock.now() - began < desk.limits.turn
        event, token, envelope, events = _record(
            event, envelope, settlements, token, blocked, desk, goes_on=goes_on
        )
        desk.publisher.ring(events)
    if not done:
        desk.publisher.ring(events)
        return Nothing("no row of this envelope is due")
    return Did("envelopes done", tuple(sorted(done.items())))


def _record(
    event: EmployeeChanged,
    envelope: "Envelope",
    settlements: Sequence[Settlement],
    token: str,
    blocked: Halt,
    desk: Desk,
    *,
    goes_on: bool,
) -> tuple[EmployeeChanged, str, "Envelope | None", list[Event]]:
    """Record an envelope and claim the next one, in one transaction.

    The calls were made: a store that is away for a moment must not make them look like a crash.
    """
    for pause in (*desk.limits.patience, None):
        try:
            with desk.store.write() as tx:
                events = _settle(tx, event, envelope, settlements, token, blocked, desk)
                following = _next(events, event) if goes_on else None
                if following is None:
                    return event, token, None, events
                fresh = desk.ids.new()
                rest = [each for each in events if each is not following]
                return following, fresh, _claim(tx, following, fresh, desk), rest
        except TemporaryError:
            if pause is None:
                raise
            desk.sleep(pause)
    raise AssertionError("the last try either returns or raises")


def _settle(
    tx: Transaction,
    event: EmployeeChanged,
    envelope: "Envelope",
    settlements: Sequence[Settlement],
    token: str,
    blocked: Halt,
    desk: Desk,
) -> list[Event]:
    """Record what became of an envelope, and ring for whatever follows from it."""
    tx.changes.settle(event.tenant_id, token, settlements)
    count_requests(tx, event.tenant_id, event.run_id, desk)
    events = _fresh_looks(tx, event, envelope.jobs, settlements, envelope.config.version, desk)
    events += note_farewells(
        tx, event.tenant_id, envelope.config, envelope.jobs, settlements, envelope.stale, desk.ids
    )
    died = frozenset(each.code for each in settlements if isinstance(each, Refused))
    events += tell_refusals(tx, event.tenant_id, died, event.run_id, desk.ids)
    events += note_silence(tx, event.tenant_id, settlements)
    if blocked.error is not None:
        events += block_tenant(tx, event.tenant_id, blocked.error, desk.ids)
    return events + carry_on(tx, event.tenant_id, event.run_id, desk, event.queue)


def _next(events: Sequence[Event], event: EmployeeChanged) -> EmployeeChanged | None:
    """Choose an envelope of the same run and queue to go on with."""
    return next(
        (
            each
            for each in events
            if isinstance(each, EmployeeChanged) and (each.run_id, each.queue) == (event.run_id, event.queue)
        ),
        None,
    )


def _claim(tx: Transaction, event: EmployeeChanged, token: str, desk: Desk) -> Envelope | None:
    config = tx.tenants.configuration(event.tenant_id)
    run = tx.runs.get(event.tenant_id, event.run_id)
    if config is None or run is None:
        return None
    keep_hours(tx, event.tenant_id, config)
    leased_at = desk.clock.now()
    jobs = tx.changes.claim(event.tenant_id, event.change_ids, token, desk.limits.target_lease)
    if not jobs:
        return None
    listed = run.cursor == LISTED and tx.now() - run.created_at < LIST_STAYS_TRUE
    stale = _stale(tx, event, jobs, config) | too_late(run, jobs, tx.now())
    silent = tx.outages.get(event.tenant_id) is not None
    return Envelope(jobs, config, tx.now(), leased_at, listed, stale, silent)


def _bench(event: EmployeeChanged, envelope: Envelope, blocked: Halt, desk: Desk) -> Bench:
    return Bench(
        tenant_id=event.tenant_id,
        target=LeasedTarget(desk.accounts.target(event.tenant_id), blocked.is_fresh),
        config=envelope.config,
        vault=desk.vault,
        now=envelope.now,
        listed=envelope.listed,
        stale=envelope.stale,
        claims=_Owners(event, desk).claims,
        came_back=SecondLook(event.tenant_id, envelope.config, envelope.now, desk).came_back,
        silent=envelope.silent,
        dice=desk.ids.dice(),
    )


def _stale(
    tx: Transaction, event: EmployeeChanged, jobs: Sequence[Job], config: Configuration
) -> dict[str, Code]:
    """Find rows of an old configuration, and approved ones whose person moved since: nothing is sent."""
    stale: dict[str, Code] = {
        job.change.change_id: Code.CONFIG_CHANGED
        for job in jobs
        if job.change.config_version != config.rules_version
    }
    strict = [job for job in jobs if job.change.strict]
    digests = tx.people.digests(event.tenant_id, [job.change.person_id for job in strict]) if strict else {}
    stirred = [
        job for job in strict if moved(tx, event.tenant_id, job, digests.get(job.change.person_id, b""))
    ]
    stirred += [job for job in jobs if _taken(tx, event.tenant_id, job) or healed(job)]
    stirred += against_overrides(tx, event.tenant_id, jobs, config)
    return {job.change.change_id: Code.PLAN_STALE for job in stirred} | stale


def _taken(tx: Transaction, tenant_id: TenantId, job: Job) -> bool:
    """Tell whether an account that is to be linked is in use by somebody else after all."""
    change = job.change
    if change.action is not Action.LINK or change.account_id is None or job.link is not None:
        return False
    owner = tx.links.by_account(tenant_id, change.account_id)
    if owner is None or owner == change.person_id:
        return False
    return tx.links.marks(tenant_id, [owner])[owner].active


class _Owners:
    """Know whose each account is, and give no account to two people of one envelope."""

    def __init__(self, event: EmployeeChanged, desk: Desk) -> None:
        self._tenant_id = event.tenant_id
        self._desk = desk
        self._given: dict[AccountId, PersonId] = {}
        self._lock = Lock()

    def claims(self, found: Sequence[Account], wanted: Wanted) -> Claims:
        """Tell which of these accounts are somebody else's; the others are given to this person."""
        if not found:
            return Claims()
        with self._desk.store.read() as tx, self._lock:
            known = claims(tx, self._tenant_id, wanted, found, self._given)
            others = {account.account_id for account in found} - known.linked.keys()
            self._given.update(dict.fromkeys(others, wanted.person_id))
        return known


def _side_by_side(
    event: EmployeeChanged, envelope: Envelope, token: str, blocked: Halt, desk: Desk
) -> list[Settlement]:
    """Run the calls of one envelope at the same time, and keep the lease while they take long."""
    try:
        bench = _bench(event, envelope, blocked, desk)
    except TenantBlockedError as error:
        blocked.error = error
        return [Returned(job.change.change_id) for job in envelope.jobs]
    futures = [desk.hands.submit(_one, job, bench, blocked) for job in envelope.jobs]
    pending: set[Future[Settlement]] = set(futures)
    while pending:
        pending = desk.wait(pending, desk.limits.renew_every)
        if pending:
            _keep_lease(event, token, blocked, desk)
    return [future.result() for future in futures]


def _keep_lease(event: EmployeeChanged, token: str, blocked: Halt, desk: Desk) -> None:
    """Renew the lease of an envelope that takes long; no write is begun any more once it is lost."""
    asked = desk.clock.now()
    try:
        with desk.store.write() as tx:
            blocked.lost = tx.changes.keep_lease(event.tenant_id, token, desk.limits.target_lease) == 0
    except TemporaryError:
        blocked.lost = True
    else:
        blocked.leased_at = asked


def _one(job: Job, bench: Bench, blocked: Halt) -> Settlement:
    """Do one row so that whatever happens to it stays its own: a poison row spares its neighbours."""
    change_id = job.change.change_id
    if blocked.halts():
        return Returned(change_id)
    try:
        return perform(job, bench)
    except TenantBlockedError as error:
        blocked.error = error
        return Returned(change_id)
    except Exception as error:  # noqa: BLE001  a bug met by one row must not cost the others their turn
        return Refused(change_id, Code.INTERNAL, type(error).__name__)


def _fresh_looks(
    tx: Transaction,
    event: EmployeeChanged,
    jobs: Sequence[Job],
    settlements: Sequence[Settlement],
    version: ConfigVersion,
    desk: Desk,
) -> list[Event]:
    """Ask for a run of one for everybody whose row went stale: stale never means forgotten.

    Another configuration concerns everybody, so it asks for one complete run instead.
    """
    people = {job.change.change_id: job.change.person_id for job in jobs}
    wanted: list[NewRun] = []
    for each in settlements:
        if isinstance(each, Outdated) and each.code is Code.CONFIG_CHANGED:
            wanted.append(NewRun(RunKind.FEED, f"configuration:{version}", NEW_CONFIGURATION))
        elif isinstance(each, Outdated):
            person_id = people[each.change_id]
            wanted.append(NewRun(RunKind.PERSON, f"stale:{each.change_id}", STALE_ROW, person_id=person_id))
    runs = [tx.runs.add(event.tenant_id, RunId(desk.ids.new()), new, version) for new in wanted]
    return [RunDue(event.tenant_id, run.run_id) for run in runs if run is not None]
