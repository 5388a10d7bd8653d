"""A whole relay in one thread: real handlers, store and adapters; the queue is a list."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from adapters.clock import SystemIds
from adapters.database.store import SqlStore, Tell, nobody_listens
from adapters.http import AddressPolicy
from adapters.queue.envelope import event_in
from adapters.vault import MasterKey, TenantVault
from bootstrap.accounts import TenantAccounts
from domain.approval import Approval
from domain.changes import Change, ChangeState
from domain.config import Configuration
from domain.errors import TenantBlockedError
from domain.events import Event, NoticesDue
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.outcomes import Did, HandlerOutcome
from domain.ports import Transaction
from domain.records import Connection, Incident
from domain.run import Figures, Run
from domain.setbacks import Setback
from domain.tenant import TenantState
from producers.activate import activate
from producers.approve import Approved, Awaiting, approve
from producers.on_demand import ask_for_feed, ask_for_person
from producers.remind import reminders_due
from producers.replay import ALL, Chosen, Postman, Requeued, requeue
from producers.sent import Sent
from producers.setbacks import Stepped, look_after
from producers.sight import EVERYTHING, Choice, look, show
from producers.sweep import Swept, sweep
from simulators.personio.control import Control
from simulators.scim.handle import ScimSimulator
from tests.quick_store import new_sqlite, quick_store
from workers.actors import handle
from workers.block import block_tenant
from workers.desk import Desk, Limits
from workers.giving_back import steps_died
from workers.notify import Notifier, NotifyEvent, notify
from workers.ring import ring_more
from workers.settle import end_run

ACME = TenantId("acme")
LONGEST_DRAIN = 100_000
Result = TypeVar("Result")


class ShiftedClock:
    """The machine's clock, moved forward as far as a test likes."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the shifted moment."""
        return datetime.now(UTC) + self.ahead  # noqa: TID251  a test clock must tick as well


class Bells:
    """The queue: events in the order in which they were rung."""

    def __init__(self) -> None:
        self.rung: list[Event] = []
        self.history: list[Event] = []

    def ring(self, events: Sequence[Event]) -> None:
        """Put events at the end."""
        self.rung += events
        self.history += events


class MemoryEpoch:
    """An epoch that a test can lose."""

    def __init__(self) -> None:
        self.value: str | None = None

    def read(self) -> str | None:
        """Return it."""
        return self.value

    def write(self, epoch: str) -> None:
        """Begin one unless there is one."""
        self.value = self.value or epoch


