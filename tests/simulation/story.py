"""One story, all from one seed: tenants go live and through a few bad days, and then there are fine ones."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated
from typing import TypeAlias

from adapters.targets.memory import MemoryTarget
from domain.changes import ChangeState
from domain.config import Configuration, Line, MatchRule
from domain.guards import OFF, Guards
from domain.ids import PersonId, TenantId
from domain.records import Connection
from domain.schedule import Every, Schedule, next_time
from domain.tenant import TenantState, may_write
from tests.builders import configuration
from tests.simulation import clerk, customs, happenings, judge, operators
from tests.simulation.application import PATHS, Application, Write
from tests.simulation.book import Book
from tests.simulation.bugs import BUGS, NONE
from tests.simulation.company import Company
from tests.simulation.house import Crew, House, Tenant
from tests.simulation.source import Desk as PersonioDesk
from tests.simulation.stage import Process, RingsForEverError
from tests.simulation.store import asked_by, empty_store, give_keys, opened_store
from tests.simulation.template import SHAPES, template
from tests.simulation.world import FINE, Weather, World
from workers.desk import Limits

HOUR = timedelta(hours=1)
ALL_LINES = (
    Line("email", "userName", required=True),
    Line("first_name", "name.givenName", required=True),
    Line("last_name", "name.familyName", required=True),
    Line("position", "title"),
    Line("department", "department"),
)
NUMBER = Line("number", "employeeNumber")
BY_TWO = (MatchRule(("userName",)), MatchRule(("employeeNumber",)))
NUMBERED = 0.5
"""How often a tenant's own application knows personnel numbers, and accounts are recognised by them, too."""

CLIMATES: Mapping[str, Weather] = {
    "fine": FINE,
    "bad queue": Weather(drop=0.25, double=0.3, delay=0.4, lost_redis=0.15),
    "lost Redis": Weather(lost_redis=0.8, delay=0.6),
    "dying workers": Weather(death=0.02),
    "bad network": Weather(refuse=0.1, lost_request=0.15, lost_reply=0.2, slow=0.2),
    "store away": Weather(store_away=0.04),
    "standing still": Weather(freeze=0.02, freeze_in_hand=0.5, slow=0.3),
    "everything": Weather(
        death=0.006,
        freeze=0.01,
        freeze_in_hand=0.03,
        store_away=0.01,
        drop=0.1,
        double=0.2,
        delay=0.2,
        refuse=0.05,
        lost_request=0.06,
        lost_reply=0.1,
        slow=0.15,
        lost_redis=0.1,
    ),
}
HURRIED = [CLIMATES[name] for name in ("dying workers", "bad network", "standing still", "everything")]
"""Where work takes long or is broken off, the sweeper looks while it goes on."""

TENANTS = (1,) * 16 + (2,) * 3 + (3,)
PEOPLE = (3, 3, 4, 4, 5, 5, 6, 9)
BEATS = (1, 1, 2, 2, 2, 3, 3, 4, 7)
"""Most stories are short, so that many can be told; some are long."""

PAGES = (3, 100, 100)
LONG = 10
"""One story in so many lives through going live, and through every round; others begin with live tenants."""

USUAL_PASSES = (15, 60, 600, 3700, 3700, 3700, 7300, 90_000)
SEEN_THROUGH = 0.7
"""How often a story with accounts that are to be removed goes on until their day is over."""

FAILS = 0.5
"""How often nothing can be read for two hours at last where a tenant stands no failure."""

ANSWERED = 0.5
"""How often somebody looks in a beat whether there are questions."""

STORMY = 0.06
"""How often a beat is one in which an application turns everybody away."""

URGENT = 2
"""For so many somebody asks for a run of one meanwhile, so that two queues have work for who looks."""

STORM_SWEEPS = 14
"""So often the scheduler looks meanwhile: some minutes."""

OVERTAKEN = 0.8
"""How often somebody corrects what a worker has in hand that stands still."""

ROUNDS = 8
"""After so many fault-free rounds everything must be as it should, or say why not."""

Reasons: TypeAlias = dict[tuple[TenantId, PersonId], tuple[str, list[str]]]
"""Who differs in which way, and what is told about it."""


