"""What we ask of the outside world, in our own words: a source, a target, a vault, a clock."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from domain.account import Account, AccountDraft, AccountPage, Scalar, TargetReport
from domain.budget import Ask, Limits
from domain.employee import Attribute, Employee, Page
from domain.ids import AccountId, ConfigVersion, PersonId, TenantId


class Source(Protocol):
    """Read a company. Raises TemporaryError, TenantBlockedError, FeedBrokenError."""

    def attributes(self) -> tuple[Attribute, ...]:
        """Tell which attributes this credential may read."""
        ...

    def page(self, cursor: str | None) -> Page:
        """Read one page; None asks for the first. Ends with a page without employees."""
        ...

    def person(self, person_id: PersonId) -> Employee | None:
        """Read one record, or None if the source itself says, in its own envelope, that there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """Ask for accounts by external id, or by the value at one path (compared without case)."""

    external_id: str | None = None
    path: str | None = None
    value: str | None = None


class Target(Protocol):
    """Change accounts. Every write is absolute, so that sending it twice does no harm.

    Raises TemporaryError, PermanentError, KeyTakenError, AccountGoneError, TenantBlockedError.
    """

    def check(self) -> TargetReport:
        """Look at credentials, capabilities and every mapped path without writing anything."""
        ...

    def find(self, lookup: Lookup) -> tuple[Account, ...]:
        """Return the accounts that truly match; an answer that the target did not filter is filtered here."""
        ...

    def get(self, account_id: AccountId) -> Account | None:
        """Read one account by its own id, or None if the target says that there is none."""
        ...

    def list_page(self, cursor: str | None) -> AccountPage:
        """Read one page of all accounts, for a first sync and for drift."""
        ...

    def told(self, account_id: AccountId) -> frozenset[tuple[str, str]]:
        """Return all that the target tells of an account, mapped or not, as («roles», «admin»)."""
        ...

    def create(self, draft: AccountDraft) -> Account:
        """Make the account. A lost reply raises TemporaryError with `maybe_done`."""
        ...

    def update(
        self, account_id: AccountId, values: Mapping[str, Scalar], *, external_id: str | None = None
    ) -> Account | None:
        """Send only these paths (None clears one); give the account an external id where one is named.

        Returns the account as the target tells it afterwards, or None where it answers without a body.
        """
        ...

    def deactivate(self, account_id: AccountId) -> None:
        """Close the account without removing it.

        Raises TemporaryError (`target.still-open`) where the target agrees and shows it open all the same.
        """
        ...

    def reactivate(self, account_id: AccountId, values: Mapping[str, Scalar]) -> Account | None:
        """Open the account again and bring these paths in line, in one request where the target can."""
        ...

    def delete(self, account_id: AccountId) -> None:
        """Remove a closed account for good; only ever asked where a tenant said so in its policy."""
        ...

    def set_manager(self, account_id: AccountId, manager: AccountId | None) -> None:
        """Point the account at its manager's account, or at nobody."""
        ...


class Vault(Protocol):
    """Seal values so that only this tenant's field can open them again."""

    def seal(self, tenant_id: TenantId, field: str, plain: bytes) -> bytes:
        """Encrypt for one tenant and one field."""
        ...

    def open(self, tenant_id: TenantId, field: str, sealed: bytes) -> bytes:
        """Decrypt, or raise if the text belongs to another tenant, field or key."""
        ...

    def digest(self, tenant_id: TenantId, purpose: str, plain: bytes) -> bytes:
        """Fingerprint a value so that it can be looked up without being readable (HMAC, 16 bytes)."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token of the source and the moment from which it is not used any more."""

    text: str = field(repr=False)
    expires_at: datetime


class Tokens(Protocol):
    """Share one token of one connection between all workers."""

    def read(self) -> Token | None:
        """Return the stored token, or None if there is none that can be read."""
        ...

    def write(self, token: Token | None) -> None:
        """Store a newly minted token for everybody, or forget a refused one."""
        ...

    def worked(self) -> bool:
        """Tell whether anything was read with this credential since it was stored."""
        ...


class Clock(Protocol):
    """Tell the time, always in UTC."""

    def now(self) -> datetime:
        """Return the current moment with its zone."""
        ...


class Budget(Protocol):
    """Hold back the requests of one credential that would break a rate limit."""

    def wait(self, ask: Ask, patience: timedelta) -> None:
        """Return when the request may be sent.

        Raises HeldBackError where that takes longer than `patience`; nothing is taken then.
        """
        ...


class Windows(Protocol):
    """Count what left, for all who share a limit."""

    def take(self, limits: Limits, ask: Ask) -> float:
        """Take a place and return 0; or take nothing, and return after how many seconds to ask again."""
        ...


class Accounts(Protocol):
    """Hand out the adapters of one tenant; bootstrap knows how."""

    def source(
        self,
        tenant_id: TenantId,
        universal: Mapping[str, str] | None = None,
        version: ConfigVersion | None = None,
        *,
        also: Collection[str] = (),
    ) -> Source:
        """Return this tenant's Personio; `universal` tells by which keys it has universal ids, once known.

        `version` names the configuration whose attributes are read; None is the one that counts. `also` names
        attributes that are read besides, for a configuration that nobody stored.
        """
        ...

    def target(self, tenant_id: TenantId) -> Target:
        """Return this tenant's application."""
        ...

    def writing_while(self, may_leave: Callable[[], bool]) -> AbstractContextManager[None]:
        """Let no write of this thread leave in there once `may_leave` says no, asked in the last moment."""
        ...

    def take_requests(self, tenant_id: TenantId) -> tuple[int, int]:
        """Return how many requests this process sent to source and target since the last call."""
        ...
