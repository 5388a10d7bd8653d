"""Write to a target only while the lease is fresh: who slept through it must not write what is old by now."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from domain.account import Account, AccountDraft, AccountPage, Scalar, TargetReport
from domain.codes import Code
from domain.errors import HeldBackError
from domain.ids import AccountId
from domain.ports_world import Lookup, Target


class LeasedTarget:
    """Be a target that asks before each write. Reading harms nobody, whoever has the lease.

    A process may be stopped between any two of its steps (SIGSTOP, a laptop's lid, a moved machine) while
    somebody else takes its rows and sends newer values. So it is asked twice: before a write begins, which
    may take several requests, and by `writing_while` in the last moment before each of them leaves.
    """

    def __init__(
        self,
        inner: Target,
        is_fresh: Callable[[], bool],
        writing_while: Callable[[Callable[[], bool]], AbstractContextManager[None]],
    ) -> None:
        self._inner = inner
        self._is_fresh = is_fresh
        self._writing_while = writing_while

    def check(self) -> TargetReport:
        """Pass on."""
        return self._inner.check()

    def find(self, lookup: Lookup) -> tuple[Account, ...]:
        """Pass on."""
        return self._inner.find(lookup)

    def get(self, account_id: AccountId) -> Account | None:
        """Pass on."""
        return self._inner.get(account_id)

    def list_page(self, cursor: str | None) -> AccountPage:
        """Pass on."""
        return self._inner.list_page(cursor)

    def told(self, account_id: AccountId) -> frozenset[tuple[str, str]]:
        """Pass on."""
        return self._inner.told(account_id)

    def create(self, draft: AccountDraft) -> Account:
        """Ask, then make the account."""
        with self._writing() as inner:
            return inner.create(draft)

    def update(
        self, account_id: AccountId, values: Mapping[str, Scalar], *, external_id: str | None = None
    ) -> Account | None:
        """Ask, then send these paths."""
        with self._writing() as inner:
            return inner.update(account_id, values, external_id=external_id)

    def deactivate(self, account_id: AccountId) -> None:
        """Ask, then close the account."""
        with self._writing() as inner:
            inner.deactivate(account_id)

    def reactivate(self, account_id: AccountId, values: Mapping[str, Scalar]) -> Account | None:
        """Ask, then open the account again."""
        with self._writing() as inner:
            return inner.reactivate(account_id, values)

    def delete(self, account_id: AccountId) -> None:
        """Ask, then remove the account."""
        with self._writing() as inner:
            inner.delete(account_id)

    def set_manager(self, account_id: AccountId, manager: AccountId | None) -> None:
        """Ask, then point the account at its manager."""
        with self._writing() as inner:
            inner.set_manager(account_id, manager)

    @contextmanager
    def _writing(self) -> Iterator[Target]:
        if not self._is_fresh():
            raise HeldBackError(Code.INTERNAL, "the lease was too old to write; it is taken anew")
        with self._writing_while(self._is_fresh):
            yield self._inner
