"""What we ask of a way to reach a human, and of the rows that say what is on its way over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.cause import Language
from domain.codes import Code
from domain.dispatches import Dispatch, Ending, NewDispatch
from domain.ids import IncidentId, TenantId
from domain.notices import Notice, Stage


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is there. `refused` of its addressees do not take mail from us; the reason is in `detail`."""

    refused: int = 0
    detail: str = ""


class Channel(Protocol):
    """Carry notices to humans. Raises TemporaryError (try again) or PermanentError (it never will).

    `addressed` means that a message has addressees, so that owners and operator get one each.
    `doubles_harmless` means that the other side recognises a notice that it has, by its id.
    """

    name: str
    addressed: bool
    doubles_harmless: bool

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Tell this notice once: what this process has delivered before is not delivered again.

        `patient`: rather fail for now, and come back, than leave out an addressee who might take it later.
        """
        ...


class Dispatches(Protocol):
    """Keep what is on its way to humans: one row for each notice and channel."""

    def add(self, tenant_id: TenantId, new: Sequence[NewDispatch]) -> int:
        """Ask for dispatches, due at once; the known stay as they are. Returns how many are new."""
        ...

    def take(self, tenant_id: TenantId, token: str) -> Dispatch | None:
        """Lease the dispatch of a tenant that has been due the longest; its try is counted, as doubtful."""
        ...

    def forget(self, older: timedelta, undelivered_older: timedelta, most: int) -> int:
        """Remove so many that were settled so long ago, of all tenants; of an open incident none."""
        ...

    def settle(self, taken: Dispatch, token: str, ending: Ending) -> bool:
        """Write down how a try ended; False if the lease was lost meanwhile."""
        ...

    def withdraw(self, tenant_id: TenantId, incident_id: IncidentId, why: str) -> int:
        """Withdraw what is due of an incident and not being sent just now."""
        ...

    def tellings(self, tenant_id: TenantId, incident_id: IncidentId, stage: Stage) -> int:
        """Count the notices of this stage that were ever asked for."""
        ...

    def again(self, tenant_id: TenantId) -> int:
        """Let everything undelivered be tried afresh; returns how many there are."""
        ...

    def of(self, tenant_id: TenantId, limit: int) -> Sequence[Dispatch]:
        """List dispatches: undelivered first, then what is due, then the newest."""
        ...

    def undelivered(self, tenant_id: TenantId) -> Sequence[Dispatch]:
        """List what was given up, the oldest first."""
        ...

    def open_ones(self) -> Sequence[Dispatch]:
        """List what is undelivered or due, of all tenants, the oldest first."""
        ...

    def due(self) -> Sequence[TenantId]:
        """List tenants of whom something is due."""
        ...

    def without_digest(self, due: datetime, day: str) -> Sequence[TenantId]:
        """List tenants, but stopped ones, with something open since `due` and no digest of that day."""
        ...

    def unescalated(self, codes: Sequence[Code], before: datetime) -> Sequence[TenantId]:
        """List tenants, but stopped ones, with a cause of these open since `before` and told only once."""
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """The channels of this installation, and the operator's language.

    `last_resort` takes what another channel will never carry; it may be one of those that are told anyway.
    """

    told: tuple[Channel, ...]
    last_resort: Channel
    operator: Language = Language.EN

    def named(self, name: str) -> Channel | None:
        """Find a channel by its name."""
        return next((each for each in (*self.told, self.last_resort) if each.name == name), None)
