"""A person as the target knows them: the account as it is, and the draft as it should be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from domain.ids import AccountId

Scalar: TypeAlias = str | int | float | bool | None
"""One value at one path of an account. None clears it."""


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """The account as it should be. `values` maps target paths (`name.givenName`) to absolute values."""

    external_id: str
    values: Mapping[str, Scalar]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """The account as the target tells it, reduced to the mapped paths.

    `values` holds a key for every mapped path: None where the target has nothing there.
    """

    account_id: AccountId
    external_id: str | None
    active: bool
    values: Mapping[str, Scalar] = field(default_factory=dict)
    manager: AccountId | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of the target's list. `next_cursor` is None on the last one."""

    accounts: tuple[Account, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a target can do, as it says itself or as we learned."""

    patch: bool
    filter: bool
    manager: bool
    page_size: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `check` noticed at the target. `code` names it in `domain.causes`.

    `blocks`: nothing should be synced before it is cured; else it is worth a look.
    """

    code: str
    subject: str
    detail: str = ""
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What a read-only check of a target found. No problem that blocks means go."""

    capabilities: Capabilities
    problems: tuple[Finding, ...]
