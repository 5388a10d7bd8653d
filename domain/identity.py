"""Decide which account belongs to a person that we never linked: on first contact, and after a lost reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.account import Account
from domain.codes import Code
from domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class Nobody:
    """No account is theirs: create one."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """This account is theirs: link it."""

    account: Account
    by: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A human must say whose account this is."""

    why: Code
    detail: str


Match: TypeAlias = Nobody | Theirs | Doubtful


def match(external_id: str, found: Sequence[Account], linked: frozenset[AccountId]) -> Match:
    """Match by external id first, by value second. `linked` are accounts that already belong to somebody.

    external id   exactly one                                  theirs
    external id   several                                      doubtful
    value         one open account, nobody's, no external id   theirs
    value         anything else                                doubtful: it may be somebody else's
    nothing       -                                            nobody
    """
    own = [account for account in found if account.external_id == external_id]
    if len(own) > 1:
        return Doubtful(Code.MATCH_AMBIGUOUS, f"{len(own)} accounts carry this person's external id")
    if own:
        return Theirs(own[0], "external id")
    if not found:
        return Nobody()
    if len(found) > 1:
        return Doubtful(Code.MATCH_AMBIGUOUS, f"{len(found)} accounts have this user name or e-mail")
    return _by_value(found[0], linked)


def _by_value(account: Account, linked: frozenset[AccountId]) -> Match:
    if account.account_id in linked:
        return Doubtful(Code.KEY_SHARED, "the account with this user name belongs to another person")
    if account.external_id:
        return Doubtful(Code.KEY_FOREIGN, "the account with this user name carries a foreign external id")
    if not account.active:
        return Doubtful(
            Code.MATCH_AMBIGUOUS, "the account with this user name is closed; it may be a leaver's"
        )
    return Theirs(account, "user name or e-mail")


def made_by_us(account: Account, intent_at: datetime) -> bool:
    """Tell whether an account that lacks our external id can be the one that our lost request made."""
    return account.created_at is not None and account.created_at >= intent_at
