"""What handlers ask of the store about the rows of plans."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.account import Account, Scalar
from domain.changes import Action, Aspect, Change, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.config import MatchRule
from domain.events import EmployeeChanged, Queue
from domain.ids import ChangeId, ConfigVersion, EnvelopeId, PersonId, RunId, TenantId
from domain.keys import Contest
from domain.ports_sweeping import SweptChanges
from domain.records import Job, Planned, Settled, Settlement


class Changes(SweptChanges, Protocol):
    """Keep the rows of all plans, and move them only along `domain.changes.TRANSITIONS`."""

    def plan(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        wishes: Sequence[tuple[ChangeId, Wish]],
        config: ConfigVersion,
        snapshots: Mapping[PersonId, bytes],
    ) -> int:
        """Insert planned rows; one per (run, person, aspect), a second one is ignored.

        A wish that matches a live decision (refused, rejected …) makes no row. Returns how many were made.
        `snapshots` are the digests of the people's snapshots that the plan was made from.
        """
        ...

    def drop_absent(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Drop open creates and links of people who are on no page of this certified run.

        Not those whose request may have been acted upon: they go on until somebody knows.
        """
        ...

    def open_aspects(
        self, tenant_id: TenantId, people: Sequence[PersonId]
    ) -> Mapping[PersonId, frozenset[Aspect]]:
        """Tell which aspects of these people have an open row."""
        ...

    def creates_planned(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Count the rows of this run that would create an account."""
        ...

    def correlate(
        self, tenant_id: TenantId, run_id: RunId, rules: Sequence[MatchRule] = ()
    ) -> Sequence[tuple[Change, tuple[Account, ...]]]:
        """Pair planned creates with listed accounts that have the same external id, or agree by a rule.

        Creates without any such account are not returned. Uses the rows of `TargetList` of this tenant.
        """
        ...

    def turn_into_link(
        self,
        tenant_id: TenantId,
        change_id: ChangeId,
        account: Account,
        after: Mapping[str, Scalar] | None = None,
        evidence: Mapping[str, Scalar] | None = None,
    ) -> None:
        """Make a planned create a planned link to this account, its values being the row's before.

        `after` is what the modes of the mapping leave to be written; None leaves the row's own. `evidence`
        says by which rule the account was recognised; it is added to the row's own.
        """
        ...

    def leave_alone(self, tenant_id: TenantId, change_id: ChangeId, detail: str) -> None:
        """Drop a planned row, and the open one of the same aspect, because a human said so."""
        ...

    def contests(self, tenant_id: TenantId, run_id: RunId) -> Sequence[Contest]:
        """Return each unique name that a planned row of this run wants and somebody else wants or holds."""
        ...

    def rewrite(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        wishes: Sequence[tuple[ChangeId, Wish]],
        config: ConfigVersion,
    ) -> int:
        """Put other wishes in the place of planned rows of this run, as if they had been planned so.

        They keep their ids and the snapshots they were made from. Returns how many are planned now.
        """
        ...

    def hold(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], why: Code, detail: str) -> None:
        """Hold planned or released rows for a human."""
        ...

    def block(self, tenant_id: TenantId, change_id: ChangeId, on: str) -> None:
        """Let a planned row wait for another row or a link."""
        ...

    def insert(
        self, tenant_id: TenantId, run_id: RunId, change_id: ChangeId, planned: Planned, config: ConfigVersion
    ) -> bool:
        """Insert a planned row made by conclude; False if the person has an open row of that aspect."""
        ...

    def delay(self, tenant_id: TenantId, run_id: RunId, waits: Mapping[Code, timedelta]) -> int:
        """Give the run's planned removals of these causes a due time, as far as it is not over; how many.

        The waiting began when the removal was first planned: an open row that waits for the same tells when.
        Rows with a due time wait when they are released. One that would also have to wait for another row is
        dropped then, and planned again by the next run.
        """
        ...

    def await_accounts(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Note on planned rows about a manager whose account they will wait for; the guards judge before."""
        ...

    def merge(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Let the run's planned rows meet the open rows of other runs, as `release` does first."""
        ...

    def set_aside(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Drop from a plan what another run has done, or has in hand; its rows are left alone."""
        ...

    def release(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Let the run's planned rows meet the open rows of other runs, then let them go.

        same action, after, cause, config   the open row is carried, the planned one deleted
        different                           the open row is superseded by the planned one; if it was held
                                            for a human, the planned one is held with the same why
        open row is working                 the planned one gets blocked_on change:<that row>
        planned `keep`                      the open row is dropped, the planned one deleted

        Holds over names and identities (`key.shared`, `key.foreign`, `match.ambiguous`) are judged anew by
        each run: an open row is carried only while the new plan is held too. What was noted as held becomes
        held, as blocked blocked, the rest released; returns how many are due.
        """
        ...

    def propose(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Make the run's planned rows proposals; held and blocked notes stay on them."""
        ...

    def adopt(
        self,
        tenant_id: TenantId,
        plan: RunId,
        run_id: RunId,
        change_ids: Sequence[ChangeId] | None = None,
        *,
        lift: bool = False,
    ) -> int:
        """Move the proposals of a plan, or some of them, to an approval run as strict planned rows.

        Proposals that carry a hold are held when they are released, those that wait for a row or link are
        blocked. `lift` says yes to them: holds that a human decides are taken off, and open rows of the same
        people that wait for a human are superseded. Returns how many were moved.
        """
        ...

    def park(self, tenant_id: TenantId) -> int:
        """Park all released and waiting rows of a tenant that may not write."""
        ...

    def unpark(self, tenant_id: TenantId) -> int:
        """Release what was parked; closings go stale when they are claimed, so that a fresh look decides."""
        ...

    def keep_hours(self, tenant_id: TenantId, opens_at: datetime | None) -> None:
        """Let due rows wait until `opens_at`, each with the cause; None: the hours are open, and they go.

        Rows of runs that a human asked for go at any time, also if an earlier run made them wait.
        """
        ...

    def fill_window(
        self,
        tenant_id: TenantId,
        queue: Queue,
        new_envelope: Iterable[EnvelopeId],
        most: int,
        size: int,
        turn: EmployeeChanged | None = None,
    ) -> Sequence[EmployeeChanged]:
        """Mark the next due rows as rung and return their envelopes, at most `most` in flight per queue.

        In flight: envelopes with a working row under a live lease, or a released row rung within 60 s.
        Rows come in the order run, lane, id; a lane opens when no row of an earlier lane of the same run is
        released or working untried. Rows of `person` runs and of a yes to a few go to urgent, those that
        crashed twice to suspects (alone in their envelope), the others to reconcile. Waiting rows that are
        due become released here. An envelope has one run only. A `turn` that asks keeps its one place in the
        window, whatever it holds: the first new envelope of its run is for it and carries its id.
        """
        ...

    def claim(
        self, tenant_id: TenantId, change_ids: Sequence[ChangeId], token: str, lease: timedelta
    ) -> Sequence[Job]:
        """Take the released rows among these: state working, lease, intent moment, one more try.

        Left alone: rows that are not released, whose person has another working row, or that need an account
        that is not there yet (these become blocked on that link). `intent_at` of the returned change is the
        moment of an EARLIER unsettled intent, None on a first try.
        """
        ...

    def keep_lease(self, tenant_id: TenantId, token: str, lease: timedelta) -> int:
        """Renew the lease of all rows that this token still works on; returns how many those are."""
        ...

    def settle(self, tenant_id: TenantId, token: str, settlements: Sequence[Settlement]) -> Settled:
        """Record what happened to each row that this token still holds; others are left alone.

        Done stores the link one version higher and wakes rows blocked on this row or this person's link.
        Postponed: waiting. Refused: dead, a letter, and a `refused` decision for 24 h.
        Outdated: stale. Returned: released, the try taken back. Returns what was recorded, and new letters.
        """
        ...

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
        """List rows, opened, oldest first; what is left out does not narrow the list."""
        ...

    def approve(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], run_id: RunId) -> int:
        """Release those of these rows that are held, as strict rows of an approval run; returns how many."""
        ...

    def reject(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], by: str = "") -> int:
        """Settle those of these rows that are held as rejected; the same is not planned again for 90 days."""
        ...

    def old_holds(self, older: timedelta) -> Sequence[tuple[TenantId, ChangeId, PersonId]]:
        """List held rows of all tenants that have waited for a human's decision for so long."""
        ...

    def drop_old_plans(self, older: timedelta) -> int:
        """Drop proposals of all tenants that nobody applied for so long."""
        ...

    def forget_values(self, older: timedelta, dead_older: timedelta, most: int) -> int:
        """Forget what so many rows of all tenants said that were settled, or died, so long ago."""
        ...

    def forget_rows(self, older: timedelta, most: int) -> int:
        """Remove so many rows of all tenants that were settled so long ago and say nothing any more."""
        ...

    def requeue(self, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> Sequence[ChangeId]:
        """Release dead rows that still say something, end their refusals, and return them."""
        ...

    def look_again(self, tenant_id: TenantId) -> int:
        """Release dead rows that may have given an account to somebody who shall have none, and count them.

        They are claimed as out of date: their account is looked for, and none is made. Once a day at most.
        """
        ...

    def holds(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count the people whose change is held now, by cause, whichever run held it."""
        ...

    def troubles(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count the people whose open change waits for the end of a cause, by cause; holds among them."""
        ...

    def take_turn(self, tenant_id: TenantId) -> None:
        """Let no other transaction move this tenant's rows until this one ends."""
        ...

    def in_flight(self, tenant_id: TenantId) -> bool:
        """Tell whether any change is due or being carried out now."""
        ...

    def refusals(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count the people whose change was refused and is not tried again by itself yet, by cause."""
