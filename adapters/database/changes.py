"""The rows of all plans. Each question lives in a small room of its own; this class is the door to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from adapters.database import (
    changes_absent,
    changes_awaiting,
    changes_claim,
    changes_death,
    changes_delay,
    changes_done,
    changes_guard,
    changes_hours,
    changes_keys,
    changes_lost,
    changes_merge,
    changes_moves,
    changes_notes,
    changes_old,
    changes_parked,
    changes_plan,
    changes_prune,
    changes_rewrite,
    changes_rows,
    changes_settle,
    changes_sweep,
    changes_wake,
    changes_window,
    changes_yes,
)
from adapters.database.session import Session
from domain.account import Account, Scalar
from domain.changes import Action, Aspect, Change, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.config import MatchRule
from domain.events import EmployeeChanged, Queue
from domain.ids import ChangeId, ConfigVersion, EnvelopeId, PersonId, RunId, TenantId
from domain.keys import Contest
from domain.records import Expired, Job, Planned, Settled, Settlement


class SqlChanges:
    """Keep the rows of all plans; `domain.ports_changes.Changes` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def plan(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        wishes: Sequence[tuple[ChangeId, Wish]],
        config: ConfigVersion,
        snapshots: Mapping[PersonId, bytes],
    ) -> int:
        """Insert planned rows and tell how many, but none that is there already or decided against."""
        return changes_plan.plan(self._session, tenant_id, run_id, wishes, config, snapshots)

    def drop_absent(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Drop open creates of people who are not in a certified feed any more."""
        return changes_absent.drop_absent(self._session, tenant_id, run_id)

    def open_aspects(
        self, tenant_id: TenantId, people: Sequence[PersonId]
    ) -> Mapping[PersonId, frozenset[Aspect]]:
        """Tell which aspects of these people have an open or a working row."""
        return changes_rows.open_aspects(self._session, tenant_id, people)

    def creates_planned(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Count the run's planned rows that would create an account."""
        return changes_rows.creates_planned(self._session, tenant_id, run_id)

    def correlate(
        self, tenant_id: TenantId, run_id: RunId, rules: Sequence[MatchRule] = ()
    ) -> Sequence[tuple[Change, tuple[Account, ...]]]:
        """Pair planned creates with listed accounts of the same external id, or found by a rule."""
        return changes_keys.correlate(self._session, tenant_id, run_id, rules)

    def turn_into_link(
        self,
        tenant_id: TenantId,
        change_id: ChangeId,
        account: Account,
        after: Mapping[str, Scalar] | None = None,
        evidence: Mapping[str, Scalar] | None = None,
    ) -> None:
        """Make a planned create a planned link to this account."""
        changes_plan.turn_into_link(self._session, tenant_id, change_id, account, after, evidence)

    def leave_alone(self, tenant_id: TenantId, change_id: ChangeId, detail: str) -> None:
        """Drop a planned row, and the open one of the same aspect, because a human said so."""
        changes_notes.leave_alone(self._session, tenant_id, change_id, detail)

    def contests(self, tenant_id: TenantId, run_id: RunId) -> Sequence[Contest]:
        """Return each unique name that a planned row of this run wants and somebody else wants or holds."""
        return changes_keys.contests(self._session, tenant_id, run_id)

    def rewrite(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        wishes: Sequence[tuple[ChangeId, Wish]],
        config: ConfigVersion,
    ) -> int:
        """Put other wishes in the place of planned rows, under the same ids."""
        return changes_rewrite.rewrite(self._session, tenant_id, run_id, wishes, config)

    def hold(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], why: Code, detail: str) -> None:
        """Hold planned rows (when they are released) and released rows (at once)."""
        changes_notes.hold(self._session, tenant_id, change_ids, why, detail)

    def block(self, tenant_id: TenantId, change_id: ChangeId, on: str) -> None:
        """Let a planned row wait for another row or a link."""
        changes_notes.block(self._session, tenant_id, change_id, on)

    def insert(
        self, tenant_id: TenantId, run_id: RunId, change_id: ChangeId, planned: Planned, config: ConfigVersion
    ) -> bool:
        """Insert a planned row made by concluding; False if the person has an open row of that aspect."""
        return changes_plan.insert(self._session, tenant_id, run_id, change_id, planned, config)

    def delay(self, tenant_id: TenantId, run_id: RunId, waits: Mapping[Code, timedelta]) -> int:
        """Give the run's planned removals of these causes a due time."""
        return changes_delay.delay(self._session, tenant_id, run_id, waits)

    def await_accounts(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Block planned rows about a manager who has no account, and gets none before."""
        changes_awaiting.await_accounts(self._session, tenant_id, run_id)

    def merge(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Let planned rows meet what is open from earlier plans."""
        changes_merge.merge(self._session, tenant_id, run_id)

    def set_aside(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Drop from a plan what another run has done, or has in hand."""
        changes_done.set_aside(self._session, tenant_id, run_id)

    def release(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Let planned rows meet what is open, then let them go; tells how many are due."""
        return changes_merge.release(self._session, tenant_id, run_id)

    def propose(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Make the run's planned rows proposals; notes stay on them."""
        return changes_merge.propose(self._session, tenant_id, run_id)

    def adopt(
        self,
        tenant_id: TenantId,
        plan: RunId,
        run_id: RunId,
        change_ids: Sequence[ChangeId] | None = None,
        *,
        lift: bool = False,
    ) -> int:
        """Move the proposals of a plan, or some of them, to an approval run as strict planned rows."""
        return changes_yes.adopt(self._session, tenant_id, plan, run_id, change_ids, lift=lift)

    def park(self, tenant_id: TenantId) -> int:
        """Park all released and waiting rows."""
        return changes_parked.park(self._session, tenant_id)

    def unpark(self, tenant_id: TenantId) -> int:
        """Release what was parked."""
        return changes_parked.unpark(self._session, tenant_id)

    def keep_hours(self, tenant_id: TenantId, opens_at: datetime | None) -> None:
        """Let due rows of runs that nobody asked for wait until then, or let go what waited for it."""
        changes_hours.keep_hours(self._session, tenant_id, opens_at)

    def fill_window(
        self,
        tenant_id: TenantId,
        queue: Queue,
        new_envelope: Iterable[EnvelopeId],
        most: int,
        size: int,
        turn: EmployeeChanged | None = None,
    ) -> Sequence[EmployeeChanged]:
        """Mark the next due rows as rung and return their envelopes."""
        return changes_window.fill_window(self._session, tenant_id, queue, new_envelope, most, size, turn)

    def claim(
        self, tenant_id: TenantId, change_ids: Sequence[ChangeId], token: str, lease: timedelta
    ) -> Sequence[Job]:
        """Take the released rows among these, at most one of each person."""
        return changes_claim.claim(self._session, tenant_id, change_ids, token, lease)

    def keep_lease(self, tenant_id: TenantId, token: str, lease: timedelta) -> int:
        """Renew the lease of all rows that this token still works on."""
        return changes_claim.keep_lease(self._session, tenant_id, token, lease)

    def settle(self, tenant_id: TenantId, token: str, settlements: Sequence[Settlement]) -> Settled:
        """Record what happened to each row that this token still holds; says which, and the letters."""
        return changes_settle.settle(self._session, tenant_id, token, settlements)

    def with_expired(self) -> Sequence[TenantId]:
        """Tell who has working rows whose lease ran out."""
        return changes_sweep.with_expired(self._session)

    def expire_leases(self, tenant_id: TenantId) -> Expired:
        """Count a crash on each working row whose lease ran out; most wait, due now, some die."""
        return changes_sweep.expire_leases(self._session, tenant_id)

    def wake(self) -> int:
        """Release blocked rows whose link or row is there by now; all tenants."""
        return changes_wake.wake(self._session)

    def forget_rung(self, ago: timedelta) -> int:
        """Forget which rows were rung so long ago, and no worker took them."""
        return changes_window.forget_rung(self._session, ago)

    def due_now(self) -> tuple[int, datetime | None]:
        """Count the rows of tenants that may write which are due, and tell when the oldest was planned."""
        return changes_window.due_now(self._session)

    def due(self) -> Sequence[TenantId]:
        """List tenants that may write and have something to write now."""
        return changes_window.due(self._session)

    def rows(
        self,
        tenant_id: TenantId,
        *,
        run_id: RunId | None = None,
        person_id: PersonId | None = None,
        states: Sequence[ChangeState] = (),
        actions: Sequence[Action] = (),
        change_ids: Sequence[ChangeId] = (),
        limit: int = 1000,
    ) -> Sequence[Change]:
        """List rows, opened, oldest first."""
        return changes_rows.rows(
            self._session, tenant_id, run_id, person_id, states, limit, actions, change_ids
        )

    def approve(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], run_id: RunId) -> int:
        """Release held rows as strict rows of an approval run."""
        return changes_yes.approve(self._session, tenant_id, change_ids, run_id)

    def reject(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], by: str = "") -> int:
        """Settle held rows as rejected, and do not make the same rows again."""
        return changes_yes.reject(self._session, tenant_id, change_ids, by)

    def old_holds(self, older: timedelta) -> Sequence[tuple[TenantId, ChangeId, PersonId]]:
        """List rows of all tenants that have waited for a human for so long."""
        return changes_old.old_holds(self._session, older)

    def drop_old_plans(self, older: timedelta) -> int:
        """Drop proposals of all tenants that nobody applied for so long."""
        return changes_old.drop_old_plans(self._session, older)

    def forget_values(self, older: timedelta, dead_older: timedelta, most: int) -> int:
        """Empty settled rows of all tenants, the oldest first."""
        return changes_prune.forget_values(self._session, older, dead_older, most)

    def forget_rows(self, older: timedelta, most: int) -> int:
        """Remove emptied rows of all tenants, the oldest first."""
        return changes_prune.forget_rows(self._session, older, most)

    def requeue(self, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> Sequence[ChangeId]:
        """Release dead rows again, end their refusals, and return them; others are left alone."""
        return changes_death.requeue(self._session, tenant_id, change_ids)

    def look_again(self, tenant_id: TenantId) -> int:
        """Release dead rows that may have given an account to somebody who shall have none."""
        return changes_lost.look_again(self._session, tenant_id)

    def holds(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count the people whose change is held now, by cause."""
        return changes_guard.holds(self._session, tenant_id)

    def troubles(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count the people whose open change waits for the end of a cause, by cause; holds among them."""
        return changes_guard.troubles(self._session, tenant_id)

    def take_turn(self, tenant_id: TenantId) -> None:
        """Let no other transaction move this tenant's rows until this one ends."""
        changes_moves.tenants_turn(self._session, tenant_id)

    def in_flight(self, tenant_id: TenantId) -> bool:
        """Tell whether any change is due or being carried out now."""
        return changes_guard.in_flight(self._session, tenant_id)

    def refusals(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count the people whose change was refused and is not tried again by itself yet, by cause."""
        return changes_death.refusals(self._session, tenant_id)
