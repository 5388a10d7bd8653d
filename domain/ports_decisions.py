"""What handlers ask of the store about what was decided before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.changes import Aspect
from domain.compare import Judged, Wish
from domain.decisions import Decision
from domain.ids import ChangeId, ConfigVersion, PersonId, TenantId


class Decisions(Protocol):
    """Keep what was refused, rejected or undone. The rows that were settled so write them themselves."""

    def matching(
        self, tenant_id: TenantId, wishes: Sequence[tuple[ChangeId, Wish]], config: ConfigVersion
    ) -> Mapping[ChangeId, Decision]:
        """Pair wishes that were decided against with the decision; `Changes.plan` makes no row of them."""
        ...

    def overtaken(
        self,
        tenant_id: TenantId,
        judged: Mapping[tuple[PersonId, Aspect], Judged],
        wishes: Sequence[Wish],
        config: ConfigVersion,
        asked_at: datetime,
    ) -> int:
        """End what humans decided over these subjects and what is not among the wishes any more.

        `judged` are those whose record said enough; one told in part ends only decisions over a closing.
        Only decisions from before `asked_at` end: the wishes
        were made knowing them. Returns how many ended.
        """
        ...

    def standing(self, tenant_id: TenantId, person_id: PersonId | None = None) -> Sequence[Decision]:
        """List the live decisions of a tenant, or of one person, newest first."""
        ...

    def end(
        self, tenant_id: TenantId, *, change_id: ChangeId | None = None, person_id: PersonId | None = None
    ) -> int:
        """End the live decision over one row, or all over one person; returns how many ended."""
        ...
