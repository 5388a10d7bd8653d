"""What handlers ask of the store about a reading that moved: what to read twice, and what it said then."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ids import PersonId, RunId, TenantId
from domain.records import PageRecord


class Readings(Protocol):
    """Keep the second look at a feed beside the first one."""

    def repeated(self, tenant_id: TenantId, run_id: RunId, most: int) -> Sequence[int]:
        """List pages of the first look that hold somebody of an earlier page, at most so many."""
        ...

    def read_again(self, tenant_id: TenantId, run_id: RunId) -> frozenset[int]:
        """Tell which pages were read a second time already."""
        ...

    def cursor_of(self, tenant_id: TenantId, run_id: RunId, number: int) -> str | None:
        """Return the cursor under which a page of the first look stood; None is the first page's."""
        ...

    def on_pages(self, tenant_id: TenantId, run_id: RunId, people: Sequence[PersonId]) -> frozenset[PersonId]:
        """Tell who of these people is on a page of this run already."""
        ...

    def add_again(
        self, tenant_id: TenantId, run_id: RunId, number: int, page: PageRecord, asked_at: datetime
    ) -> None:
        """Store the second look at this page (again: no-op) and forget failed tries."""
        ...