@dataclass
class Story:
    """The telling of one seed."""

    seed: int
    bug: str | None = None
    waiting: list[tuple[dict[TenantId, int], Reasons | None]] = field(default_factory=list)

    @property
    def is_long(self) -> bool:
        """Tell whether tenants go live in this story, and whether it waits for every round at its end."""
        return self.seed % LONG == 0

    def tell(self) -> World:
        """Live through everything, and return what happened; failures name broken promises."""
        self.world = World(self.seed)
        gc.disable()
        try:
            self._begin()
            self._live()
            self._calm_down()
        except RingsForEverError as error:
            self.world.fail(f"no rest: {error}")
        except Exception as error:  # noqa: BLE001  a bug of the house is a finding like any other
            self.world.fail(f"a bug: {_place_of(error)}")
        finally:
            self.world.stage.abandon()
            gc.enable()
        return self.world

    def _begin(self) -> None:
        world, dice = self.world, self.world.dice
        self.climate = dice.choice(list(CLIMATES))
        self.two_schedulers = dice.choice([0, 0.3, 0.6])
        self.lost = False
        world.say(f"the weather: {self.climate}")
        limits = Limits(people=dice.choice([2, 25]), list_from=dice.choice([2, 20]))
        store = empty_store(world) if self.is_long else opened_store(world)
        self.house = House(world, store, {}, limits, BUGS[self.bug] if self.bug else NONE)
        world.overtake = self._overtake
        if self.is_long:
            self._found()
            if dice.random() < 0.6:
                world.weather = CLIMATES[self.climate]
            self._go_live()
        else:
            self._continue()
        for tenant in self.house.tenants.values():
            self._take_up_customs(tenant)

    def _continue(self) -> None:
        """Begin with tenants that are live already, at ends that behave as the dice wants it."""
        dice = self.world.dice
        number = dice.randrange(SHAPES)
        template(number, begun).begin(self)
        self.world.say(f"tenants that are live already: beginning {number}")
        for tenant in self.house.tenants.values():
            tenant.personio.page_size = dice.choice(PAGES)
            tenant.app.lag = _lag(dice)

    def _take_up_customs(self, tenant: Tenant) -> None:
        """Let a tenant want what others do not; who went live just now asked for what is still on its way."""
        names, config = customs.chosen(self.world.dice, tenant.book.config)
        watch = tenant.book.watch
        watch.names, watch.asked, watch.since = names, self.is_long, self.world.clock.at
        watch.asked_by = partial(asked_by, self.house.store, tenant.tenant_id)
        if not names:
            return
        with self.house.store.write() as tx:
            tx.tenants.configure(tenant.tenant_id, config, "operator")
            counts = tx.tenants.configuration(tenant.tenant_id)
        assert counts is not None
        tenant.book.configure(counts)
        self.world.say(f"{tenant.tenant_id}: wants {sorted(names)}")

    def _found(self) -> None:
        shared = self.world.dice.random() < 0.3
        for number in range(self.world.dice.choice(TENANTS)):
            self._add(number, shared=shared)

    def found_and_go_live(self) -> None:
        """Tell a beginning on a fine day, and nothing more."""
        self.world = World(self.seed)
        self.climate, self.two_schedulers, self.lost = "fine", 0.0, False
        self.house = House(self.world, empty_store(self.world), {}, Limits())
        self._found()
        self._go_live()

    def _add(self, number: int, *, shared: bool) -> None:
        world, dice = self.world, self.world.dice
        tenant_id = TenantId(f"t{number + 1}")
        company = Company(first_id=(number + 1) * 1000, domain=f"t{number + 1}.example")
        prefix = f"{tenant_id}:" if shared else ""
        app = self._application(f"app-{number + 1}", shared=shared)
        config = self._configuration(prefix)
        book = Book(tenant_id, prefix, company, app, world, config, all_lines=config.lines)
        company.heard.append(book.notice)
        personio = PersonioDesk(company, page_size=dice.choice(PAGES))
        personio.heard.append(book.was_told)
        self.house.tenants[tenant_id] = Tenant(tenant_id, personio, app, book)
        for _ in range(dice.choice(PEOPLE)):
            happenings.hire(self.house.tenants[tenant_id], world)
        happenings.make_foreign(self.house.tenants[tenant_id], world)
        with self.house.store.write() as tx:
            tx.tenants.add(tenant_id, f"Tenant {number + 1}", "en", ["owner@t.example"])
            give_keys(tx, tenant_id, number + 1)
        with self.house.store.write() as tx:
            tx.tenants.move(tenant_id, dice.choice([TenantState.READY, TenantState.SETUP]), None)
            tx.tenants.configure(tenant_id, config, "operator")
            there = f"https://{app.name}.example"
            tx.connections.put(tenant_id, Connection("https://p.example", "id", "s", "memory", there, ""))

    def _application(self, name: str, *, shared: bool) -> Application:
        if shared and self.house.tenants:
            return next(iter(self.house.tenants.values())).app
        dice = self.world.dice
        unique = ("userName",) if dice.random() < 0.5 else ()
        inner = MemoryTarget(PATHS, unique, page_size=dice.choice([2, 100]), clock=self.world.clock)
        return Application(inner, self._hear, lag=_lag(dice), name=name)

    def _configuration(self, prefix: str) -> Configuration:
        by_two = not prefix and self.world.dice.random() < NUMBERED
        lines = (*ALL_LINES, NUMBER) if by_two else ALL_LINES
        config = configuration(lines=lines, schedule=Schedule(Every(HOUR)), prefix=prefix)
        config = replace(config, match=BY_TWO if by_two else (), guards=Guards(creates=OFF))
        return replace(config, match_path=None if prefix else "userName")

    def _hear(self, write: Write) -> None:
        self.house.tenants[TenantId(write.tenant)].book.hear(write)

    def _go_live(self) -> None:
        """Check, plan and activate, again and again if the weather is bad."""
        for number in range(6):
            for what in ("check", "sync", "go_live") if number else ("sync", "go_live"):
                for tenant in self.house.tenants.values():
                    if not self._is_live(tenant):
                        operators.act(self.house, tenant, what)
                self.house.settle()
            if all(self._is_live(tenant) for tenant in self.house.tenants.values()):
                return
            self._pass(seconds=80)
        self.world.weather = FINE

    def _is_live(self, tenant: Tenant) -> bool:
        return self._state(tenant) not in {TenantState.SETUP, TenantState.READY}

    def _state(self, tenant: Tenant) -> TenantState:
        with self.house.store.read() as tx:
            found = tx.tenants.get(tenant.tenant_id)
        assert found is not None
        return found.state

    def _live(self) -> None:
        """Let days pass: companies change, operators act, and the weather is what it is."""
        world, dice = self.world, self.world.dice
        world.weather = CLIMATES[self.climate]
        for _ in range(dice.choice(BEATS)):
            if world.chance(world.weather.lost_redis):
                self.house.enter("company", "Redis", self._lose_redis)
            for tenant in self.house.tenants.values():
                for _ in range(dice.choice([0, 1, 1, 2])):
                    operators.act(self.house, tenant, dice.choice(self._acts(tenant)))
                self._let_happen(tenant)
                if world.chance(ANSWERED):
                    self._answer(tenant, clerk.answer_cases)
            if world.chance(STORMY):
                self._weather_a_storm(dice.choice(list(self.house.tenants.values())))
            else:
                self._pass(seconds=dice.choice(self._passes()))
        self._see_removals_through()
        self._see_failures_through()

    def _answer(self, tenant: Tenant, answering: operators.Act) -> None:
        """Let a human answer what waits, if anything does."""
        with self.house.store.read() as tx:
            waits = any(case.waits for case in tx.cases.standing(tenant.tenant_id))
        if waits:
            tenant.book.watch.asked = True
            operators.let(self.house, tenant, answering.__name__, answering)

    def _weather_a_storm(self, tenant: Tenant) -> None:
        """Let the application turn everybody away while there is much to do, and the scheduler go on.

        Nobody stands still meanwhile: who slept does not know yet, and is in nobody's count.
        """
        self.house.settle()
        weather = self.world.weather
        self.world.weather = replace(weather, freeze=0, freeze_in_hand=0)
        happenings.heal(tenant, self.world)
        happenings.break_loose(tenant, self.world)
        happenings.grow(tenant, self.world)
        for what in ("check", "resume", "sync"):
            operators.act(self.house, tenant, what)
            self.house.settle()
        for human in tenant.personio.company.working[:URGENT]:
            happenings.promote_one(tenant, self.world, human)
            self._see_to(tenant, human.person_id)
        self.house.sweep("scheduler-1", STORM_SWEEPS)
        self.house.settle()
        self.world.weather = weather

    def _see_removals_through(self) -> None:
        """Let somebody cancel removals before their day, and that day come: chance alone hardly ever does."""
        with self.house.store.read() as tx:
            tenants = [each for each in self.house.tenants.values() if tx.deletions.standing(each.tenant_id)]
        if not tenants or not self.world.chance(SEEN_THROUGH):
            return
        for tenant in tenants:
            operators.act(self.house, tenant, "cancel_removals")
        self.house.settle()
        for seconds in customs.PASSES["deletes"]:
            self._pass(seconds=seconds)

    def _see_failures_through(self) -> None:
        """Let two hours come in which nothing can be read, and nobody acts, where a failure is to end all."""
        strict = [each for each in self.house.tenants.values() if "strict" in each.book.watch.names]
        if strict and self.world.chance(FAILS):
            for tenant in strict:
                happenings.break_feed(tenant)
            self._pass(seconds=3700)
            self._pass(seconds=3700)

    def _acts(self, tenant: Tenant) -> list[str]:
        """List what operators may do, as often as they do it."""
        more = (customs.ACTS.get(name, ()) for name in sorted(tenant.book.watch.names))
        return [*operators.NAMES, *(each for acts in more for each in acts)]

    def _passes(self) -> tuple[int, ...]:
        """Say how long a beat may take, with what somebody wants in mind."""
        names = {name for tenant in self.house.tenants.values() for name in tenant.book.watch.names}
        return (*USUAL_PASSES, *(each for name in sorted(names) for each in customs.PASSES.get(name, ())))

    def _lose_redis(self, _crew: Crew) -> None:
        """Lose all of Redis, somewhen while the house works."""
        self.world.stage.sleep(self.world.dice.choice([0.5, 1, 2, 5, 20]))
        self.world.say("Redis is lost")
        self.house.redis.lose()
        self.lost = True

    def _overtake(self, process: Process) -> None:
        """Let others go on while a worker stands still: what it has in hand is corrected meanwhile."""
        if process.name.startswith("worker") and self.world.chance(OVERTAKEN):
            self.house.enter("company", "company", lambda _: self._correct())
            self.house.sweep("scheduler-1", 6)

    def _correct(self) -> None:
        """Change once more what is on its way to the application, and have somebody see to it."""
        self.world.stage.sleep(self.world.dice.choice([1, 5, 20]))
        for tenant in self.house.tenants.values():
            with self.house.store.read() as tx:
                rows = tx.changes.rows(tenant.tenant_id, states=[ChangeState.WORKING])
            for row in rows:
                happenings.correct(tenant, self.world, row)
                self._see_to(tenant, row.person_id)

    def _see_to(self, tenant: Tenant, person_id: PersonId) -> None:
        """Let somebody ask for a run of one."""
        seeing = partial(operators.see_to, person_id=person_id)
        tenant.book.watch.asked = True
        operators.let(self.house, tenant, f"sync_person {person_id}", seeing)

    def _let_happen(self, tenant: Tenant) -> None:
        """Let the company change at once, or while the house works."""
        world, dice = self.world, self.world.dice
        what = [dice.choice(happenings.NAMES) for _ in range(dice.choice([0, 2, 3, 4, 6]))]

        def meanwhile() -> None:
            for each in what:
                world.stage.sleep(dice.choice([0, 0.1, 0.5, 3, 20]))
                happenings.happen(tenant, world, each)

        self.house.enter("company", "company", lambda _: meanwhile())

    def _pass(self, *, seconds: float) -> None:
        """Let time pass, with schedulers awake at its end and soon after."""
        self.world.clock.at += timedelta(seconds=seconds)
        hurried = self.world.weather in HURRIED
        self.house.sweep("scheduler-1", self.world.dice.choice([1, 2, 4]) if hurried else 1)
        if self.world.chance(self.two_schedulers):
            self.house.sweep("scheduler-2")
        self.house.settle()
        with self.house.store.read() as tx:
            judge.judge_answers(self.house, tx)
        if self.climate == "lost Redis" and self.lost:
            self.lost = False
            self._recover()

    def _recover(self) -> None:
        """In otherwise fine weather one sweep brings everything back that was lost with Redis.

        Bells that are only late are waited for, and judged then: none is an excuse.
        """
        self.world.clock.at += timedelta(seconds=15)
        self.house.sweep("scheduler-1")
        self.house.settle()
        for _ in range(ROUNDS):
            if self.house.redis.bells:
                self.house.settle()
        with self.house.store.read() as tx:
            for tenant in self.house.tenants.values():
                found = tx.tenants.get(tenant.tenant_id)
                rows = tx.changes.rows(tenant.tenant_id, states=[ChangeState.RELEASED])
                rests = judge.may_rest(tx, tenant)
                if rows and found and may_write(found.state) and not rests:
                    self.world.fail(f"{tenant.tenant_id}: {len(rows)} due rows were forgotten with Redis")

    def _calm_down(self) -> None:
        """Let everything be well, and hold the house to its promises."""
        world = self.world
        world.say("from now on the weather is fine")
        world.weather = FINE
        self.two_schedulers = 0.0
        self._pass(seconds=100 + self._still_asleep())
        with self.house.store.read() as tx:
            judge.judge_silence(self.house, tx, at_the_end=False)
            judge.judge_state(self.house, tx)
            judge.judge_customs(self.house, tx)
        for tenant in self.house.tenants.values():
            happenings.heal(tenant, world)
            happenings.hire_anew(tenant, world)
        self._wait_for_the_hours()
        for number in range(ROUNDS):
            if self._round(number) or self._waits_for_a_human():
                break
        else:
            self._look_for_unrest()
        with self.house.store.read() as tx:
            judge.judge_state(self.house, tx)
            judge.judge_customs(self.house, tx)
            judge.judge_silence(self.house, tx, at_the_end=True)
            judge.judge_rest(self.house, tx)
            judge.judge_answers(self.house, tx)
            judge.judge_end(self.house, tx)

    def _wait_for_the_hours(self) -> None:
        """Let the end of a story fall into the hours in which everybody writes."""
        hours = [tenant.book.config.schedule.apply for tenant in self.house.tenants.values()]
        if any(hours):
            opens = next_time(customs.OPENS, "UTC", self.world.clock.at)
            self._pass(seconds=(opens - self.world.clock.at).total_seconds())

    def _still_asleep(self) -> float:
        """Tell how long the last process still stands still: a house that sleeps tells nobody anything."""
        ends = [crew.process.frozen_until for crew in self.house.crews.values()]
        return max(0.0, *((each - self.world.clock.at).total_seconds() for each in ends))

    def _round(self, number: int) -> bool:
        """Let an hour pass; True if nothing had to be written and nobody is other than they should be."""
        before = self._writes()
        self.waiting.append((before, self._explained_differences()))
        for tenant in self.house.tenants.values():
            for what in self._needed(tenant):
                operators.act(self.house, tenant, what)
                self.house.settle()
            self._answer(tenant, clerk.answer_cases_rightly)
        self._pass(seconds=3700)
        if number % 2:
            self._pass(seconds=100)
        for tenant in self.house.tenants.values():
            happenings.rename_foreign(tenant, self.world)
        differing = any(judge.differences(tenant) for tenant in self.house.tenants.values())
        return before == self._writes() and not differing

    def _waits_for_a_human(self) -> bool:
        """Tell whether two rounds changed nothing where reasons are told; long stories wait on."""
        now = (self._writes(), self._explained_differences())
        return not self.is_long and now[1] is not None and self.waiting[-2:] == [now, now]

    def _explained_differences(self) -> Reasons | None:
        """Tell who differs and why; None if somebody differs without a reason."""
        found: Reasons = {}
        with self.house.store.read() as tx:
            for tenant in self.house.tenants.values():
                differing = judge.differences(tenant)
                told = judge.reasons(tx, tenant) if differing else {}
                for person_id, wrong in differing.items():
                    if person_id in tenant.book.exempt:
                        continue
                    if not told.get(person_id):
                        return None
                    found[tenant.tenant_id, person_id] = (wrong, sorted(told[person_id]))
        return found

    def _needed(self, tenant: Tenant) -> list[str]:
        """Tell what an operator would do who sees how a tenant stands."""
        with self.house.store.read() as tx:
            found = tx.tenants.get(tenant.tenant_id)
            rows = tx.changes.rows(tenant.tenant_id, states=[ChangeState.DEAD, ChangeState.HELD])
        assert found is not None
        states = {row.state for row in rows}
        cures = {
            TenantState.BLOCKED: ["check"],
            TenantState.PAUSED: ["resume"],
            TenantState.STOPPED: ["resume"],
            TenantState.SETUP: ["check", "sync", "go_live"],
            TenantState.READY: ["sync", "go_live"],
        }
        wanted = list(cures.get(found.state, []))
        wanted += ["requeue_all"] if ChangeState.DEAD in states else []
        return wanted + (["approve_what_is_right"] if ChangeState.HELD in states else [])

    def _writes(self) -> dict[TenantId, int]:
        return {tenant.tenant_id: tenant.book.writes for tenant in self.house.tenants.values()}

    def _look_for_unrest(self) -> None:
        """Where nothing happens any more, nothing is written any more."""
        before = self._writes()
        self._pass(seconds=3700)
        for tenant_id, writes in self._writes().items():
            if writes != before[tenant_id]:
                self.world.fail(f"no rest: {tenant_id} is written to though nothing happened")


def begun(seed: int) -> Story:
    """Tell how some tenants went live on a fine day."""
    story = Story(seed)
    story.found_and_go_live()
    return story


def _lag(dice: Random) -> timedelta:
    return timedelta(seconds=dice.choice([0, 0, 5, 20]))


def _place_of(error: Exception) -> str:
    """Tell where a bug shows, without any value."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = f"{last.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{last.tb_lineno}" if last else ""
    return f"{type(error).__name__} at {where}: {str(error)[:200]}"
