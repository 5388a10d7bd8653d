"""What handlers ask of the store about people who are missing, and about the units that they belong to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.absence import AbsentSince
from domain.codes import Code
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.units import Units, VanishedUnit


class Absences(Protocol):
    """Remember since when somebody is missing in certified feeds, and who belongs to which unit."""

    def note_units(self, tenant_id: TenantId, told: Mapping[PersonId, Units], asked_at: datetime) -> None:
        """Remember people's units, each only over older news; a kind that is not told stays as it was."""
        ...

    def note(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Remember who of the known people a certified run lacks; whoever was missing before stays so.

        People who left, and people whose account is closed, are not waited for. What was remembered under
        another configuration or other rights begins anew. Call `forget_seen` of the run first.
        """
        ...

    def forget_seen(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Forget the absence of everybody who is on a page of this run."""
        ...

    def earlier(self, tenant_id: TenantId, run_id: RunId, apart: timedelta) -> Sequence[AbsentSince]:
        """List people whose account is or may be open, missing in another certified run that much before."""
        ...

    def missing(self, tenant_id: TenantId, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Find those of these people whom a certified run lacked, and nobody saw since. It proves nothing."""
        ...

    def vanished(self, tenant_id: TenantId, run_id: RunId) -> Sequence[VanishedUnit]:
        """List units of people whom this run would remove for absence, if nobody came: entities come first.

        Counted are those of the unit who went missing no earlier than the people to be removed, leavers too.
        """
        ...

    def planned(self, tenant_id: TenantId, run_id: RunId) -> Sequence[ChangeId]:
        """List rows of this run that would close an account for absence."""
        ...

    def take_back(self, tenant_id: TenantId, run_id: RunId, still: Collection[PersonId]) -> int:
        """Drop rows that this run planned to close accounts for absence, but of those proven gone still."""
        ...

    def say(
        self, tenant_id: TenantId, run_id: RunId, words: str, unproven: int = 0, why: Code | None = None
    ) -> None:
        """Remember in words what a run concluded from absence, or why it concluded nothing.

        `unproven`: so many people are missing and cannot be judged, of whom a human must hear as `why`.
        """
        ...
