"""The house of the story: every process with the real handlers at its desk, and the queue between them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from dramatiq.brokers.stub import StubBroker

from adapters.database.store import SqlStore
from adapters.http import writing_while
from adapters.queue.codec import decode
from bootstrap.gate import Gate
from domain.codes import Code
from domain.dispatches import Dispatch
from domain.errors import TemporaryError
from domain.events import Event, Queue
from domain.ids import ChangeId, ConfigVersion, RunId, TenantId
from domain.notices import Notice
from domain.outcomes import HandlerOutcome
from domain.ports import Store, Transaction
from domain.ports_channels import Delivered, Ways
from domain.ports_world import Source, Target
from domain.reminders import Reminders
from producers.alarms import raise_alarms
from producers.apart import Failed
from producers.deletions import remove_due
from producers.override import look_at_expired
from producers.remind import reminders_due
from producers.schedule import tick
from producers.setbacks import look_after
from producers.sweep import sweep
from tests.simulation.application import Application, ModelTarget
from tests.simulation.bells import Bell, Redis, StagedPublisher
from tests.simulation.book import Book
from tests.simulation.bugs import NONE, Bug, SpoiltStore
from tests.simulation.company import SECRET_MARK
from tests.simulation.hands import StagedHands, staged_wait
from tests.simulation.source import Desk as PersonioDesk
from tests.simulation.source import ModelSource
from tests.simulation.stage import Actor, Process, TurnedClock
from tests.simulation.store import StagedStore
from tests.simulation.world import World
from workers.actors import ACTOR, declare
from workers.desk import Desk, Limits
from workers.farewell import announce
from workers.giving_back import steps_died
from workers.notify import Notifier, NotifyEvent, notify
from workers.ring import ring_more
from workers.settle import end_run


@dataclass
class Tenant:
    """One customer of the story, from its company to its application."""

    tenant_id: TenantId
    personio: PersonioDesk
    app: Application
    book: Book


class StoryIds:
    """Make ids that sort by the moment of their making, and dice, all from the seed."""

    def __init__(self, clock: TurnedClock, dice: Random) -> None:
        self._clock = clock
        self._dice = dice
        self._made = 0

    def new(self) -> str:
        """Return a fresh id."""
        self._made += 1
        ms = int(self._clock.at.timestamp() * 1000)
        return f"{ms:012x}{self._dice.getrandbits(32):08x}{self._made:08x}"

    def dice(self) -> float:
        """Return a number in [0, 1)."""
        return self._dice.random()


class ModelAccounts:
    """Hand out the model's two ends of each tenant, as one process sees them."""

    def __init__(
        self, tenants: Mapping[TenantId, Tenant], store: Store, world: World, process: Process, bug: Bug
    ) -> None:
        self._tenants = tenants
        self._store = store
        self._gates: dict[TenantId, Gate] = {}
        self._world = world
        self._process = process
        self._bug = bug

    def source(
        self,
        tenant_id: TenantId,
        universal: Mapping[str, str] | None = None,
        version: ConfigVersion | None = None,
        *,
        also: Collection[str] = (),
    ) -> Source:
        """Return the tenant's Personio."""
        desk = self._tenants[tenant_id].personio
        source: Source = self._bug.source(ModelSource(desk, self._world, self._process, tenant_id))
        return source

    def target(self, tenant_id: TenantId) -> Target:
        """Return the tenant's application."""
        owner = next(iter(self._tenants)) if self._bug.mixes_tenants else tenant_id
        app = self._tenants[owner].app
        gate = None if self._process.name == PATIENT else self._gate(owner)
        target: Target = self._bug.target(ModelTarget(app, self._world, self._process, owner, gate))
        return target

    def _gate(self, tenant_id: TenantId) -> Gate:
        """Return this process's gate before a tenant's application, with what the store knows of it."""
        with self._store.read() as tx:
            condition = tx.conditions.get(tenant_id)
        if tenant_id not in self._gates:
            self._gates[tenant_id] = Gate(self._store, self._world.clock, tenant_id)
        self._gates[tenant_id].see(condition)
        return self._gates[tenant_id]

    def writing_while(self, may_leave: Callable[[], bool]) -> AbstractContextManager[None]:
        """Ask in the last moment before a write travels, as the real way out does."""
        return writing_while(may_leave)

    def take_requests(self, tenant_id: TenantId) -> tuple[int, int]:
        """Count nothing: requests are no promise."""
        return 0, 0


