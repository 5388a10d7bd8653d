"""Which account belongs to which person, and what we last applied to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.account import Scalar
from domain.ids import AccountId, PersonId

OPEN, MANAGER = "active", "manager"
"""What may be in doubt beside the paths of an account: whether it is open, and who the manager is."""


class Origin(StrEnum):
    """Say how an account came to be ours: only those two may ever be deactivated by us."""

    CREATED = "created"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class LinkMark:
    """Just enough of a link to see, for a whole page at once, that nothing changed."""

    account_id: AccountId
    active: bool
    digest: bytes
    manager: PersonId | None
    version: int
    doubts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """One person's account with the values that we last applied, and the unique name it holds.

    `doubts` names what a request without an answer may have changed since: nobody knows whether it arrived.
    """

    person_id: PersonId
    account_id: AccountId
    active: bool
    values: Mapping[str, Scalar]
    manager: PersonId | None
    version: int
    origin: Origin
    doubts: frozenset[str] = frozenset()

    @property
    def perhaps_open(self) -> bool:
        """Tell whether the account may be open: it is, or a lost request may have opened it."""
        return self.active or OPEN in self.doubts
