"""One tenant's plans in a few words: wish, merge, release, work, settle."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from sqlalchemy import select

from adapters.database.store import SqlStore
from adapters.database.tables_changes import CHANGES
from domain.account import Scalar
from domain.changes import Action, Aspect, Change, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.events import EmployeeChanged, Queue
from domain.ids import ChangeId, ConfigVersion, EnvelopeId, LetterId, PersonId, RunId, TenantId
from domain.link import Link
from domain.mapping import same_key
from domain.records import Done, Job, Planned, Postponed, Refused, Settled, Settlement
from domain.run import Phase, RunKind
from domain.tenant import TenantState
from tests.contracts.store.builders import (
    ACME,
    LEASE,
    HandClock,
    add_run,
    add_tenant,
    link,
    put_link,
    values,
)

V1 = ConfigVersion(1)
SOON = timedelta(minutes=2)
DIGEST = b"applied digest.."


def key_of(told: dict[str, Scalar]) -> str | None:
    name = told.get("userName")
    return same_key(name) if isinstance(name, str) else None


def create(person: str = "1", name: str = "ada") -> Wish:
    told = values(name)
    return Wish(PersonId(person), Aspect.ACCOUNT, Action.CREATE, after=told, takes_key=key_of(told))


def update(person: str = "1", before: str = "ada", after: str = "eve", *, seen: int = 1) -> Wish:
    old, new = values(before), values(after)
    wish = Wish(PersonId(person), Aspect.ACCOUNT, Action.UPDATE, before=old, after=new, link_version=seen)
    return replace(wish, takes_key=key_of(new), frees_key=key_of(old)) if before != after else wish


def deactivate(person: str = "1", name: str = "ada") -> Wish:
    return Wish(
        PersonId(person), Aspect.ACCOUNT, Action.DEACTIVATE, before=values(name), cause=Code.PERSON_LEFT
    )


def reactivate(person: str = "1", name: str = "ada") -> Wish:
    told = values(name)
    return Wish(PersonId(person), Aspect.ACCOUNT, Action.REACTIVATE, before=told, after=told)


def manage(person: str = "1", boss: str | None = "9") -> Wish:
    manager = PersonId(boss) if boss else None
    return Wish(PersonId(person), Aspect.MANAGER, Action.SET_MANAGER, after_manager=manager)


def free_name(person: str = "1", name: str = "ada") -> Wish:
    freed = {"userName": f"released.{person}@acme.example"}
    return Wish(PersonId(person), Aspect.NAME, Action.RELEASE_NAME, before=values(name), after=freed)


def keep(person: str = "1", aspect: Aspect = Aspect.ACCOUNT) -> Wish:
    return Wish(PersonId(person), aspect, Action.KEEP)


class Plans:
    """Speak to the store about one active tenant."""

    def __init__(self, store: SqlStore, clock: HandClock, tenant_id: TenantId = ACME) -> None:
        self.store = store
        self.clock = clock
        self.tenant_id = tenant_id
        self._numbers = count(1)
        self._runs: set[str] = set()
        add_tenant(store, tenant_id)
        self.move(TenantState.READY)
        self.move(TenantState.ACTIVE)

    def move(self, state: TenantState) -> None:
        with self.store.write() as tx:
            assert tx.tenants.move(self.tenant_id, state, None)

    def fresh(self) -> ChangeId:
        return ChangeId(f"{self.tenant_id}-c{next(self._numbers):05}")

    def run(self, run: str, kind: RunKind = RunKind.FEED, by: str = "test") -> RunId:
        """Add a run once; a feed run goes straight to applying, so that the next one may begin."""
        if run not in self._runs:
            self._runs.add(run)
            add_run(self.store, run, tenant_id=self.tenant_id, kind=kind, by=by)
            if kind is not RunKind.APPROVAL:
                with self.store.write() as tx:
                    tx.runs.enter(self.tenant_id, RunId(run), Phase.CONCLUDING)
                    tx.runs.enter(self.tenant_id, RunId(run), Phase.APPLYING)
        return RunId(run)

    def plan(
        self, run: str, *wishes: Wish, kind: RunKind = RunKind.FEED, snapshot: bytes = b""
    ) -> list[ChangeId]:
        """Plan wishes; the ids of rows that were not made lead nowhere."""
        named = [(self.fresh(), wish) for wish in wishes]
        self.run(run, kind)
        with self.store.write() as tx:
            snapshots = {wish.person_id: snapshot for wish in wishes} if snapshot else {}
            tx.changes.plan(self.tenant_id, RunId(run), named, V1, snapshots)
        return [change_id for change_id, _ in named]

    def release(self, run: str) -> int:
        with self.store.write() as tx:
            return tx.changes.release(self.tenant_id, RunId(run))

    def released(self, run: str, *wishes: Wish, kind: RunKind = RunKind.FEED) -> list[ChangeId]:
        ids = self.plan(run, *wishes, kind=kind)
        self.release(run)
        return ids

    def propose(self, run: str) -> int:
        with self.store.write() as tx:
            return tx.changes.propose(self.tenant_id, RunId(run))

    def approve(self, run: str, *ids: ChangeId) -> int:
        self.run(run, RunKind.APPROVAL)
        with self.store.write() as tx:
            return tx.changes.approve(self.tenant_id, ids, RunId(run))

    def adopt(self, plan: str, run: str, *ids: ChangeId, lift: bool = False) -> int:
        self.run(run, RunKind.APPROVAL)
        with self.store.write() as tx:
            return tx.changes.adopt(self.tenant_id, RunId(plan), RunId(run), ids or None, lift=lift)

    def hold(self, *ids: ChangeId, why: Code = Code.GUARD_REMOVALS, detail: str = "too many") -> None:
        with self.store.write() as tx:
            tx.changes.hold(self.tenant_id, ids, why, detail)

    def block(self, change_id: ChangeId, on: str) -> None:
        with self.store.write() as tx:
            tx.changes.block(self.tenant_id, change_id, on)

    def insert(self, run: str, wish: Wish, blocked_on: str | None = None) -> tuple[bool, ChangeId]:
        change_id = self.fresh()
        self.run(run)
        with self.store.write() as tx:
            made = tx.changes.insert(self.tenant_id, RunId(run), change_id, Planned(wish, blocked_on), V1)
        return made, change_id

    def window(
        self,
        queue: Queue = Queue.RECONCILE,
        *,
        most: int = 2,
        size: int = 25,
        turn: EmployeeChanged | None = None,
    ) -> Sequence[EmployeeChanged]:
        fresh = (EnvelopeId(f"e{next(self._numbers):05}") for _ in count())
        with self.store.write() as tx:
            return tx.changes.fill_window(self.tenant_id, queue, fresh, most, size, turn)

    def claim(self, *ids: ChangeId, token: str = "t1") -> Sequence[Job]:
        with self.store.write() as tx:
            return tx.changes.claim(self.tenant_id, ids, token, LEASE)

    def take(self, change_id: ChangeId, token: str = "t1") -> Job:
        [job] = self.claim(change_id, token=token)
        return job

    def settle(self, *settlements: Settlement, token: str = "t1") -> Sequence[LetterId]:
        return list(self.settled(*settlements, token=token).letters)

    def settled(self, *settlements: Settlement, token: str) -> Settled:
        with self.store.write() as tx:
            return tx.changes.settle(self.tenant_id, token, settlements)

    def apply(self, *ids: ChangeId) -> None:
        """Let rows be worked on and done, as a good target lets them."""
        jobs = self.claim(*ids, token="good")
        assert [job.change.change_id for job in jobs] == sorted(ids)
        self.settle(*[done(job) for job in jobs], token="good")

    def crash(self, *ids: ChangeId) -> None:
        """Let a worker take rows and never come back."""
        assert len(self.claim(*ids, token=f"crash-{next(self._numbers)}")) == len(ids)
        self.clock.advance(LEASE)
        self.expire()

    def expire(self) -> int:
        with self.store.write() as tx:
            return tx.changes.expire_leases(self.tenant_id).count

    def wake(self) -> int:
        with self.store.write() as tx:
            return tx.changes.wake()

    def requeue(self, *ids: ChangeId) -> int:
        with self.store.write() as tx:
            return len(tx.changes.requeue(self.tenant_id, ids))

    def linked(self, *links: Link) -> None:
        with self.store.write() as tx:
            for stored in links:
                put_link(tx, stored, self.tenant_id)

    def link_of(self, person: str) -> Link | None:
        with self.store.read() as tx:
            return tx.links.get(self.tenant_id, [PersonId(person)]).get(PersonId(person))

    def rows(self, run: str | None = None) -> Sequence[Change]:
        with self.store.read() as tx:
            return tx.changes.rows(self.tenant_id, run_id=RunId(run) if run else None)

    def row(self, change_id: ChangeId) -> Change:
        [found] = [row for row in self.rows() if row.change_id == change_id]
        return found

    def state(self, change_id: ChangeId) -> ChangeState | None:
        """Tell a row's state, or None if there is no such row (any more)."""
        found = [row.state for row in self.rows() if row.change_id == change_id]
        return found[0] if found else None

    def stored(self, change_id: ChangeId, column: str) -> object:
        """Read a column that no port shows."""
        with self.store.read() as tx:
            asked = select(CHANGES.c[column]).where(CHANGES.c.change_id == change_id)
            found: object = tx.session.connection.scalar(asked)
            return found

    def at(self, *ids: ChangeId) -> list[ChangeState | None]:
        return [self.state(change_id) for change_id in ids]


def done(job: Job, *, active: bool = True, state: ChangeState = ChangeState.APPLIED) -> Done:
    """What a worker reports when the target has it; a first link is of version 0 until it is stored."""
    change = job.change
    now = job.link or link(change.person_id, version=0)
    told = dict(change.after) if change.after is not None else dict(now.values)
    manager = change.after_manager if change.action is Action.SET_MANAGER else now.manager
    open_now = active and change.action is not Action.DEACTIVATE
    settled = replace(now, values={**now.values, **told}, manager=manager, active=open_now)
    managing = change.action is Action.SET_MANAGER and state is ChangeState.APPLIED
    key = key_of(dict(settled.values))
    return Done(change.change_id, state, settled, DIGEST, key, manages=managing, referred=job.manager)


def later(change_id: ChangeId, wait: timedelta = SOON, *, intent: bool = False) -> Postponed:
    return Postponed(change_id, Code.TARGET_BUSY, "429", wait, intent_kept=intent)


def refused(change_id: ChangeId, code: Code = Code.TARGET_REFUSED) -> Refused:
    return Refused(change_id, code, "400 invalidValue")
