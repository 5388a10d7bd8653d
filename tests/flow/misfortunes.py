"""Things that go wrong inside the house: workers that die, code with a bug, bells that get lost."""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated
from typing import TypeVar

from domain.account import Account, AccountDraft, Scalar
from domain.changes import Change, ChangeState
from domain.employee import Attribute, Employee, Page
from domain.events import EmployeeChanged
from domain.ids import AccountId, ConfigVersion, PersonId, TenantId
from domain.ports import Store, Transaction
from domain.ports_world import Accounts, Source, Target
from domain.records import Job
from tests.flow.relay import Inline, Relay
from tests.flow.truth import Outside, accounts, differences, is_wanted, people

Answer = TypeVar("Answer")
EXPLAINING = (
    ChangeState.HELD,
    ChangeState.BLOCKED,
    ChangeState.WAITING,
    ChangeState.PARKED,
    ChangeState.DEAD,
)


class WorkerDiedError(BaseException):
    """Stand for kill -9: nobody in the house may catch it."""


class Moment(Enum):
    """Name when a worker dies."""

    BEFORE_THE_CALL = auto()
    AFTER_THE_CALL = auto()


class MortalHands(Executor):
    """Run each call at once, and die over the rows of some people as long as there are deaths left."""

    def __init__(self) -> None:
        self.fatal: dict[str, int] = {}
        self.moment = Moment.BEFORE_THE_CALL
        self.tried_together: list[int] = []

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN002,ANN003,ANN201  the signature is Executor's
        """Do the row, or die before or after it."""
        dies = isinstance(args[0], Job) and self.dies_over(args[0].change)
        if dies and self.moment is Moment.BEFORE_THE_CALL:
            raise WorkerDiedError
        future: Future[object] = Inline().submit(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        if dies:
            raise WorkerDiedError
        return future

    def dies_over(self, change: Change) -> bool:
        """Tell whether this row is fatal now, and count the death."""
        dies = self.fatal.get(change.person_id, 0) > 0
        if dies:
            self.fatal[change.person_id] -= 1
        return dies


class SleepyHands(Executor):
    """Sleep once before the first call, as a stopped process does; the world goes on meanwhile."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile: Callable[[], object] | None = meanwhile

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN002,ANN003,ANN201  the signature is Executor's
        """Sleep if nobody did yet, then do the row."""
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return Inline().submit(fn, *args, **kwargs)  # type: ignore[no-untyped-call]


class SleepyTarget:
    """Stand still once within a write, after its lease was looked at; the world goes on meanwhile.

    `deep`: between the very last look and the socket, where only the application could notice.
    """

    def __init__(
        self, inner: Target, meanwhile: Callable[[], object], *, deep: Accounts | None = None
    ) -> None:
        self._inner = inner
        self._meanwhile: Callable[[], object] | None = meanwhile
        self._deep = deep

    def create(self, draft: AccountDraft) -> Account:
        """Make it after all."""
        return self._late(lambda: self._inner.create(draft))

    def update(
        self, account_id: AccountId, values: Mapping[str, Scalar], *, external_id: str | None = None
    ) -> Account | None:
        """Send it after all."""
        return self._late(lambda: self._inner.update(account_id, values, external_id=external_id))

    def set_manager(self, account_id: AccountId, manager: AccountId | None) -> None:
        """Send it after all."""
        return self._late(lambda: self._inner.set_manager(account_id, manager))

    def _late(self, send: Callable[[], Answer]) -> Answer:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        with self._deep.writing_while(lambda: True) if self._deep else nullcontext():
            return send()

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class SleepyStore:
    """Stand still once in the middle of a transaction, and let time pass."""

    def __init__(self, inner: Store, meanwhile: Callable[[], object]) -> None:
        self._inner = inner
        self._meanwhile: Callable[[], object] | None = meanwhile

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Begin, and sleep before anything is done."""
        meanwhile, self._meanwhile = self._meanwhile, None
        with self._inner.write() as tx:
            if meanwhile is not None:
                meanwhile()
            yield tx

    def read(self) -> AbstractContextManager[Transaction]:
        """Only read."""
        return self._inner.read()


class OvertakenHands(SleepyHands):
    """Let the world go on before the first such row is done, whatever else is looked at before."""

    def __init__(self, meanwhile: Callable[[], object], over: Callable[[Change], bool]) -> None:
        super().__init__(meanwhile)
        self._over = over

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN002,ANN003,ANN201  the signature is Executor's
        """Wait for a row."""
        if isinstance(args[0], Job) and self._over(args[0].change):
            return super().submit(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return Inline().submit(fn, *args, **kwargs)  # type: ignore[no-untyped-call]


def in_hand(relay: Relay, act: Callable[[], object], over: Callable[[Change], bool] = lambda _: True) -> None:
    """Let somebody do this after the next (such) row was taken, and before its request is made."""
    relay.desk = replace(relay.desk, hands=OvertakenHands(act, over))


class BuggyTarget:
    """Be a target with a bug of ours: creating one account meets an error that nobody foresaw."""

    def __init__(self, inner: Target, external_id: str) -> None:
        self._inner = inner
        self._external_id = external_id

    def create(self, draft: AccountDraft) -> Account:
        """Stumble over one person."""
        if draft.external_id == self._external_id:
            raise ZeroDivisionError
        return self._inner.create(draft)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class MortalSource:
    """Read pages, and die after some of them have been sent for."""

    def __init__(self, inner: Source, dies_at: set[int]) -> None:
        self._inner = inner
        self._dies_at = dies_at
        self.asked = 0

    def attributes(self) -> tuple[Attribute, ...]:
        """Ask the real one."""
        return self._inner.attributes()

    def page(self, cursor: str | None) -> Page:
        """Read a page, unless this is where the worker dies."""
        self.asked += 1
        page = self._inner.page(cursor)
        if self.asked in self._dies_at:
            raise WorkerDiedError
        return page

    def person(self, person_id: PersonId) -> Employee | None:
        """Ask the real one."""
        return self._inner.person(person_id)


class Ends:
    """Hand out other ends of one tenant than those that were built."""

    def __init__(
        self, inner: Accounts, *, source: Source | None = None, target: Target | None = None
    ) -> None:
        self._inner = inner
        self._source = source
        self._target = target

    def source(
        self,
        tenant_id: TenantId,
        universal: Mapping[str, str] | None = None,
        version: ConfigVersion | None = None,
        *,
        also: Collection[str] = (),
    ) -> Source:
        """Return the source in use."""
        return self._source or self._inner.source(tenant_id, universal)

    def target(self, tenant_id: TenantId) -> Target:
        """Return the target in use."""
        return self._target or self._inner.target(tenant_id)

    def writing_while(self, may_leave: Callable[[], bool]) -> AbstractContextManager[None]:
        """Ask in the last moment, as the real one does."""
        return self._inner.writing_while(may_leave)

    def take_requests(self, tenant_id: TenantId) -> tuple[int, int]:
        """Return what was counted."""
        return self._inner.take_requests(tenant_id)


@contextmanager
def with_ends(relay: Relay, *, source: Source | None = None, target: Target | None = None) -> Iterator[None]:
    """Let the relay use other ends for a while."""
    before = relay.desk
    relay.desk = replace(before, accounts=Ends(before.accounts, source=source, target=target))
    try:
        yield
    finally:
        relay.desk = before


def survive(act: Callable[[], object]) -> bool:
    """Do something during which the worker may die; tells whether it lived. The message it held is lost."""
    try:
        act()
    except WorkerDiedError:
        return False
    return True


def until_calm(relay: Relay, *, rounds: int = 12, step: timedelta = timedelta(seconds=76)) -> None:
    """Let leases run out and sweep, again and again, whoever dies on the way."""
    for _ in range(rounds):
        survive(lambda: relay.later(seconds=step.total_seconds()))


def pocket_envelopes(relay: Relay) -> list[EmployeeChanged]:
    """Carry everything out but the envelopes, which are kept back."""
    pocketed: list[EmployeeChanged] = []
    while relay.bells.rung:
        event = relay.bells.rung.pop(0)
        if isinstance(event, EmployeeChanged):
            pocketed.append(event)
        else:
            relay.take(event)
    return pocketed


def drain_badly(relay: Relay, dice: Random) -> None:
    """Carry out what was rung, while bells get lost, come twice, and come in any order."""
    for _ in range(500):
        if not relay.bells.rung:
            return
        event = relay.bells.rung.pop(dice.randrange(len(relay.bells.rung)))
        fate = dice.random()
        if fate < 0.2:
            continue
        relay.take(event)
        if fate > 0.8:
            relay.bells.rung.append(event)


def lose_redis(relay: Relay) -> None:
    """Lose every bell, and the epoch with them."""
    relay.bells.rung.clear()
    relay.epoch.value = None


def harm(relay: Outside) -> list[str]:
    """List employed people whose account is closed, and people with more than one account or create."""
    found = accounts(relay)
    closed = [
        f"{person.id} is employed and closed"
        for person in people(relay)
        if is_wanted(person) and str(person.id) in found and not found[str(person.id)]["active"]
    ]
    ids = [account["externalId"] for account in relay.app.state.accounts() if account["externalId"]]
    doubled = [f"{one} has {ids.count(one)} accounts" for one in sorted(set(ids)) if ids.count(one) > 1]
    created = relay.app.counters.creates_by_external_id.items()
    return closed + doubled + [f"{one} was created {count} times" for one, count in created if count > 1]


def unexplained(relay: Relay) -> list[str]:
    """List differences of people who have no open and no dead row that would tell the reason."""
    told = {str(row.person_id) for row in relay.rows(*EXPLAINING)}
    return [each for each in differences(relay) if each.split(" ", 1)[0] not in told]


def doubled_writes(relay: Outside) -> list[object]:
    """List every (account, attribute, value) that was written over something else more than once."""
    return [change for change, count in relay.app.counters.state_changes.items() if count > 1]
