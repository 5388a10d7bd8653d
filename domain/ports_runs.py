"""What handlers ask of the store about runs and their pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.attributes import Counted
from domain.codes import Code
from domain.feed import Reading
from domain.ids import ConfigVersion, PersonId, RunId, TenantId
from domain.records import NewRun, PageRecord
from domain.run import Figures, Outcome, Phase, Run


class Runs(Protocol):
    """Keep runs, their pages and their turns."""

    def add(self, tenant_id: TenantId, run_id: RunId, new: NewRun, config: ConfigVersion) -> Run | None:
        """Insert a run in phase reading; None if the slot exists.

        Approval runs start in applying, undo runs in concluding.

        A feed run is refused (None) while another feed run of the tenant is reading, listing or concluding.
        """
        ...

    def get(self, tenant_id: TenantId, run_id: RunId) -> Run | None:
        """Return a run, or None."""
        ...

    def by_slot(self, tenant_id: TenantId, slot: str) -> Run | None:
        """Return the run of a slot, or None."""
        ...

    def reading_now(self, tenant_id: TenantId) -> Run | None:
        """Return the feed run of the tenant that is reading, listing or concluding, if there is one."""
        ...

    def hungry(self, within: timedelta) -> int:
        """Count the tenants whose feed run reads, and is due now or will be within so long."""
        ...

    def anybody_waits(self) -> bool:
        """Tell whether a busy run of any tenant is due and nobody has its turn."""
        ...

    def newest(self, tenant_id: TenantId | None, limit: int) -> Sequence[Run]:
        """List runs, newest first; None lists all tenants."""
        ...

    def last_success(self, tenant_id: TenantId) -> datetime | None:
        """Tell when the newest feed run ended that went well (`WENT_WELL`); plans do not count."""
        ...

    def take_turn(self, tenant_id: TenantId, run_id: RunId, token: str, lease: timedelta) -> Run | None:
        """Take the run's lease; None if somebody else holds it, or the run is applying or ended.

        A lease that ran out counts as one failed try: whoever held it crashed.
        """
        ...

    def keep_turn(self, tenant_id: TenantId, run_id: RunId, token: str, lease: timedelta) -> bool:
        """Renew the lease inside a writing transaction; False means it was lost: write nothing."""
        ...

    def end_turn(
        self, tenant_id: TenantId, run_id: RunId, token: str, due_in: timedelta = timedelta(0)
    ) -> None:
        """Give the lease back; `due_in` lets the sweeper ring again no earlier than that."""
        ...

    def failed_once_more(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Count one more failed try of the present page and return how many there were."""
        ...

    def learn_attributes(
        self, tenant_id: TenantId, run_id: RunId, universal: Mapping[str, str], blind: Sequence[str]
    ) -> None:
        """Remember what the first call of the run said: universal ids, and mapped attributes not granted."""
        ...

    def add_page(self, tenant_id: TenantId, run_id: RunId, page: PageRecord, asked_at: datetime) -> None:
        """Store a page (again: no-op), advance the cursor and the page count, forget failed tries."""
        ...

    def read_since(self, tenant_id: TenantId, person_id: PersonId, asked_at: datetime) -> bool:
        """Tell whether a page that was asked for later than this, by whichever run, holds this person."""
        ...

    def page_ids_seen(self, tenant_id: TenantId, run_id: RunId, person_ids: Sequence[PersonId]) -> bool:
        """Tell whether an earlier page of this run consisted of exactly these people."""
        ...

    def reading(self, tenant_id: TenantId, run_id: RunId) -> Reading:
        """Count the pages, the distinct people, and how many of the people known before came again."""
        ...

    def counted(self, tenant_id: TenantId, run_id: RunId) -> Counted:
        """Add up on how many records of this run each attribute was, and how many said something."""
        ...

    def absent(self, tenant_id: TenantId, run_id: RunId) -> Sequence[PersonId]:
        """List people with an account that is or may be open, who are on no page of this run."""
        ...

    def control(self, tenant_id: TenantId, run_id: RunId) -> PersonId | None:
        """Return somebody who is on the first page: if Personio denies them by id, it proves nothing."""
        ...

    def set_cursor(self, tenant_id: TenantId, run_id: RunId, cursor: str | None) -> None:
        """Remember where listing the target goes on."""
        ...

    def certify(self, tenant_id: TenantId, run_id: RunId, certificate: str) -> None:
        """Remember the verdict over the reading, in words."""
        ...

    def enter(self, tenant_id: TenantId, run_id: RunId, phase: Phase) -> None:
        """Go to another phase; raises if `NEXT_PHASES` does not allow it."""
        ...

    def end(
        self, tenant_id: TenantId, run_id: RunId, outcome: Outcome, code: Code | None = None, detail: str = ""
    ) -> bool:
        """End a run; a failed feed run drops its planned rows. Ending twice keeps the first: False then."""
        ...

    def figures(self, tenant_id: TenantId, run_id: RunId) -> Figures:
        """Group the run's rows and pages into counts."""
        ...

    def add_requests(self, tenant_id: TenantId, run_id: RunId, source: int, target: int) -> None:
        """Add to the counts of requests sent to each side."""
        ...

    def overdue(self) -> Sequence[tuple[TenantId, RunId]]:
        """List runs in reading, listing or concluding whose turn is free and due: the doorbell was lost."""
        ...

    def forget(self, older: timedelta, most: int) -> int:
        """Remove so many ended runs of all tenants that began so long ago and have no row any more."""
        ...

    def finished(self) -> Sequence[tuple[TenantId, RunId]]:
        """List runs in applying that have no row left that keeps a run going."""
        ...
