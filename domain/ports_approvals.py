"""What producers ask of the store about yeses: what was shown, who said what, and until when it counts."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.approval import Approval
from domain.changes import Change
from domain.ids import ApprovalId, ChangeId, RunId, TenantId


class Approvals(Protocol):
    """Keep what was shown to humans and what they said of it, for as long as anybody may ask."""

    def hash_of(self, tenant_id: TenantId, rows: Sequence[Change]) -> str:
        """Return the short hash of exactly these rows; the same content has the same, in any order."""
        ...

    def fingerprints(self, tenant_id: TenantId, rows: Sequence[Change]) -> Mapping[ChangeId, str]:
        """Return the fingerprint of what each row says."""
        ...

    def show(self, tenant_id: TenantId, new_id: ApprovalId, about: str, rows: Sequence[Change]) -> Approval:
        """Remember that this list was shown, and return it; one that is open already is shown again."""
        ...

    def get(self, tenant_id: TenantId, hash_: str) -> Approval | None:
        """Return the open, not expired list of this hash; one that was decided has to be shown again."""
        ...

    def say_first(self, tenant_id: TenantId, approval_id: ApprovalId, by: str) -> bool:
        """Record the first of two yeses; False if the list is not merely shown any more."""
        ...

    def give(self, tenant_id: TenantId, approval_id: ApprovalId, by: str, run_id: RunId) -> bool:
        """Record the last yes and the run that applies it; False if the list is not open any more."""
        ...

    def refuse(self, tenant_id: TenantId, approval_id: ApprovalId, by: str) -> bool:
        """Record a no; False if the list is not open any more."""
        ...

    def awaiting(self, tenant_id: TenantId) -> Sequence[Approval]:
        """List what waits for a second yes, oldest first."""
        ...

    def newest(self, tenant_id: TenantId, limit: int) -> Sequence[Approval]:
        """List what humans said, newest first; lists that were only shown are left out."""
        ...

    def lapse(self) -> int:
        """End first yeses that waited too long, and forget lists without an answer; all tenants."""
        ...
