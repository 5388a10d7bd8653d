"""What handlers ask of the store and of the queue. The store is the truth; the queue is a doorbell.

A `Transaction` is one short transaction. Handlers never call the outside world while one is open.
Values (drafts, snapshots, evidence, e-mails) are sealed by the store on the way in and opened on the way out.
Moments come from the store's clock, so that leases of two machines compare.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from domain.account import Account
from domain.codes import Code
from domain.config import Configuration
from domain.events import Event
from domain.ids import IncidentId, RunId, TenantId
from domain.news import News
from domain.ports_absences import Absences
from domain.ports_approvals import Approvals
from domain.ports_attributes import Attributes
from domain.ports_audit import Audit
from domain.ports_brakes import Brakes
from domain.ports_cases import Cases, History
from domain.ports_changes import Changes
from domain.ports_channels import Dispatches
from domain.ports_decisions import Decisions
from domain.ports_deletions import Deletions
from domain.ports_letters import Letters
from domain.ports_overrides import Overrides
from domain.ports_people import Connections, Links, People, Tenants
from domain.ports_readings import Readings
from domain.ports_runs import Runs
from domain.ports_setbacks import Outages, Setbacks
from domain.ports_targets import Conditions
from domain.ports_versions import Versions
from domain.records import Incident


class TargetList(Protocol):
    """Keep the target's accounts as listed once for a first sync: rows, not memory."""

    def forget(self, tenant_id: TenantId) -> None:
        """Remove what was listed before."""
        ...

    def put(self, tenant_id: TenantId, accounts: Sequence[Account], config: Configuration) -> None:
        """Store one listed page (again: no-op), with fingerprints of external id and match value."""
        ...

    def count(self, tenant_id: TenantId) -> int:
        """Count the listed accounts."""
        ...


class Incidents(Protocol):
    """Keep one open incident per tenant and cause, however many letters it has."""

    def open(
        self,
        tenant_id: TenantId,
        new_id: IncidentId,
        code: Code,
        detail: str,
        count: int,
        run_id: RunId | None,
    ) -> Incident:
        """Open the incident of this cause, or update the open one (count, detail, last seen).

        One that ended untold goes on; one that comes back soon after its end remembers how often.
        """
        ...

    def resolve(self, tenant_id: TenantId, codes: Iterable[Code]) -> Sequence[Incident]:
        """Resolve the open incidents of these causes; return those whose end is to be told now.

        The end of one that keeps coming back is told by the sweeper, after it has been quiet for a while.
        """
        ...

    def get(self, tenant_id: TenantId, incident_id: IncidentId) -> Incident | None:
        """Return one incident."""
        ...

    def standing(self, tenant_id: TenantId) -> Sequence[Incident]:
        """List the open ones, oldest first."""
        ...

    def of(self, code: Code) -> Sequence[TenantId]:
        """List the tenants with an open incident of this cause."""
        ...

    def open_of_all(self) -> Sequence[tuple[TenantId, Code]]:
        """List the open incidents of all tenants, and of the installation, by their cause.

        Not those that a plan found: its rows are no evidence, so only the next reading ends them.
        """
        ...

    def untold(self) -> Sequence[tuple[TenantId, IncidentId]]:
        """List incidents of all tenants whose opening or end nobody was told yet."""
        ...

    def ring_untold(self, again: timedelta, most: int) -> Sequence[tuple[TenantId, IncidentId]]:
        """Take untold ones to ring for, the oldest first; not those that were taken since `again`."""
        ...

    def forget(self, older: timedelta, most: int) -> int:
        """Remove so many incidents of all tenants that ended so long ago, and whose end was told."""
        ...

    def remind(self, tenant_id: TenantId, codes: Iterable[Code]) -> int:
        """Let the open incidents of these causes be told once more; returns how many there are."""
        ...

    def told(self, tenant_id: TenantId, incident_id: IncidentId, *, resolved: bool) -> bool:
        """Mark as told; False if somebody did so before."""
        ...


class Bells(Protocol):
    """Remember which Redis our doorbells rang in."""

    def epoch(self) -> str | None:
        """Return the epoch that the store believes in."""
        ...

    def set_epoch(self, epoch: str) -> None:
        """Believe in another one."""
        ...


