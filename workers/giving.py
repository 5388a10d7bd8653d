"""Give no account to two people at once: those of one turn, of whom the store knows nothing yet."""

from collections.abc import Iterable, Sequence
from threading import Lock

from domain.account import Account
from domain.identity import Claims, Wanted
from domain.ids import AccountId, PersonId, TenantId
from domain.ports import Store
from workers.identifying import claims


class Owners:
    """Know whose each account is, and give no account to two people of the envelopes in hand."""

    def __init__(self, tenant_id: TenantId, store: Store) -> None:
        self._tenant_id = tenant_id
        self._store = store
        self._given: dict[AccountId, PersonId] = {}
        self._lock = Lock()

    def claims(self, found: Sequence[Account], wanted: Wanted) -> Claims:
        """Tell which of these accounts are somebody else's; the others are given to this person."""
        if not found:
            return Claims()
        with self._store.read() as tx, self._lock:
            known = claims(tx, self._tenant_id, wanted, found, self._given)
            others = {account.account_id for account in found} - known.linked.keys()
            self._given.update(dict.fromkeys(others, wanted.person_id))
        return known

    def forget(self, people: Iterable[PersonId]) -> None:
        """Forget what was given to people whose rows are recorded: the store knows it now."""
        recorded = frozenset(people)
        with self._lock:
            self._given = {each: whose for each, whose in self._given.items() if whose not in recorded}
