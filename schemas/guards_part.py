"""The section [guards] of a tenant file: how much may change without a human."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MOST_ENTRIES = 500


def _off(told: object) -> object:
    return None if told == "off" else told


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BoundPart(_Part):
    """So many a day go without a human: a share in percent, but always some, and never too many."""

    share: Annotated[int, Field(ge=1, le=100)] = 1
    fewest: Annotated[int, Field(ge=0, le=1_000)] = 0
    most: Annotated[int, Field(ge=1, le=100_000)] = 1


class RemovalsPart(_Part):
    """The same for accounts that are closed: never half of a company, and never off."""

    share: Annotated[int, Field(ge=1, le=49)] = 1
    fewest: Annotated[int, Field(ge=0, le=100)] = 0
    most: Annotated[int, Field(ge=1, le=10_000)] = 1


Switch = Annotated[BoundPart | None, BeforeValidator(_off)]
"""A bound, or the word «off», which stands here as None; what is not told has its usual bound."""

Entry = Annotated[str, Field(pattern=r"^(personio:\S+|account:\S+|[^\s:]+)$", max_length=200)]
Word = Annotated[str, Field(pattern=r"^\S(.*\S)?$", max_length=200)]


class GuardsPart(_Part):
    """What may happen by itself, by kind of change."""

    removals: RemovalsPart = RemovalsPart()
    leavers: RemovalsPart | None = None
    creates: Switch = None
    invitations: Switch = None
    reactivations: Switch = None
    renames: Switch = None
    updates: Switch = None
    managers: Switch = None
    exchanges: Switch = None
    collapse: Switch = None
    invites: bool = False
    protect: Annotated[list[Entry], Field(max_length=MOST_ENTRIES)] = []
    owners: Annotated[list[Word], Field(max_length=MOST_ENTRIES)] = []


GUARD_PARTS: dict[str, type[BaseModel]] = {"guards": GuardsPart} | {
    f"guards.{name}": BoundPart
    for name in GuardsPart.model_fields
    if name not in {"invites", "protect", "owners"}
}
"""Section → what may stand in it, for suggestions."""

_BOUND = 'write { share = 25, fewest = 20, most = 1000 }: percent a day, at least, at most; or "off"'
_REMOVALS = "write { share = 10, fewest = 2, most = 100 }: percent a day (at most 49), at least, at most"

_FIELDS: dict[str, str] = {
    "guards": "write a section [guards]",
    "guards.removals": f"{_REMOVALS}; it cannot be off",
    "guards.leavers": f"{_REMOVALS}; leave it out for no budget of its own",
    **{
        f"guards.{name}": _BOUND
        for name, field in GuardsPart.model_fields.items()
        if name not in {"removals", "leavers", "invites", "protect", "owners"}
    },
    "guards.invites": "write true if the application mails everybody for whom an account is made",
    "guards.protect": 'write a list: protect = ["personio:123", "account:8d1c…", "ceo@example.com"]',
    "guards.owners": 'write a list of words: owners = ["admin", "roles:owner"]; an empty list asks nothing',
}

_NUMBERS = {
    "share": "write a whole number of percent, such as 10 (removals: at most 49)",
    "fewest": "write a whole number of people that may always change in a day, such as 20",
    "most": "write a whole number of people; more never change in a day without a human",
}

GUARD_CURES: dict[str, str] = _FIELDS | {
    f"{name}.{number}": cure for name in _FIELDS for number, cure in _NUMBERS.items()
}
"""What to write instead, by field."""
