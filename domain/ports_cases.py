"""What handlers ask of the store about cases, and about whose an account or a name was before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.cases import Case, NewCase, Ruled
from domain.ids import AccountId, CaseId, PersonId, RunId, TenantId


class Cases(Protocol):
    """Keep doubts about identities, and what humans answered."""

    def open(self, tenant_id: TenantId, case_id: CaseId, new: NewCase, run_id: RunId) -> Case:
        """Open a case, or return the one about the same facts with its answer, if there is one.

        Other open cases of the person are closed: their facts are over.
        """
        ...

    def of_person(self, tenant_id: TenantId, person_id: PersonId) -> Case | None:
        """Return the person's newest case, whatever became of it."""
        ...

    def named(self, tenant_id: TenantId, name: str) -> Sequence[Case]:
        """Find the cases that go by this name, an id or the short form of one, whatever became of them."""
        ...

    def standing(self, tenant_id: TenantId) -> Sequence[Case]:
        """List the cases whose doubt lasts, answered or not, oldest first."""
        ...

    def rule(
        self, tenant_id: TenantId, case_id: CaseId, ruled: Ruled, instead_of: datetime | None = None
    ) -> bool:
        """Remember an answer, in place of the one given at that moment or of none.

        False if the doubt is over, or if another answer stands there by now.
        """
        ...

    def ask_again(self, tenant_id: TenantId, case_id: CaseId, detail: str) -> None:
        """Forget an answer that cannot be carried out, and say why."""
        ...

    def wanted(self, tenant_id: TenantId) -> Mapping[PersonId, AccountId]:
        """Return which account humans gave to whom, where that is not done yet."""
        ...

    def close_unseen(self, tenant_id: TenantId, run_id: RunId, person_id: PersonId | None = None) -> int:
        """Close the open cases, of one person or of all, that this run did not find any more."""
        ...


class History(Protocol):
    """Know whose an account, or a unique name, was before it was anybody else's."""

    def accounts(
        self, tenant_id: TenantId, account_ids: Sequence[AccountId]
    ) -> Mapping[AccountId, frozenset[PersonId]]:
        """Return who had these accounts before; accounts that nobody ever had are left out."""
        ...

    def names(self, tenant_id: TenantId, names: Sequence[str]) -> Mapping[str, frozenset[PersonId]]:
        """Return who had these unique names before, in any spelling; others are left out."""
        ...