class Mailbox:
    """Every notice that reached a human, each once; sometimes the way there is closed."""

    name, addressed, doubles_harmless = "mailbox", False, True

    def __init__(self, world: World) -> None:
        self.notices: dict[str, Notice] = {}
        self._world = world

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Keep a notice by its id."""
        if SECRET_MARK in notice.subject + notice.body:
            self._world.fail("promise 7: a notice tells something of a person")
        if self._world.chance(self._world.weather.refuse):
            raise TemporaryError(Code.INTERNAL, "simulated: the mail server is away")
        self.notices.setdefault(notice.notice_id, notice)
        self._world.say(f"{notice.tenant_id}: {notice.code} {notice.stage} told")
        return Delivered()

    def told(self, tenant_id: str) -> set[str]:
        """Tell of which causes somebody of a tenant heard."""
        theirs = [each for each in self.notices.values() if each.tenant_id == tenant_id]
        return {each.code.value for each in theirs if each.code is not None}


@dataclass
class Crew:
    """One process with its desk; `take` handles a payload as the real actor does."""

    process: Process
    desk: Desk
    store: Store
    publisher: StagedPublisher
    take: Callable[[object], None]
    slots: int
    queues: frozenset[str]

    def ring_more(self, tx: Transaction, tenant_id: TenantId) -> list[Event]:
        """Ring for the next envelopes; producers are given this."""
        return ring_more(tx, tenant_id, self.desk)

    def end_run(self, tx: Transaction, tenant_id: TenantId, run_id: RunId) -> list[Event]:
        """End a run; the sweeper is given this."""
        return end_run(tx, tenant_id, run_id, self.desk.ids)

    def after_deaths(self, tx: Transaction, tenant_id: TenantId, died: Sequence[ChangeId]) -> None:
        """Leave nobody half-way whose row killed its worker; the sweeper is given this."""
        steps_died(tx, tenant_id, died, self.desk)


SWEEP_S = 15
PATIENT = "operator"
"""Who sits at a terminal asks an application that rests all the same."""

RULES = Reminders()
ALL_BUT_SUSPECTS = frozenset(queue.value for queue in Queue) - {Queue.SUSPECTS.value}
ROLES: Mapping[str, tuple[int, frozenset[str]]] = {
    "company": (0, frozenset()),
    "worker-1": (2, ALL_BUT_SUSPECTS),
    "worker-2": (1, ALL_BUT_SUSPECTS),
    "suspects": (1, frozenset({Queue.SUSPECTS.value})),
    "scheduler-1": (0, frozenset()),
    "scheduler-2": (0, frozenset()),
    PATIENT: (0, frozenset()),
}


@dataclass
class House:
    """All processes, the store and the queue of one story."""

    world: World
    store: SqlStore
    tenants: dict[TenantId, Tenant]
    limits: Limits
    bug: Bug = NONE
    redis: Redis = field(default_factory=Redis)
    crews: dict[str, Crew] = field(default_factory=dict)
    in_hand: list[tuple[Process, Bell]] = field(default_factory=list)
    mailbox: Mailbox = field(init=False)
    explained: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mailbox = Mailbox(self.world)
        self.ids = StoryIds(self.world.clock, self.world.dice)

    def crew(self, name: str) -> Crew:
        """Return a process, started anew if it died."""
        known = self.crews.get(name)
        if known is None or known.process.dead:
            self.crews[name] = self._start(name)
        return self.crews[name]

    def enter(self, name: str, what: str, act: Callable[[Crew], object]) -> None:
        """Let a process begin something."""
        crew = self.crew(name)
        self.world.stage.enter(what, crew.process, lambda: act(crew))

    def sweep(self, name: str, times: int = 1) -> None:
        """Let a scheduler do what it does every few seconds."""

        def beat(crew: Crew) -> None:
            self._schedule(crew)
            for _ in range(times - 1):
                self.world.stage.sleep(SWEEP_S, stays=False)
                self._schedule(crew)

        self.enter(name, "schedule", beat)

    def settle(self, *, patience_s: float = 120) -> None:
        """Carry on until nobody moves and no bell is due for a while."""
        stage, give_up = self.world.stage, self.world.clock.at + timedelta(seconds=patience_s)
        while True:
            self._hand_out()
            if stage.step(give_up):
                continue
            now = self.world.clock.at
            coming = [bell.due_at for bell in self.redis.bells if now < bell.due_at <= give_up]
            if not coming:
                return
            self.world.clock.at = min(coming)

    def _hand_out(self) -> None:
        """Give due bells to processes with a free thread; what a dead one had in hand comes back, or not."""
        self._mourn()
        now = self.world.clock.at
        any_due = any(bell.due_at <= now for bell in self.redis.bells)
        for name, (slots, queues) in ROLES.items():
            if not slots:
                continue
            crew = self.crew(name)
            if not any_due or crew.process.frozen_until > now:
                continue
            busy = sum(each.process is crew.process for each in self._messages())
            due = [bell for bell in self.redis.bells if bell.due_at <= now and bell.queue in queues]
            while due and busy < slots:
                bell = due.pop(self.world.dice.randrange(len(due)))
                self.redis.bells.remove(bell)
                self.in_hand.append((crew.process, bell))
                self.world.stage.enter("message", crew.process, self._taking(crew, bell))
                busy += 1

    def _taking(self, crew: Crew, bell: Bell) -> Callable[[], None]:
        def take() -> None:
            crew.take(bell.payload)
            self.in_hand.remove((crew.process, bell))

        return take

    def _messages(self) -> list[Actor]:
        return [actor for actor in self.world.stage.actors if actor.name == "message"]

    def _mourn(self) -> None:
        for process, bell in list(self.in_hand):
            if process.dead:
                self.in_hand.remove((process, bell))
                if self.world.chance(0.5):
                    late = timedelta(seconds=self.world.dice.uniform(10, 90))
                    self.redis.bells.append(Bell(bell.payload, bell.queue, self.world.clock.at + late))

    def _schedule(self, crew: Crew) -> None:
        """Do one second and one sweep of a scheduler's life; what fails is tried again the next time."""
        store, publisher, ids = crew.store, crew.publisher, self.ids
        failed: Failed = {}
        try:
            remove_due(
                store=store,
                publisher=publisher,
                ids=ids,
                ring_more=crew.ring_more,
                announce=announce,
                failed=failed,
            )
            look_at_expired(store=store, publisher=publisher, ids=ids, failed=failed)
            look_after(store=store, publisher=publisher, ids=ids, failed=failed)
            self._tick(crew)
            swept = sweep(
                store=store,
                publisher=publisher,
                ids=ids,
                epoch=self.bug.epoch(self.redis),
                ring_more=crew.ring_more,
                end_run=crew.end_run,
                after_deaths=crew.after_deaths,
            )
            for error in (*failed.values(), *swept.failed.values()):
                raise error
            publisher.ring(reminders_due(store, RULES))
            raise_alarms(store=store, publisher=publisher, ids=ids)
        except TemporaryError:
            self.world.say("the scheduler finds the store away")

    def _tick(self, crew: Crew) -> None:
        ticked = tick(store=crew.store, publisher=crew.publisher, ids=self.ids)
        for error in ticked.failed.values():
            if not isinstance(error, TemporaryError):
                raise error

    def _start(self, name: str) -> Crew:
        world = self.world
        process, (slots, queues) = Process(name), ROLES[name]
        staged = StagedStore(self.store, world, process)
        store: Store = staged if self.bug is NONE else SpoiltStore(staged, self.bug)
        publisher = StagedPublisher(self.redis, world, process)
        desk = Desk(
            store=store,
            accounts=ModelAccounts(self.tenants, store, world, process, self.bug),
            vault=staged.vault,
            publisher=publisher,
            ids=self.ids,
            clock=world.clock,
            hands=StagedHands(world, process, world.dice.choice([1, 2, 8])),
            sleep=world.stage.sleep,
            wait=staged_wait(world.stage),
            limits=self.bug.limits(self.limits),
        )
        broker = StubBroker(middleware=[])

        mailbox = self.bug.channel(self.mailbox)
        ways = Ways((mailbox,), mailbox)
        notifier = Notifier(store=store, ways=ways, ids=self.ids, alarm=self._alarm, rules=RULES)

        def tell(event: NotifyEvent) -> HandlerOutcome:
            return notify(event, notifier)

        declare(broker, desk, tell, decode, self._park, self._log)
        return Crew(process, desk, store, publisher, broker.get_actor(ACTOR).fn, slots, queues)

    def _alarm(self, given_up: Dispatch, code: Code, detail: str) -> None:
        self.world.say(f"{given_up.tenant_id}: {code}: a notice was given up: {detail}")

    def _park(self, payload: object, error: Exception) -> None:
        self.world.fail(f"a payload was not understood: {error}")

    def _log(self, action: object, **fields: object) -> None:
        words = " ".join(str(each) for each in fields.values())
        if SECRET_MARK in words:
            self.world.fail("promise 7: a log line tells something of a person")
        told = fields.get("reason") or fields.get("error_code") or ""
        self.world.say(f"{fields.get('tenant_id', '')}: {action}: {told}")
