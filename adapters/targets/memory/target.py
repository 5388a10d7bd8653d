"""The reference target: a dictionary that behaves as we ask every application to behave."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import RLock
from typing import TypeVar, assert_never

from adapters.targets.memory.script import Call, Counts, Fault, LoseReply, LoseRequest, Refuse, Script
from adapters.targets.memory.teams import MemoryTeams
from domain.account import Account, AccountDraft, AccountPage, Capabilities, Finding, Scalar, TargetReport
from domain.codes import Code
from domain.errors import AccountGoneError, KeyTakenError, PermanentError, StaffettaError, TemporaryError
from domain.ids import AccountId, TeamId
from domain.ports_teams import Ensured, MembersChanged, Naming, TeamDraft, TeamGone, befallen, refuse_both
from domain.ports_world import Clock, Lookup

Answer = TypeVar("Answer")


class MemoryTarget:
    """Keep accounts in memory, with unique keys, counters and failures by appointment.

    Unique values are compared without case, and an inactive account keeps its own, as SCIM servers do it.
    """

    def __init__(
        self,
        paths: frozenset[str],
        unique: tuple[str, ...] = ("userName",),
        *,
        page_size: int = 100,
        clock: Clock | None = None,
    ) -> None:
        self.script = Script()
        self.counts = Counts()
        self._paths = paths
        self._unique = unique
        self._page_size = page_size
        self._clock = clock
        self._accounts: dict[AccountId, Account] = {}
        self._owners: dict[tuple[str, Scalar], AccountId] = {}
        self._made = 0
        self._lock: AbstractContextManager[bool] = RLock()
        self.teams = MemoryTeams(self._accounts)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Show every account, oldest first, without counting as a call."""
        with self._lock:
            return tuple(self._accounts.values())

    def forget(self, account_id: AccountId) -> None:
        """Remove an account behind the relay's back, as an administrator of the application might."""
        with self._lock:
            gone = self._accounts.pop(account_id, None)
            self._disown(gone)

    def check(self) -> TargetReport:
        """Report a unique path that nobody mapped; nothing else can be wrong here."""
        return self._called("check", self._report)

    def find(self, lookup: Lookup) -> tuple[Account, ...]:
        """Return the accounts that hold the asked value; values are compared without case."""
        return self._called("find", lambda: tuple(a for a in self._accounts.values() if _matches(a, lookup)))

    def get(self, account_id: AccountId) -> Account | None:
        """Return the account with this number."""
        return self._called("get", lambda: self._accounts.get(account_id))

    def list_page(self, cursor: str | None) -> AccountPage:
        """Return accounts in the order of their making; the cursor is an offset."""
        return self._called("list_page", lambda: self._page(int(cursor or 0)))

    def told(self, account_id: AccountId) -> frozenset[tuple[str, str]]:
        """Return what stands at the mapped paths."""
        with self._lock:
            values = self._existing(account_id).values
            return frozenset((path, str(value)) for path, value in values.items() if value is not None)

    def create(self, draft: AccountDraft) -> Account:
        """Make an account under the next number."""
        return self._called("create", lambda: self._create(draft))

    def update(
        self, account_id: AccountId, values: Mapping[str, Scalar], *, external_id: str | None = None
    ) -> Account | None:
        """Change only the named paths."""
        return self._called("update", lambda: self._change(account_id, values, external_id=external_id))

    def deactivate(self, account_id: AccountId) -> None:
        """Close the account; it keeps its values, its manager and its unique name."""
        self._called("deactivate", lambda: self._change(account_id, {}, active=False))

    def reactivate(self, account_id: AccountId, values: Mapping[str, Scalar]) -> Account | None:
        """Open the account and change the named paths in one step, or do neither."""
        return self._called("reactivate", lambda: self._change(account_id, values, active=True))

    def delete(self, account_id: AccountId) -> None:
        """Remove the account; its unique values are free again."""
        self._called("delete", lambda: self._remove(account_id))

    def set_manager(self, account_id: AccountId, manager: AccountId | None) -> None:
        """Point at another account, which need not exist: few applications look."""
        self._called("set_manager", lambda: self._point(account_id, manager))

    def ensure_team(self, draft: TeamDraft) -> Ensured:
        """Find the team by our id, or make it unless another one has the name."""
        return self._called("ensure_team", lambda: self.teams.ensure(draft))

    def rename_team(self, team_id: TeamId, name: str) -> Naming:
        """Change the name unless another team has it."""
        return self._called("rename_team", lambda: self.teams.rename(team_id, name))

    def change_members(
        self, team_id: TeamId, join: Collection[AccountId], leave: Collection[AccountId]
    ) -> MembersChanged | TeamGone:
        """Bring in who has an account, take out who is in; a failure by appointment befalls all of them."""
        refuse_both(join, leave)
        try:
            return self._called("change_members", lambda: self.teams.change(team_id, join, leave))
        except StaffettaError as error:
            return MembersChanged(dict.fromkeys((*join, *leave), befallen(error)))

    def _called(self, call: Call, act: Callable[[], Answer]) -> Answer:
        with self._lock:
            self.counts.calls[call] += 1
            return _under(self.script.next(call), act)

    def _report(self) -> TargetReport:
        capabilities = Capabilities(patch=True, filter=True, manager=True, page_size=self._page_size)
        missing = (path for path in self._unique if path not in self._paths)
        return TargetReport(
            capabilities,
            tuple(
                Finding(Code.TARGET_ATTRIBUTE_UNKNOWN, path, "unique here, but not mapped")
                for path in missing
            ),
        )

    def _page(self, start: int) -> AccountPage:
        everybody = tuple(self._accounts.values())
        end = start + self._page_size
        return AccountPage(everybody[start:end], str(end) if end < len(everybody) else None)

    def _create(self, draft: AccountDraft) -> Account:
        self._refuse_unmapped(draft.values)
        self._refuse_taken(None, draft.values)
        self._made += 1
        account = Account(
            account_id=AccountId(str(self._made)),
            external_id=draft.external_id,
            active=draft.active,
            values=dict.fromkeys(sorted(self._paths)) | dict(draft.values),
            created_at=self._clock.now() if self._clock else None,
        )
        self._store(account)
        self.counts.created(account)
        return account

    def _change(
        self,
        account_id: AccountId,
        values: Mapping[str, Scalar],
        *,
        external_id: str | None = None,
        active: bool | None = None,
    ) -> Account:
        self._refuse_unmapped(values)
        before = self._existing(account_id)
        self._refuse_taken(account_id, values)
        after = replace(
            before,
            values=dict(before.values) | dict(values),
            external_id=before.external_id if external_id is None else external_id,
            active=before.active if active is None else active,
        )
        return self._keep(before, after)

    def _point(self, account_id: AccountId, manager: AccountId | None) -> None:
        before = self._existing(account_id)
        self._keep(before, replace(before, manager=manager))

    def _keep(self, before: Account, after: Account) -> Account:
        self._disown(before)
        self._store(after)
        self.counts.changed(before, after)
        return after

    def _store(self, account: Account) -> None:
        self._accounts[account.account_id] = account
        self._owners.update(dict.fromkeys(self._keys(account.values), account.account_id))

    def _disown(self, account: Account | None) -> None:
        for key in self._keys(account.values) if account else ():
            del self._owners[key]

    def _remove(self, account_id: AccountId) -> None:
        self._disown(self._existing(account_id))
        del self._accounts[account_id]

    def _keys(self, values: Mapping[str, Scalar]) -> tuple[tuple[str, Scalar], ...]:
        held = ((path, values.get(path)) for path in self._unique)
        return tuple((path, _folded(value)) for path, value in held if value is not None)

    def _existing(self, account_id: AccountId) -> Account:
        found = self._accounts.get(account_id)
        if found is None:
            raise AccountGoneError(Code.TARGET_ACCOUNT_GONE, "no account has this id")
        return found

    def _refuse_unmapped(self, values: Mapping[str, Scalar]) -> None:
        unmapped = sorted(values.keys() - self._paths)
        if unmapped:
            raise PermanentError(Code.TARGET_ATTRIBUTE_UNKNOWN, f"not a mapped path: {', '.join(unmapped)}")

    def _refuse_taken(self, account_id: AccountId | None, values: Mapping[str, Scalar]) -> None:
        for path, value in self._keys(values):
            if self._owners.get((path, value), account_id) != account_id:
                raise KeyTakenError(Code.TARGET_KEY_TAKEN, f"another account holds this {path}")


def _under(fault: Fault | None, act: Callable[[], Answer]) -> Answer:
    """Act as the script wants it: not at all, in vain, or properly."""
    match fault:
        case None:
            return act()
        case Refuse(error):
            raise error
        case LoseRequest():
            raise TemporaryError(Code.TARGET_UNREACHABLE, "the request was lost", maybe_done=True)
        case LoseReply():
            act()
            raise TemporaryError(Code.TARGET_UNREACHABLE, "the reply was lost", maybe_done=True)
        case _:
            assert_never(fault)


def _matches(account: Account, lookup: Lookup) -> bool:
    if lookup.external_id is not None:
        return account.external_id == lookup.external_id
    if lookup.path is None or lookup.value is None:
        return False
    return _folded(account.values.get(lookup.path)) == _folded(lookup.value)


def _folded(value: Scalar) -> Scalar:
    return value.casefold() if isinstance(value, str) else value
