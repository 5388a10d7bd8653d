"""The model application: accounts in memory, and a book of everything that was ever written into it."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from adapters.http import NoReply, Reply, is_unwell, last_look, may_have_acted, parse_retry_after
from adapters.targets.memory import MemoryTarget
from bootstrap.gate import Gate
from domain.account import Account, AccountDraft, AccountPage, Scalar, TargetReport
from domain.codes import Code
from domain.errors import (
    HeldBackError,
    PermanentError,
    StaffettaError,
    TemporaryError,
    TenantBlockedError,
)
from domain.ids import AccountId
from domain.ports_world import Lookup
from tests.simulation.stage import Process
from tests.simulation.storms import Asked, Storm
from tests.simulation.world import World

Answer = TypeVar("Answer")
PATHS = frozenset({"userName", "name.givenName", "name.familyName", "title", "department", "employeeNumber"})
DONE = Reply(200, {}, b"")
"""Whatever says something about the request itself; a refusal of it is told beside."""


@dataclass(frozen=True)
class Write:
    """One thing that really changed: whose account, what, from what to what, and when."""

    at: datetime
    tenant: str
    external_id: str
    account_id: AccountId
    path: str
    old: object
    new: object


@dataclass
class Application:
    """One application with its accounts, perhaps shared by tenants. `told` hears each effective write."""

    inner: MemoryTarget
    told: Callable[[Write], None]
    refuses_people: set[str] = field(default_factory=set)
    refused: bool = False
    lag: timedelta = timedelta(0)
    name: str = ""
    storm: Storm | None = None
    foreign: dict[AccountId, Account] = field(default_factory=dict)
    """Accounts that nobody of us made, and that are nobody's of ours."""

    def made_by_others(self, draft: AccountDraft) -> None:
        """Make an account that is none of our business."""
        account = self.inner.create(draft)
        self.foreign[account.account_id] = account

    def by_external_id(self) -> dict[str, list[Account]]:
        """Return the accounts of each person."""
        found: dict[str, list[Account]] = {}
        for account in self.inner.accounts:
            if account.external_id:
                found.setdefault(account.external_id, []).append(account)
        return found


