"""What the guards ask of the store about a plan before it is let go."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.changes import Action, Change
from domain.guards import Guarded, Protected, Tally
from domain.ids import AccountId, ChangeId, PersonId, RunId, TenantId
from domain.keys import Hold
from domain.rewrites import ManagerMove, NameMove


class Brakes(Protocol):
    """Look at a run's planned rows. All but `names_freed` leave out those that something holds already."""

    def wanted(self, tenant_id: TenantId, run_id: RunId) -> Mapping[Guarded, int]:
        """Count the planned rows of each kind; kinds without any are left out."""
        ...

    def tally(self, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> Tally:
        """Count people of one kind: wanted by this run, gone without a human lately, and waiting.

        Nobody is counted twice, and rows that a human approved use nothing up. While the caller has the
        tenant's turn (`Changes.merge` takes it), no other run lets rows go between this and its release.
        """
        ...

    def countable(self, tenant_id: TenantId, run_id: RunId, guarded: Guarded) -> Sequence[ChangeId]:
        """Return the planned rows of one kind."""
        ...

    def open_accounts(self, tenant_id: TenantId) -> int:
        """Count the linked accounts that are open."""
        ...

    def links_planned(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Count the planned rows that link an account which was found."""
        ...

    def planned(self, tenant_id: TenantId, run_id: RunId, actions: Sequence[Action]) -> Sequence[Change]:
        """Return the planned rows of these actions, opened."""
        ...

    def manager_moves(self, tenant_id: TenantId, run_id: RunId) -> Sequence[ManagerMove]:
        """Return who would get another manager, with the one they have if that one stays."""
        ...

    def name_moves(self, tenant_id: TenantId, run_id: RunId) -> Sequence[NameMove]:
        """Return rows that take a name which another row of the run gives up, and those others."""
        ...

    def protected(self, tenant_id: TenantId, run_id: RunId, whom: Protected) -> Sequence[ChangeId]:
        """Return the planned rows that would close a protected account, or change its unique name."""
        ...

    def shielded(
        self, tenant_id: TenantId, people: Sequence[PersonId], whom: Protected
    ) -> frozenset[PersonId]:
        """Find those of these people whose account is protected, open or closed."""
        ...

    def closing(self, tenant_id: TenantId, run_id: RunId) -> Sequence[tuple[ChangeId, AccountId]]:
        """Return planned rows that close an account, without those of people for whom one waits already."""
        ...

    def names_freed(self, tenant_id: TenantId, run_id: RunId) -> Sequence[Hold]:
        """Return planned rows that free a name at once for rows that are all held, with that hold."""
        ...