class Transaction(Protocol):
    """One short transaction over all of the store."""

    tenants: Tenants
    versions: Versions
    connections: Connections
    conditions: Conditions
    people: People
    links: Links
    runs: Runs
    readings: Readings
    absences: Absences
    changes: Changes
    decisions: Decisions
    overrides: Overrides
    target_list: TargetList
    letters: Letters
    incidents: Incidents
    attributes: Attributes
    cases: Cases
    history: History
    approvals: Approvals
    bells: Bells
    deletions: Deletions
    brakes: Brakes
    dispatches: Dispatches
    setbacks: Setbacks
    outages: Outages
    audit: Audit

    def now(self) -> datetime:
        """Return the store's time."""
        ...

    def tell(self, news: News) -> None:
        """Have this told once the transaction has committed; one that rolls back tells nothing."""
        ...


class Store(Protocol):
    """Open transactions. A write transaction commits when its block ends well and rolls back otherwise."""

    def write(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that may write (SQLite: BEGIN IMMEDIATE)."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that only reads."""
        ...


class Publisher(Protocol):
    """Ring doorbells. A bell that was not heard is rung again by the sweeper."""

    def ring(self, events: Sequence[Event]) -> None:
        """Put events on their queues; raises nothing when the queue is away."""
        ...


class Ids(Protocol):
    """Make ids and dice that tests can foresee."""

    def new(self) -> str:
        """Return a fresh id, sortable by the moment of its making."""
        ...

    def dice(self) -> float:
        """Return a number in [0, 1)."""
        ...


STORES = (
    Tenants,
    Versions,
    Connections,
    Conditions,
    People,
    Links,
    Runs,
    Readings,
    Absences,
    Changes,
    Decisions,
    Overrides,
    Brakes,
    TargetList,
    Letters,
    Incidents,
    Attributes,
    Deletions,
    Setbacks,
    Outages,
    Cases,
    History,
    Approvals,
    Dispatches,
    Audit,
)
CROSS_TENANT: dict[str, str] = {
    "Tenants.everyone": "the scheduler asks who is due",
    "Incidents.ring_untold": "the sweeper looks after all tenants",
    "Incidents.forget": "history is forgotten for all tenants at once",
    "Letters.forget": "history is forgotten for all tenants at once",
    "Dispatches.forget": "history is forgotten for all tenants at once",
    "Runs.overdue": "the sweeper looks after all tenants",
    "Runs.hungry": "all tenants that read share one address",
    "Runs.anybody_waits": "the threads serve all tenants in turn",
    "Runs.finished": "the sweeper looks after all tenants",
    "Changes.with_expired": "the sweeper looks after all tenants",
    "Changes.forget_rung": "the sweeper looks after all tenants",
    "Changes.wake": "the sweeper looks after all tenants",
    "Changes.due_now": "doctor looks at all tenants",
    "Changes.due": "the sweeper looks after all tenants",
    "Connections.tenants_at": "whoever is added asks who shares the application",
    "Setbacks.due": "the scheduler looks after all tenants",
    "Outages.standing": "the sweeper looks after all tenants",
    "Outages.leavers": "the sweeper looks after all tenants",
    "Deletions.due": "the scheduler looks after all tenants",
    "Overrides.expired": "the scheduler asks whose override is over",
    "Changes.drop_old_plans": "the sweeper looks after all tenants",
    "Changes.forget_values": "the scheduler forgets for all tenants",
    "Changes.forget_rows": "the scheduler forgets for all tenants",
    "Runs.forget": "the scheduler forgets for all tenants",
    "Audit.older_than": "the scheduler forgets for all tenants",
    "Changes.old_holds": "the sweeper looks after all tenants",
    "Approvals.lapse": "the sweeper looks after all tenants",
    "Incidents.of": "the sweeper looks after all tenants",
    "Incidents.open_of_all": "the sweeper looks after all tenants",
    "Incidents.untold": "the sweeper looks after all tenants",
    "Dispatches.settle": "the dispatch that was taken names its tenant",
    "Dispatches.open_ones": "doctor and notify list look at all tenants",
    "Dispatches.due": "the sweeper looks after all tenants",
    "Dispatches.without_digest": "the sweeper looks after all tenants",
    "Dispatches.unescalated": "the sweeper looks after all tenants",
}
"""Methods that may be asked without naming a tenant, each with its reason; a test knows this list."""
