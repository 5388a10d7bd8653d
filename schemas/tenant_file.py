"""The file in which an operator writes down one tenant, and the same file as a product's profile."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.guards_part import GUARD_CURES, GUARD_PARTS, GuardsPart
from schemas.mapping_part import MAPPING_CURES, MappingPart
from schemas.schedule_part import MINUTES, SCHEDULE_CURES, SPAN, SchedulePart

LONGEST_WAIT_MINUTES = 90 * 24 * 60
FEWEST_DAYS = 7
MOST_DAYS = 3650


def wait_minutes_of(span: str) -> int:
    """Read a waiting time: «0» for none, else a span up to 90 days. Raises ValueError."""
    found = SPAN.fullmatch(span)
    minutes = int(found["number"]) * MINUTES[found["unit"]] if found else 0
    if span != "0" and not 0 < minutes <= LONGEST_WAIT_MINUTES:
        raise ValueError("not 0 and not a span up to 90d")
    return minutes


def _wait(text: str) -> str:
    wait_minutes_of(text)
    return text


def days_of(text: str) -> int:
    """Read «30d» as days. Raises ValueError below a week and above ten years."""
    found = re.fullmatch(r"([1-9]\d{0,3})d", text)
    days = int(found[1]) if found else 0
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise ValueError("not a number of days between 7d and 3650d")
    return days


def _days(text: str) -> str:
    days_of(text)
    return text


def _url(text: str) -> str:
    if re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", text) is None:
        raise ValueError("not a plain URL")
    return text.rstrip("/")


Text = Annotated[str, Field(min_length=1, max_length=200)]
Url = Annotated[str, AfterValidator(_url)]
Days = Annotated[str, AfterValidator(_days)]
Mail = Annotated[str, Field(pattern=r'^[^\s@<>"]+@[^\s@<>"]+$', max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ScopePart(_Part):
    """Who gets an account; no employment type named means any. `domain.scope_words` reads `where`."""

    statuses: Annotated[list[Literal["active", "leave", "onboarding"]], Field(min_length=1)] = [
        "active",
        "leave",
    ]
    employment_types: list[Literal["internal", "external"]] = ["internal"]
    where: list[Any] = []


class PolicyPart(_Part):
    """What happens to accounts whose person left, left the filter, or is not visible any more."""

    left: Literal["deactivate", "nothing"] = "deactivate"
    left_filter: Literal["deactivate", "nothing"] = "deactivate"
    not_seen: Literal["deactivate", "nothing"] = "deactivate"
    release_names: Literal["never", "when-needed", "at-deactivation"] = "when-needed"
    wait_left: Annotated[str, AfterValidator(_wait)] = "0"
    wait_left_filter: Annotated[str, AfterValidator(_wait)] = "0"
    wait_not_seen: Annotated[str, AfterValidator(_wait)] = "0"
    left_deleted_after: Days | None = None
    left_filter_deleted_after: Days | None = None
    not_seen_deleted_after: Days | None = None
    rehired: Literal["relink", "ask", "new-account"] = "relink"
    approval: Literal["one", "two"] = "one"
    strict: bool = False


class MatchPart(_Part):
    """One rule by which a new person's account is recognised."""

    paths: Annotated[list[Text], Field(min_length=1, max_length=5)]
    suggest: bool = False


class TenantPart(_Part):
    """The company itself."""

    name: Text | None = None
    language: Literal["de", "en"] | None = None
    owners: list[Mail] | None = None


class SourcePart(_Part):
    """Where people come from. Never a secret."""

    url: Url | None = None
    client_id: Text | None = None


class TargetPart(_Part):
    """Where people go. Never a secret."""

    kind: Text | None = None
    url: Url | None = None


class TenantFile(_Part):
    """A tenant's file; with a profile behind it everything is optional."""

    profile: str | None = None
    name: Text | None = None
    title: Text | None = None
    unique_path: Text | None = None
    match_path: str | None = None
    match: Annotated[list[MatchPart], Field(max_length=9)] = []
    sync_managers: bool = True
    scope: ScopePart = ScopePart()
    policy: PolicyPart = PolicyPart()
    schedule: SchedulePart = SchedulePart(daily="04:00")
    guards: GuardsPart = GuardsPart()
    mapping: list[MappingPart] = []
    tenant: TenantPart = TenantPart()
    source: SourcePart = SourcePart()
    target: TargetPart = TargetPart()


PARTS: dict[str, type[BaseModel]] = {
    "": TenantFile,
    "scope": ScopePart,
    "policy": PolicyPart,
    "schedule": SchedulePart,
    "match": MatchPart,
    **GUARD_PARTS,
    "mapping": MappingPart,
    "tenant": TenantPart,
    "source": SourcePart,
    "target": TargetPart,
}
"""Section → what may stand in it, for suggestions."""

DELETED_AFTER = (
    'write days after the deactivation, from "7d" to "3650d", such as "30d"; leave it out to keep accounts'
)

WAIT_CURE = 'write a span such as "12h" or "7d", up to "90d", or "0" to wait for nothing'

CURES: dict[str, str] = {
    **GUARD_CURES,
    "profile": 'name a profile, such as profile = "generic"',
    "name": "write a short text",
    "title": "write a short text",
    "unique_path": 'name a mapped path that nobody shares, such as unique_path = "userName"',
    "match_path": 'name a mapped path, or write match_path = "" to never match by value',
    "sync_managers": "write true or false, without quotation marks",
    "scope": "write a section [scope] with statuses and employment_types",
    "scope.statuses": "write a list of active, leave, onboarding; whoever is inactive has left,"
    " and [policy] left says what happens then",
    "scope.employment_types": "write a list of internal, external; an empty list means any type",
    "scope.where": "begin each condition with [[scope.where]]; where = [] asks nothing more",
    "policy": "write a section [policy]",
    "policy.left": "write deactivate or nothing",
    "policy.left_filter": "write deactivate or nothing",
    "policy.not_seen": "write deactivate or nothing",
    "policy.left_deleted_after": DELETED_AFTER,
    "policy.left_filter_deleted_after": DELETED_AFTER,
    "policy.not_seen_deleted_after": DELETED_AFTER,
    "policy.release_names": "write never, when-needed or at-deactivation",
    "policy.rehired": "write relink, ask or new-account",
    "match": "begin each rule with [[match]]; at most nine",
    "match.paths": 'name mapped paths that must all be equal: paths = ["userName"]',
    "match.suggest": "write true or false, without quotation marks",
    "policy.approval": "write one, or two if a second person must say yes as well",
    "policy.strict": "write true to pause the automatic sync whenever anything fails, or false",
    "policy.wait_left": WAIT_CURE,
    "policy.wait_left_filter": WAIT_CURE,
    "policy.wait_not_seen": WAIT_CURE,
    **SCHEDULE_CURES,
    **MAPPING_CURES,
    "tenant": "write a section [tenant]",
    "tenant.name": "write the company's name",
    "tenant.language": "write de or en",
    "tenant.owners": 'write a list of e-mail addresses: owners = ["owner@example.com"]',
    "source": "write a section [source]",
    "source.url": "write the address alone, such as https://api.personio.de, without user, password or «?»",
    "source.client_id": "write the client id that Personio shows",
    "target": "write a section [target]",
    "target.kind": 'write the kind of application, such as kind = "scim"',
    "target.url": "write the SCIM base address alone, such as https://app.example.com/scim/v2,"
    " without user, password or «?»",
}
"""What to write instead, by section and field."""