class ModelTarget:
    """The Target port of one process of one tenant."""

    def __init__(
        self, app: Application, world: World, process: Process, tenant: str, gate: Gate | None
    ) -> None:
        self._app = app
        self._gate = gate
        self._world = world
        self._process = process
        self._tenant = tenant

    def check(self) -> TargetReport:
        """Look without writing."""
        return self._call("checks", self._app.inner.check)

    def find(self, lookup: Lookup) -> tuple[Account, ...]:
        """Find accounts; those made just now may not be found yet."""
        what = f"looks for {lookup.external_id or lookup.path}"
        found = self._call(what, lambda: tuple(filter(self._is_visible, self._app.inner.find(lookup))))
        self._world.say(f"{self._tenant}: {what}: {[each.account_id for each in found]}")
        return found

    def get(self, account_id: AccountId) -> Account | None:
        """Read one account."""
        return self._call(f"reads {account_id}", lambda: self._app.inner.get(account_id))

    def list_page(self, cursor: str | None) -> AccountPage:
        """List accounts, those made just now perhaps not."""

        def listed() -> AccountPage:
            page = self._app.inner.list_page(cursor)
            return AccountPage(tuple(filter(self._is_visible, page.accounts)), page.next_cursor)

        return self._call("lists accounts", listed)

    def told(self, account_id: AccountId) -> frozenset[tuple[str, str]]:
        """Tell what stands on an account."""
        return self._call(f"reads rights of {account_id}", lambda: self._app.inner.told(account_id))

    def create(self, draft: AccountDraft) -> Account:
        """Make an account."""
        return self._write(f"creates for {draft.external_id}", lambda: self._create(draft))

    def update(
        self, account_id: AccountId, values: Mapping[str, Scalar], *, external_id: str | None = None
    ) -> Account | None:
        """Change the named paths."""
        what = f"updates {account_id} {sorted(values)}"
        return self._write(
            what, lambda: self._app.inner.update(account_id, values, external_id=external_id), account_id
        )

    def deactivate(self, account_id: AccountId) -> None:
        """Close an account."""
        self._write(f"closes {account_id}", lambda: self._app.inner.deactivate(account_id), account_id)

    def reactivate(self, account_id: AccountId, values: Mapping[str, Scalar]) -> Account | None:
        """Open an account again."""
        act = lambda: self._app.inner.reactivate(account_id, values)  # noqa: E731  shorter than its name
        return self._write(f"reopens {account_id} {sorted(values)}", act, account_id)

    def delete(self, account_id: AccountId) -> None:
        """Remove an account."""
        self._write(f"deletes {account_id}", lambda: self._app.inner.delete(account_id), account_id)

    def set_manager(self, account_id: AccountId, manager: AccountId | None) -> None:
        """Point at a manager."""
        act = lambda: self._app.inner.set_manager(account_id, manager)  # noqa: E731  as above
        self._write(f"sets the manager of {account_id} to {manager}", act, account_id)

    def _create(self, draft: AccountDraft) -> Account:
        if draft.external_id in self._app.refuses_people:
            raise PermanentError(Code.TARGET_REFUSED, "simulated: 400")
        return self._app.inner.create(draft)

    def _is_visible(self, account: Account) -> bool:
        made = account.created_at
        return made is None or self._world.clock.at - made >= self._app.lag

    def _write(self, what: str, act: Callable[[], Answer], account_id: AccountId | None = None) -> Answer:
        owner = next((a.external_id for a in self._app.inner.accounts if a.account_id == account_id), None)

        def effect() -> Answer:
            if owner in self._app.refuses_people:
                raise PermanentError(Code.TARGET_REFUSED, "simulated: 400")
            before = {each.account_id: each for each in self._app.inner.accounts}
            answer = act()
            self._note(before)
            return answer

        return self._call(what, effect, writes=True)

    def _note(self, before: Mapping[AccountId, Account]) -> None:
        """Write into the book what is different now."""
        self._note_removed(before)
        self._look_at_foreign()
        for account in self._app.inner.accounts:
            was = before.get(account.account_id)
            if was == account:
                continue
            old = _flat(was) if was else {}
            for path, new in _flat(account).items():
                if old.get(path) != new or was is None:
                    write = Write(
                        self._world.clock.at,
                        self._tenant,
                        account.external_id or "",
                        account.account_id,
                        path,
                        old.get(path),
                        new,
                    )
                    self._app.told(write)

    def _look_at_foreign(self) -> None:
        """Find what was done to an account that is none of our business."""
        there = {each.account_id: each for each in self._app.inner.accounts}
        for account_id, as_made in self._app.foreign.items():
            if there.get(account_id) != as_made:
                self._world.fail(f"promise 7: {self._tenant}: {account_id}, which others made, was touched")

    def _note_removed(self, before: Mapping[AccountId, Account]) -> None:
        there = {each.account_id for each in self._app.inner.accounts}
        for account_id, was in before.items():
            if account_id not in there:
                at, owner = self._world.clock.at, was.external_id or ""
                self._app.told(Write(at, self._tenant, owner, account_id, "deleted", was.active, None))

    def _call(self, what: str, act: Callable[[], Answer], *, writes: bool = False) -> Answer:
        """Pass the gate, as every request does, and say what the reply means."""
        self._world.border(self._process, f"before it {what}", freezes=False)
        answers: list[Answer] = []
        refusals: list[PermanentError] = []

        def done() -> None:
            try:
                answers.append(act())
            except PermanentError as refusal:
                refusals.append(refusal)

        def send() -> Reply:
            return self._send(what, done, writes=writes)

        try:
            method = "POST" if writes else "GET"
            reply = self._gate.pass_through(method, send) if self._gate else send()
        except NoReply:
            raise TemporaryError(Code.TARGET_UNREACHABLE, "simulated: lost", maybe_done=writes) from None
        if reply.status != DONE.status:
            raise self._refusal(reply, writes=writes)
        for refusal in refusals:
            raise refusal
        return answers[0]

    def _refusal(self, reply: Reply, *, writes: bool) -> StaffettaError:
        if not is_unwell(reply.status):
            return TenantBlockedError(Code.TARGET_CREDENTIALS_REFUSED, f"simulated: {reply.status}")
        wish = parse_retry_after(reply.headers.get("retry-after"), self._world.clock.at)
        unsure = writes and may_have_acted(reply)
        detail = f"simulated: {reply.status}"
        return TemporaryError(Code.TARGET_BUSY, detail, retry_after=wish, maybe_done=unsure)

    def _send(self, what: str, act: Callable[[], None], *, writes: bool) -> Reply:
        """Travel there, let it be done or not, and travel back, or not; never longer than a deadline.

        A process may stand still between two of its own steps, such as before a request. Between the last
        look and the socket lie microseconds, which no seed meets.
        """
        world, weather = self._world, self._world.weather
        if not last_look(writes=writes)():
            world.say(f"{self._tenant}: {what}: held back in the last moment")
            raise HeldBackError(Code.INTERNAL, "simulated: it may not write any more")
        slow, storm = world.chance(weather.slow), self._app.storm
        asked = Asked(self._process.name, writes, world.clock.at)
        with storm.asked_by_one(asked) if storm and self._gate else nullcontext():
            with world.stage.in_flight():
                world.stage.sleep(world.dice.uniform(0, 14) if slow else world.dice.uniform(0.01, 0.2))
                reply = self._there(what, act, writes=writes)
            world.stage.sleep(world.dice.uniform(0, 14) if slow else world.dice.uniform(0, 0.1))
        if world.chance(weather.death):
            world.die(self._process, f"after it {what}")
        if world.chance(weather.lost_reply):
            world.say(f"{self._tenant}: {what}: the reply is lost")
            raise NoReply("simulated: lost")
        return reply

    def _there(self, what: str, act: Callable[[], None], *, writes: bool) -> Reply:
        world, weather = self._world, self._world.weather
        if (turned_away := self._storm(what, writes=writes)) is not None:
            return turned_away
        if self._app.refused:
            world.say(f"{self._tenant}: {what}: credentials refused")
            return Reply(401, {}, b"")
        if world.chance(weather.refuse):
            world.say(f"{self._tenant}: {what}: busy")
            return _busy(503, world.dice.choice(["", "20", "300"]))
        if world.chance(weather.lost_request):
            world.say(f"{self._tenant}: {what}: the request is lost")
            raise NoReply("simulated: lost")
        act()
        world.say(f"{self._tenant}: {what}")
        return DONE

    def _storm(self, what: str, *, writes: bool) -> Reply | None:
        """Turn everybody away while a storm lasts; a human at a terminal asks all the same."""
        world, storm = self._world, self._app.storm
        if storm is None or not storm.turns_away(world.clock.at, writes=writes):
            return None
        world.say(f"{self._tenant}: {what}: turned away")
        if self._gate is not None and (
            broken := storm.knock(world.clock.at, world.asleep_until, writes=writes)
        ):
            world.fail(f"{self._tenant}: {broken}")
        return _busy(storm.status, storm.wish)


def _busy(status: int, wish: str) -> Reply:
    return Reply(status, {"retry-after": wish} if wish else {}, b"")


def _flat(account: Account) -> dict[str, object]:
    own: dict[str, object] = {
        "externalId": account.external_id,
        "active": account.active,
        "manager": account.manager,
    }
    return own | dict(account.values)
