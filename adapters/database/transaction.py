"""One transaction over all of the store: every table adapter around the same session."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, select

from adapters.database.absences import SqlAbsences
from adapters.database.approvals import SqlApprovals
from adapters.database.attributes import SqlAttributes
from adapters.database.audit import SqlAudit
from adapters.database.bells import SqlBells
from adapters.database.brakes import SqlBrakes
from adapters.database.cases import SqlCases
from adapters.database.changes import SqlChanges
from adapters.database.conditions import SqlConditions
from adapters.database.connections import SqlConnections
from adapters.database.decisions import SqlDecisions
from adapters.database.deletions import SqlDeletions
from adapters.database.dispatches import SqlDispatches
from adapters.database.history import SqlHistory
from adapters.database.incidents import SqlIncidents
from adapters.database.letters import SqlLetters
from adapters.database.links import SqlLinks
from adapters.database.outages import SqlOutages
from adapters.database.overrides import SqlOverrides
from adapters.database.people import SqlPeople
from adapters.database.readings_again import SqlReadings
from adapters.database.runs import SqlRuns
from adapters.database.session import Session
from adapters.database.setbacks import SqlSetbacks
from adapters.database.tables import TENANTS
from adapters.database.target_list import SqlTargetList
from adapters.database.tenants import SqlTenants
from adapters.database.versions import SqlVersions
from adapters.vault import TenantVault
from domain.ids import TenantId
from domain.news import News
from domain.ports import Bells, Incidents, TargetList
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

PARTS: Mapping[str, Callable[[Session], object]] = MappingProxyType(
    {
        "versions": SqlVersions,
        "conditions": SqlConditions,
        "connections": SqlConnections,
        "people": SqlPeople,
        "links": SqlLinks,
        "runs": SqlRuns,
        "readings": SqlReadings,
        "absences": SqlAbsences,
        "changes": SqlChanges,
        "overrides": SqlOverrides,
        "decisions": SqlDecisions,
        "target_list": SqlTargetList,
        "letters": SqlLetters,
        "incidents": SqlIncidents,
        "attributes": SqlAttributes,
        "cases": SqlCases,
        "history": SqlHistory,
        "approvals": SqlApprovals,
        "bells": SqlBells,
        "deletions": SqlDeletions,
        "brakes": SqlBrakes,
        "dispatches": SqlDispatches,
        "setbacks": SqlSetbacks,
        "outages": SqlOutages,
        "audit": SqlAudit,
    }
)
"""What reads and writes each group of tables; a transaction asks for few of them, so none is made before."""


class SqlTransaction:
    """Bundle the table adapters; tenants' keys are loaded through the same connection."""

    tenants: Tenants
    versions: Versions
    conditions: Conditions
    connections: Connections
    people: People
    links: Links
    runs: Runs
    readings: Readings
    absences: Absences
    changes: Changes
    overrides: Overrides
    decisions: Decisions
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

    def __init__(self, connection: Connection, vault: TenantVault, started_ms: int) -> None:
        view = vault.reading(lambda tenant_id: load_keys(connection, tenant_id))
        self.session = Session(connection, view, started_ms)
        self.tenants = SqlTenants(self.session, view)

    def __getattr__(self, name: str) -> object:
        """Make a table adapter at its first use; from then on it is found without asking here."""
        make = PARTS.get(name)
        if make is None:
            raise AttributeError(f"a transaction has no «{name}»", name=name, obj=self)
        made = make(self.session)
        setattr(self, name, made)
        return made

    def now(self) -> datetime:
        """Return the store's time, the same for the whole transaction."""
        return self.session.now()

    def tell(self, news: News) -> None:
        """Keep news until the commit."""
        self.session.news.append(news)


def load_keys(connection: Connection, tenant_id: TenantId) -> bytes | None:
    """Fetch a tenant's wrapped keys."""
    return connection.scalar(select(TENANTS.c["keys"]).where(TENANTS.c.tenant_id == tenant_id))
