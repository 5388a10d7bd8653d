"""What a test may tell the memory target beforehand, and count afterwards."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from domain.account import Account, Scalar
from domain.errors import StaffettaError
from domain.ids import AccountId

Call: TypeAlias = Literal[
    "check",
    "get",
    "find",
    "list_page",
    "create",
    "update",
    "deactivate",
    "reactivate",
    "delete",
    "set_manager",
    "ensure_team",
    "rename_team",
    "change_members",
]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do nothing and raise this error."""

    error: StaffettaError


@dataclass(frozen=True, slots=True)
class LoseRequest:
    """Do nothing; the caller learns only that no answer came."""


@dataclass(frozen=True, slots=True)
class LoseReply:
    """Do what was asked; the caller learns only that no answer came."""


Fault: TypeAlias = Refuse | LoseRequest | LoseReply


class Script:
    """Hold failures by appointment: «the second create from now on loses its reply»."""

    def __init__(self) -> None:
        self._seen: Counter[Call] = Counter()
        self._planned: dict[tuple[Call, int], Fault] = {}

    def plan(self, call: Call, fault: Fault, *, nth: int = 1, times: int = 1) -> None:
        """Let the nth call from now on fail, and as many after it as `times` says."""
        first = self._seen[call] + nth
        self._planned.update({(call, number): fault for number in range(first, first + times)})

    def next(self, call: Call) -> Fault | None:
        """Count one call and take the fault that was planned for it."""
        self._seen[call] += 1
        return self._planned.pop((call, self._seen[call]), None)


@dataclass(frozen=True, slots=True)
class Counts:
    """Count what really happened, so that a test need not believe the relay's own books."""

    calls: Counter[Call] = field(default_factory=Counter)
    """Calls by name, failed ones too."""
    creates: Counter[str] = field(default_factory=Counter)
    """Accounts made, by external id. More than one is a doubled person."""
    effective: Counter[AccountId] = field(default_factory=Counter)
    """Writes that changed something, by account. A repeated write does not count."""
    states: Counter[tuple[AccountId, str, Scalar]] = field(default_factory=Counter)
    """How often an attribute of an account changed to this value."""

    def created(self, account: Account) -> None:
        """Count a new account."""
        self.creates[account.external_id or ""] += 1
        self.effective[account.account_id] += 1

    def changed(self, before: Account, after: Account) -> None:
        """Count a write, if it made a difference."""
        if before == after:
            return
        self.effective[after.account_id] += 1
        states = _states(after).items() - _states(before).items()
        self.states.update((after.account_id, attribute, value) for attribute, value in states)


def _states(account: Account) -> dict[str, Scalar]:
    own: dict[str, Scalar] = {
        "externalId": account.external_id,
        "active": account.active,
        "manager": account.manager,
    }
    return own | dict(account.values)