@dataclass
class Relay:
    """Everything that a flow test needs at hand."""

    personio: Control
    app: ScimSimulator
    store: SqlStore
    clock: ShiftedClock
    desk: Desk
    bells: Bells
    epoch: MemoryEpoch = field(default_factory=MemoryEpoch)
    notifier: Notifier | None = None

    def sync(self, *, plan_only: bool = False) -> Run:
        """Ask for a run by hand and carry everything out until nothing is due."""
        asked = ask_for_feed(
            ACME,
            by="test",
            key=self.desk.ids.new(),
            plan_only=plan_only,
            store=self.store,
            publisher=self.bells,
            ids=self.desk.ids,
        )
        self.drain()
        return self.run(asked.run.run_id)

    def sync_person(self, person_id: PersonId) -> Run:
        """Ask for a run of one."""
        asked = ask_for_person(
            ACME,
            person_id,
            by="test",
            key=self.desk.ids.new(),
            plan_only=False,
            store=self.store,
            publisher=self.bells,
            ids=self.desk.ids,
        )
        self.drain()
        return self.run(asked.run.run_id)

    def go_live(self) -> Run:
        """Check, make the first plan, and activate it."""
        with self.store.write() as tx:
            assert tx.tenants.move(ACME, TenantState.READY, None)
        self.sync()
        done = activate(
            ACME,
            by="test",
            store=self.store,
            publisher=self.bells,
            ids=self.desk.ids,
            ring_more=self._ring_more,
        )
        assert isinstance(done, Sent)
        self.drain()
        return self.run(done.run.run_id)

    def approve(self, *change_ids: ChangeId) -> Run:
        """Say yes to held rows, or to all, and carry them out."""
        done = self.say_yes(Choice(change_ids))
        assert isinstance(done, Approved)
        return self.run(done.run.run_id)

    def say_yes(self, choice: Choice = EVERYTHING, by: str = "test") -> Approved | Awaiting:
        """Say yes to what was chosen, and carry it out if nobody else must say so."""
        done = approve(
            ACME,
            choice,
            by=by,
            store=self.store,
            publisher=self.bells,
            ids=self.desk.ids,
            ring_more=self._ring_more,
        )
        self.drain()
        return done

    def requeue(self, chosen: Chosen = ALL, by: str = "test") -> Requeued:
        """Send letters on their way again, and carry out what is due."""
        return requeue(ACME, chosen, postman=self.postman(by))

    def postman(self, by: str = "test") -> Postman:
        """Introduce whoever sends letters again."""
        return Postman(
            by=by,
            store=self.store,
            publisher=self.bells,
            ring_more=self._ring_more,
            decode=event_in,
        )

    def show(self, choice: Choice = EVERYTHING) -> Approval:
        """Show somebody what waits; the hash on it is what they may say yes to."""
        with self.store.write() as tx:
            return show(tx, ACME, look(tx, ACME, choice), self.desk.ids)

    def drain(self) -> list[HandlerOutcome]:
        """Handle what was rung until the queue is empty."""
        outcomes: list[HandlerOutcome] = []
        while self.bells.rung:
            assert len(outcomes) < LONGEST_DRAIN, "the relay rings for ever"
            outcomes.append(self.take(self.bells.rung.pop(0)))
        return outcomes

    def take(self, event: Event) -> HandlerOutcome:
        """Handle one event."""
        return handle(event, self.desk, self._told)

    def later(self, **ahead: float) -> Swept:
        """Let time pass, sweep, and carry out what became due."""
        self.clock.ahead += timedelta(**ahead)
        found = sweep(
            store=self.store,
            publisher=self.bells,
            ids=self.desk.ids,
            epoch=self.epoch,
            ring_more=self._ring_more,
            end_run=self._end_run,
            after_deaths=self._after_deaths,
        )
        for tenant_id, error in found.failed.items():
            assert isinstance(error, TenantBlockedError), error
            with self.store.write() as tx:
                self.bells.ring(block_tenant(tx, tenant_id, error, self.desk.ids))
        if self.notifier is not None:
            self.bells.ring(reminders_due(self.store, self.notifier.rules))
        self.drain()
        return found

    def look_after(self, **ahead: float) -> list[Stepped]:
        """Let time pass, let a scheduler look after tenants that rest, and carry out what became due."""
        self.clock.ahead += timedelta(**ahead)
        done = look_after(store=self.store, publisher=self.bells, ids=self.desk.ids, failed={})
        self.drain()
        return done

    def setback(self) -> Setback | None:
        """Return what stands in the tenant's way."""
        with self.store.read() as tx:
            return tx.setbacks.get(ACME)

    def run(self, run_id: RunId) -> Run:
        """Return a run."""
        with self.store.read() as tx:
            found = tx.runs.get(ACME, run_id)
        assert found is not None
        return found

    def figures(self, run: Run) -> Figures:
        """Return a run's counts."""
        with self.store.read() as tx:
            return tx.runs.figures(ACME, run.run_id)

    def rows(self, *states: ChangeState) -> Sequence[Change]:
        """Return all rows in these states, or all."""
        with self.store.read() as tx:
            return tx.changes.rows(ACME, states=states, limit=LONGEST_DRAIN)

    def incidents(self) -> Sequence[Incident]:
        """Return the open incidents."""
        with self.store.read() as tx:
            return tx.incidents.standing(ACME)

    def state(self) -> TenantState:
        """Return the tenant's state."""
        with self.store.read() as tx:
            tenant = tx.tenants.get(ACME)
        assert tenant is not None
        return tenant.state

    def configure(self, config: Configuration) -> None:
        """Give the tenant another configuration."""
        with self.store.write() as tx:
            tx.tenants.configure(ACME, config, "test")

    def _ring_more(self, tx: Transaction, tenant_id: TenantId) -> list[Event]:
        return ring_more(tx, tenant_id, self.desk)

    def _end_run(self, tx: Transaction, tenant_id: TenantId, run_id: RunId) -> list[Event]:
        return end_run(tx, tenant_id, run_id, self.desk.ids)

    def _after_deaths(self, tx: Transaction, tenant_id: TenantId, died: Sequence[ChangeId]) -> None:
        steps_died(tx, tenant_id, died, self.desk)

    def _told(self, event: NotifyEvent) -> HandlerOutcome:
        if self.notifier is not None:
            return notify(event, self.notifier)
        if isinstance(event, NoticesDue):
            return Did("nothing")
        with self.store.write() as tx:
            incident = tx.incidents.get(ACME, event.incident_id)
            if incident is not None:
                tx.incidents.told(ACME, event.incident_id, resolved=incident.resolved_at is not None)
        return Did("told")


def build_relay(
    folder: Path,
    personio: Control,
    app: ScimSimulator,
    config: Configuration,
    limits: Limits | None = None,
    hands: Executor | None = None,
    language: str = "en",
    tell: Tell = nobody_listens,
) -> Relay:
    """Build a relay with one tenant, not checked yet, over a new SQLite store."""
    folder.mkdir(exist_ok=True)
    clock, ids, bells = ShiftedClock(), SystemIds(), Bells()
    vault = TenantVault(MasterKey.generate(folder / "master.key"))
    store = quick_store(new_sqlite(folder / "store.sqlite"), vault, clock, tell)
    with store.write() as tx:
        assert tx.tenants.add(ACME, "Acme", language, ["owner@acme.example"])
        tx.tenants.configure(ACME, config, "test")
        tx.connections.put(
            ACME,
            Connection(personio.url, personio.client_id, personio.client_secret, "scim", app.url, app.token),
        )
    accounts = TenantAccounts(store, clock, policy=AddressPolicy(allow_private=True), rate_limits=False)
    desk = Desk(
        store=store,
        accounts=accounts,
        vault=store.vault,
        publisher=bells,
        ids=ids,
        clock=clock,
        hands=hands or ThreadPoolExecutor(8),
        limits=limits or Limits(),
    )
    return Relay(personio, app, store, clock, desk, bells)


class Inline(Executor):
    """Run each call at once, in order, for tests that count."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN002,ANN003,ANN201  the signature is Executor's
        """Run it now."""
        future: Future[object] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  a future carries whatever happened
            future.set_exception(error)
        return future


def names(people: Iterable[Change]) -> list[str]:
    """Tell rows by person and action, in order."""
    return sorted(f"{change.person_id} {change.action.value}" for change in people)
