"""A house in which somebody is told of incidents: a real store, a clock by hand, channels of a test."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from adapters.clock import SystemIds
from adapters.vault import TenantVault
from domain.cause import Language
from domain.codes import Code
from domain.dispatches import Dispatch, DispatchState
from domain.events import Event, IncidentChanged, NoticesDue
from domain.ids import IncidentId, TenantId
from domain.outcomes import HandlerOutcome, Nothing
from domain.ports_channels import Channel, Ways
from domain.records import Incident
from domain.reminders import Reminders
from producers.remind import reminders_due
from tests.contracts.store.builders import ACME, HandClock
from tests.contracts.store.conftest import MASTER
from tests.fakes.channel import FakeChannel
from tests.quick_store import new_sqlite, quick_store
from workers.notify import Notifier, NotifyEvent, notify


class NotifyHouse:
    """Everything that a test of telling needs at hand."""

    def __init__(
        self,
        folder: Path,
        *channels: Channel,
        last_resort: Channel | None = None,
        language: str = "de",
        owners: Sequence[str] = ("ada@acme.test", "bob@acme.test"),
    ) -> None:
        self.clock = HandClock()
        self.store = quick_store(new_sqlite(folder / "store.db"), TenantVault(MASTER), self.clock)
        self.files = FakeChannel(name="file", doubles_harmless=True)
        self.alarms: list[tuple[str, str]] = []
        self.notifier = Notifier(
            store=self.store,
            ways=Ways(channels, last_resort or self.files, Language.EN),
            ids=SystemIds(),
            alarm=lambda taken, code, _detail: self.alarms.append((taken.notice_id, code.value)),
            rules=Reminders(),
        )
        with self.store.write() as tx:
            tx.tenants.add(ACME, "Acme GmbH", language, owners)

    def open(
        self, code: Code = Code.PERSON_WITHOUT_REQUIRED, *, count: int = 3, detail: str = ""
    ) -> IncidentId:
        """Let an incident happen, or happen again, as a run does."""
        with self.store.write() as tx:
            new = IncidentId(self.notifier.ids.new())
            return tx.incidents.open(ACME, new, code, detail, count, None).incident_id

    def resolve(self, *codes: Code) -> None:
        """Let incidents end."""
        with self.store.write() as tx:
            tx.incidents.resolve(ACME, codes)

    def ring(self, incident_id: str, tenant: TenantId = ACME) -> HandlerOutcome:
        """Handle a bell about an incident."""
        return notify(IncidentChanged(tenant, IncidentId(incident_id)), self.notifier)

    def happens(self, code: Code = Code.PERSON_WITHOUT_REQUIRED, *, count: int = 3) -> IncidentId:
        """Let an incident happen and ring its bell."""
        incident_id = self.open(code, count=count)
        self.ring(incident_id)
        return incident_id

    def sweep(self) -> HandlerOutcome:
        """Ring what the sweeper would ring, and handle it."""
        outcome: HandlerOutcome = Nothing("no bell")
        for event in self._bells():
            outcome = notify(event, self.notifier)
        return outcome

    def later(self, *, every: timedelta = timedelta(minutes=1), **span: float) -> None:
        """Let time pass, and sweep now and then, as the scheduler does more often."""
        left = timedelta(**span)
        while left > timedelta(0):
            step = min(left, every)
            self.clock.advance(step)
            left -= step
            self.sweep()

    def standing(self) -> dict[Code, Incident]:
        """List open incidents by cause."""
        with self.store.read() as tx:
            return {each.code: each for each in tx.incidents.standing(ACME)}

    def rows(self, *states: DispatchState) -> list[Dispatch]:
        """List dispatches in these states, or all."""
        with self.store.read() as tx:
            found = tx.dispatches.of(ACME, 1_000)
        return [each for each in found if not states or each.state in states]

    def _bells(self) -> list[NotifyEvent]:
        with self.store.read() as tx:
            untold = [IncidentChanged(tenant, incident) for tenant, incident in tx.incidents.untold()]
        due: list[Event] = reminders_due(self.store, self.notifier.rules)
        return [*untold, *(each for each in due if isinstance(each, NoticesDue))]
