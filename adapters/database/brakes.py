"""What the guards see of a plan: numbers from one room, single rows from another; this is their door."""

from collections.abc import Mapping, Sequence

from adapters.database import changes_guard, changes_looks
from adapters.database.session import Session
from domain.changes import Action, Change
from domain.guards import Guarded, Protected, Tally
from domain.ids import AccountId, ChangeId, PersonId, RunId, TenantId
from domain.keys import Hold
from domain.rewrites import ManagerMove, NameMove


class SqlBrakes:
    """Look at planned rows; `domain.ports_brakes.Brakes` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def wanted(self, tenant_id: TenantId, run_id: RunId) -> Mapping[Guarded, int]:
        """Count the planned rows of each kind."""
        return changes_guard.wanted(self._session, tenant_id, run_id)

    def tally(self, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> Tally:
        """Count people of one kind: wanted, gone lately, waiting."""
        return changes_guard.tally(self._session, tenant_id, run_id, guarded)

    def countable(self, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> Sequence[ChangeId]:
        """Return the planned rows of one kind."""
        return changes_guard.countable(self._session, tenant_id, run_id, guarded)

    def open_accounts(self, tenant_id: TenantId) -> int:
        """Count the linked accounts that are open."""
        return changes_guard.open_accounts(self._session, tenant_id)

    def links_planned(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Count the planned rows that link an account which was found."""
        return changes_looks.links_planned(self._session, tenant_id, run_id)

    def planned(self, tenant_id: TenantId, run_id: RunId, actions: Sequence[Action]) -> Sequence[Change]:
        """Return the planned rows of these actions, opened."""
        return changes_looks.planned(self._session, tenant_id, run_id, actions)

    def manager_moves(self, tenant_id: TenantId, run_id: RunId) -> Sequence[ManagerMove]:
        """Return who would get another manager."""
        return changes_looks.manager_moves(self._session, tenant_id, run_id)

    def name_moves(self, tenant_id: TenantId, run_id: RunId) -> Sequence[NameMove]:
        """Return rows between which a name would pass."""
        return changes_looks.name_moves(self._session, tenant_id, run_id)

    def protected(self, tenant_id: TenantId, run_id: RunId, whom: Protected) -> Sequence[ChangeId]:
        """Return the planned rows that would close or rename a protected account."""
        return changes_looks.protected(self._session, tenant_id, run_id, whom)

    def shielded(
        self, tenant_id: TenantId, people: Sequence[PersonId], whom: Protected
    ) -> frozenset[PersonId]:
        """Find those of these people whose account is protected, open or closed."""
        return changes_looks.shielded(self._session, tenant_id, people, whom)

    def closing(self, tenant_id: TenantId, run_id: RunId) -> Sequence[tuple[ChangeId, AccountId]]:
        """Return the planned rows that close an account and are new."""
        return changes_looks.closing(self._session, tenant_id, run_id)

    def names_freed(self, tenant_id: TenantId, run_id: RunId) -> Sequence[Hold]:
        """Return planned rows that free a name for nobody but held rows."""
        return changes_looks.names_freed(self._session, tenant_id, run_id)
