"""Decide which account belongs to a person that we never linked: on first contact, and after a lost reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from domain.account import Account, Scalar
from domain.cases import Candidate
from domain.codes import Code
from domain.config import Configuration, MatchRule
from domain.ids import AccountId, PersonId
from domain.mapping import external_id, same_key

BY_ID = "external id"


@dataclass(frozen=True, slots=True)
class Claims:
    """What we know already about accounts that look like a person's.

    `linked`: accounts that belong to other people now. `once`: accounts that did so before.
    `recycled`: the unique name that the person has now was another person's before.
    """

    linked: Mapping[AccountId, PersonId] = field(default_factory=dict)
    once: frozenset[AccountId] = frozenset()
    recycled: bool = False


NO_CLAIMS = Claims()


@dataclass(frozen=True, slots=True)
class Nobody:
    """No account is theirs: create one."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """This account is theirs: link it. `by` names the rule, `evidence` stands on the row."""

    account: Account
    by: str
    evidence: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A human must say whose account this is."""

    why: Code
    detail: str
    candidates: tuple[Candidate, ...] = ()


Match: TypeAlias = Nobody | Theirs | Doubtful


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person on first contact: who they are towards the target, and the account as it should be."""

    person_id: PersonId
    values: Mapping[str, Scalar]
    config: Configuration

    @property
    def external_id(self) -> str:
        """Tell by which id the target would know them."""
        return external_id(self.person_id, self.config)


@dataclass(frozen=True, slots=True)
class _Hits:
    """One rule, and the accounts that it found."""

    rule: MatchRule
    number: int
    accounts: tuple[Account, ...]

    @property
    def name(self) -> str:
        return f"rule {self.number} ({' + '.join(self.rule.paths)})"


def match(wanted: Wanted, found: Sequence[Account], claims: Claims = NO_CLAIMS) -> Match:
    """Match by external id first, then by the tenant's rules.

    external id   exactly one, nobody else's                          theirs
    external id   several, or another person's                        doubtful
    rules         all of them together found one open account that    theirs
                  has no external id and was never anybody else's
    rules         anything else                                       doubtful: it may be somebody else's
    suggestions   nothing but these found a free account              doubtful: a human may know
    nothing       -                                                   nobody
    """
    own = [account for account in found if account.external_id == wanted.external_id]
    if len(own) > 1:
        detail = f"{len(own)} accounts carry this person's external id"
        return Doubtful(Code.MATCH_AMBIGUOUS, detail, _candidates(own, wanted, claims))
    if own and own[0].account_id in claims.linked:
        detail = "the account with this person's external id is linked to another person"
        return Doubtful(Code.KEY_SHARED, detail, _candidates(own, wanted, claims))
    if own:
        return Theirs(own[0], BY_ID, {"match": BY_ID, "match_hits": 1})
    hits = _hits(wanted, found)
    sure = {account.account_id: account for hit in hits if not hit.rule.suggest for account in hit.accounts}
    if not sure:
        return _suggested(hits, wanted, claims)
    if len(sure) > 1:
        return Doubtful(Code.MATCH_AMBIGUOUS, _counted(hits), _candidates([*sure.values()], wanted, claims))
    (account,) = sure.values()
    return _by_value(account, hits, wanted, claims)


def agrees(rule: MatchRule, one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> bool:
    """Tell whether two accounts are equal at all paths of a rule; what is empty equals nothing."""
    pairs = ((normal(one.get(path)), normal(other.get(path))) for path in rule.paths)
    return bool(rule.paths) and all(left is not None and left == right for left, right in pairs)


def normal(value: Scalar) -> str | None:
    """Bring a value to the form in which two spellings of it are equal; None for what cannot be compared."""
    if value is None or isinstance(value, bool):
        return None
    return same_key(value if isinstance(value, str) else str(value)) or None


def made_by_us(account: Account, intent_at: datetime) -> bool:
    """Tell whether an account that lacks our external id can be the one that our lost request made."""
    return account.created_at is not None and account.created_at >= intent_at


class Kinship(StrEnum):
    """Name how sure it is that two records under two ids are one person."""

    SAME = "same"
    MAYBE = "maybe"
    OTHER = "other"


def kinship(before: Mapping[str, Scalar], now: Mapping[str, Scalar], config: Configuration) -> Kinship:
    """Judge whether somebody new, who wants the name of a closed account, is the person whose account it is.

    first and last name differ        another person with a recycled address
    they agree                        perhaps: two people of one name get one address, too
    and a rule beyond name and mail   the same person (personnel number, date of birth …)
    """
    names = config.paths_of("first_name", "last_name")
    if not names or not agrees(MatchRule(tuple(sorted(names))), before, now):
        return Kinship.OTHER
    weak = names | config.paths_of("email") | {config.unique_path}
    strong = (rule for rule in config.match_rules if set(rule.paths) - weak)
    return Kinship.SAME if any(agrees(rule, before, now) for rule in strong) else Kinship.MAYBE


def replaced(before: Mapping[str, Scalar], told: Mapping[str, Scalar], config: Configuration) -> bool:
    """Tell whether a record under a known id reads like another person's: no name and no address is left.

    What is not told vouches for nobody: another first name is asked about with whatever else is told. A day
    of hire that stayed the same (where it is mapped) says that it is the same person all the same.
    """
    first, last = config.paths_of("first_name"), config.paths_of("last_name")
    hired = (MatchRule((path,)) for path in config.paths_of("hire_date"))
    if not first or not last or any(agrees(rule, before, told) for rule in hired):
        return False
    others = (last | {config.unique_path}) & told.keys()
    return bool(others) and all(_differs(path, before, told) for path in first | others)


def candidate(account: Account, wanted: Wanted, claims: Claims, *more: str) -> Candidate:
    """Write an account down for a human: what speaks for it, and what against."""
    speaks_for = [
        f"rule {number} ({' + '.join(rule.paths)})"
        for number, rule in enumerate(wanted.config.match_rules, 1)
        if agrees(rule, wanted.values, account.values)
    ]
    if account.external_id == wanted.external_id:
        speaks_for.insert(0, BY_ID)
    name = account.values.get(wanted.config.unique_path)
    return Candidate(
        account_id=account.account_id,
        name=name if isinstance(name, str) else "",
        external_id=account.external_id,
        active=account.active,
        owner=claims.linked.get(account.account_id),
        speaks_for=(*speaks_for, *more),
        speaks_against=tuple(_against(account, wanted, claims)),
    )


def _against(account: Account, wanted: Wanted, claims: Claims) -> Sequence[str]:
    said: list[str] = []
    if account.account_id in claims.linked:
        said.append(f"belongs to person {claims.linked[account.account_id]}")
    if account.external_id and account.external_id != wanted.external_id:
        said.append("carries the external id of another system or person")
    if account.account_id in claims.once:
        said.append("was another person's account before")
    if claims.recycled:
        said.append("the user name was another person's before")
    if not account.active:
        said.append("is closed; it may be a leaver's")
    return said


def _hits(wanted: Wanted, found: Sequence[Account]) -> list[_Hits]:
    """Apply every rule: a second one that finds another account is a reason to doubt the first."""
    return [
        _Hits(rule, number, accounts)
        for number, rule in enumerate(wanted.config.match_rules, 1)
        if (accounts := tuple(each for each in found if agrees(rule, wanted.values, each.values)))
    ]


def _by_value(account: Account, hits: Sequence[_Hits], wanted: Wanted, claims: Claims) -> Match:
    seen = _candidates([account], wanted, claims)
    first = next(hit for hit in hits if not hit.rule.suggest)
    if account.account_id in claims.linked:
        return Doubtful(Code.KEY_SHARED, f"the account found by {first.name} belongs to another person", seen)
    if account.external_id:
        return Doubtful(
            Code.KEY_FOREIGN, f"the account found by {first.name} carries a foreign external id", seen
        )
    if account.account_id in claims.once or claims.recycled:
        return Doubtful(Code.KEY_RECYCLED, f"what {first.name} found was another person's before", seen)
    if not account.active:
        detail = f"the account found by {first.name} is closed; it may be a leaver's"
        return Doubtful(Code.MATCH_AMBIGUOUS, detail, seen)
    evidence: dict[str, Scalar] = {"match": first.name, "match_hits": len(first.accounts)}
    return Theirs(account, first.name, evidence | {"rules_agreeing": len(hits)})


def _suggested(hits: Sequence[_Hits], wanted: Wanted, claims: Claims) -> Match:
    """Only an account that is nobody's can be meant; a namesake with an account of their own is no hint."""
    free = {
        account.account_id: account
        for hit in hits
        for account in hit.accounts
        if account.account_id not in claims.linked and not account.external_id
    }
    if not free:
        return Nobody()
    return Doubtful(Code.MATCH_SUGGESTED, _counted(hits), _candidates([*free.values()], wanted, claims))


def _counted(hits: Sequence[_Hits]) -> str:
    return "; ".join(f"{hit.name} found {len(hit.accounts)}" for hit in hits)


def _candidates(found: Sequence[Account], wanted: Wanted, claims: Claims) -> tuple[Candidate, ...]:
    ordered = sorted(found, key=lambda account: account.account_id)
    return tuple(candidate(account, wanted, claims) for account in ordered)


def _differs(path: str, before: Mapping[str, Scalar], now: Mapping[str, Scalar]) -> bool:
    old, new = normal(before.get(path)), normal(now.get(path))
    return old is not None and new is not None and old != new
