"""What a tenant wants: who is synced, what goes where, when, and what happens to leavers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from enum import StrEnum

from domain.account import Scalar
from domain.guards import USUAL_GUARDS, Guards
from domain.ids import ConfigVersion
from domain.schedule import Daily, Schedule
from domain.scope_tree import Tree, clauses
from domain.transforms import Transform


class Mode(StrEnum):
    """Name when a line writes to an account.

    always      whenever the account differs        if-empty  only where the account has nothing there
    on-create   only into an account that we make   once      the first time, found accounts included
    """

    ALWAYS = "always"
    ON_CREATE = "on-create"
    IF_EMPTY = "if-empty"
    ONCE = "once"


class Fallback(StrEnum):
    """Name what becomes of a path whose attribute Personio tells empty, or does not tell at all."""

    KEEP = "keep"
    CLEAR = "clear"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Line:
    """Carry one Personio attribute to one path of the account.

    `source` is a Personio key (`email`, `dynamic_4711`), a part of a reference (`department.id`), or a
    universal id (`universal:iban`), which survives the move to another Personio company. A `template` such
    as «{first_name} {last_name}» joins several; one without braces is a fixed text. `empty` rules attributes
    that are told to be empty, `absent` those that are not told: these never clear, and a `default` for them
    fills only what is empty (Personio keeps back what a credential may not read, without a word).
    """

    source: str
    path: str
    required: bool = False
    transforms: tuple[Transform, ...] = ()
    mode: Mode = Mode.ALWAYS
    empty: Fallback = Fallback.CLEAR
    absent: Fallback = Fallback.KEEP
    default: Scalar = None
    template: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Tell which attributes the line reads, in the order of the template; a fixed text reads none."""
        return tuple(PLACEHOLDER.findall(self.template)) if self.template else (self.source,)

    @property
    def name(self) -> str:
        """Name the line by what it reads, as its author wrote it."""
        return self.template or self.source


PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""A place in a template that an attribute fills."""


class Removal(StrEnum):
    """Name what happens to the account of a leaver."""

    DEACTIVATE = "deactivate"
    NOTHING = "nothing"


class ReleaseNames(StrEnum):
    """Name when a deactivated account gives its unique name up."""

    NEVER = "never"
    WHEN_NEEDED = "when-needed"
    AT_DEACTIVATION = "at-deactivation"


class Approvers(StrEnum):
    """Name how many people must say yes before a held change or a plan is applied."""

    ONE = "one"
    TWO = "two"


class Rehire(StrEnum):
    """Name what happens when a closed account of ours seems to be that of somebody who has a new id.

    relink       reopen it where a rule proves that it is the same person, else ask a human
    ask          always ask a human
    new-account  never reopen it; the old account gives its name up by `release_names`
    """

    RELINK = "relink"
    ASK = "ask"
    NEW_ACCOUNT = "new-account"


@dataclass(frozen=True, slots=True)
class MatchRule:
    """Recognise an account on first contact by the values at these paths, all of them equal.

    A rule that only suggests never links; it makes a case for a human.
    """

    paths: tuple[str, ...]
    suggest: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Say who gets an account: these statuses among these employment types (none named: any type).

    `where` narrows that further: only people for whom the whole tree holds.
    """

    statuses: frozenset[str] = frozenset({"active", "leave"})
    employment_types: frozenset[str] = frozenset({"internal"})
    where: Tree | None = None

    @property
    def attributes(self) -> frozenset[str]:
        """Tell which attributes the tree asks about, as they are written there."""
        return (
            frozenset() if self.where is None else frozenset(each.attribute for each in clauses(self.where))
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """Say what happens to accounts whose person left, left the filter, or is not visible any more.

    `not_seen` acts on proof only: a certified feed without the person, and Personio's own «there is none».
    `…_deleted_after` are days from the deactivation to the removal of the account; None never removes one.
    Each `wait` lets an account stay open for so long after it was first to be closed for that cause.
    """

    left: Removal = Removal.DEACTIVATE
    left_filter: Removal = Removal.DEACTIVATE
    not_seen: Removal = Removal.DEACTIVATE
    release_names: ReleaseNames = ReleaseNames.WHEN_NEEDED
    left_deleted_after: int | None = None
    left_filter_deleted_after: int | None = None
    not_seen_deleted_after: int | None = None
    rehired: Rehire = Rehire.RELINK
    approval: Approvers = Approvers.ONE
    strict: bool = False
    wait_left: timedelta = timedelta(0)
    wait_left_filter: timedelta = timedelta(0)
    wait_not_seen: timedelta = timedelta(0)


USUAL_SCHEDULE = Schedule(Daily(time(4, 0)))


@dataclass(frozen=True, slots=True)
class Configuration:
    """One version of everything that a tenant chose. Every run names the version it used.

    `unique_path` is the path whose value nobody else may hold (`userName`). `match_path` is the path by
    which an account that we never saw is recognised on first contact; None forbids matching by value.
    `match` names ordered rules instead of that one path. `external_prefix` keeps tenants apart that share
    one target.
    """

    version: ConfigVersion
    lines: tuple[Line, ...]
    unique_path: str
    match_path: str | None
    scope: Scope = Scope()
    policy: Policy = Policy()
    schedule: Schedule = USUAL_SCHEDULE
    sync_managers: bool = True
    external_prefix: str = ""
    match: tuple[MatchRule, ...] = ()
    guards: Guards = USUAL_GUARDS
    rules: ConfigVersion | None = field(default=None, compare=False)

    @property
    def match_rules(self) -> tuple[MatchRule, ...]:
        """Tell the rules by which a new person's account is recognised, in order.

        None for a target that several tenants share: a value does not tell whose account it is there.
        """
        if self.external_prefix:
            return ()
        return self.match or ((MatchRule((self.match_path,)),) if self.match_path else ())

    def paths_of(self, *sources: str) -> frozenset[str]:
        """Tell which paths of an account these attributes of Personio fill."""
        return frozenset(line.path for line in self.lines if set(line.sources) & set(sources))

    @property
    def rules_version(self) -> ConfigVersion:
        """Name the version whose rules these are: one that only changes the schedule decides nothing anew."""
        return self.version if self.rules is None else self.rules

    @property
    def paths(self) -> frozenset[str]:
        """Tell which paths of an account are ours to write."""
        return frozenset(line.path for line in self.lines)

    @property
    def source_keys(self) -> frozenset[str]:
        """Tell which Personio attributes must be read, those that only decide included."""
        return self.source_keys_with({})

    def source_keys_with(self, universal: Mapping[str, str]) -> frozenset[str]:
        """Tell the same, with universal ids replaced by this tenant's keys where they are known."""
        mapped = {personio_key(source, universal) for line in self.lines for source in line.sources}
        asked = {personio_key(source, universal) for source in self.scope.attributes}
        return frozenset(mapped | asked | DECIDING | ({"supervisor"} if self.sync_managers else set()))


DECIDING = frozenset({"status", "employment_type", "last_working_day", "termination_date"})
"""Attributes that are read to decide about a person, mapped or not."""


def personio_key(source: str, universal: Mapping[str, str]) -> str:
    """Tell under which key Personio sends what a line reads; `universal` maps universal ids to keys."""
    if source.startswith("universal:"):
        return universal.get(source.removeprefix("universal:"), source)
    return source.partition(".")[0]


def same_rules(one: Configuration, other: Configuration) -> bool:
    """Tell whether two configurations decide alike about people, whenever they do it, or stop doing it."""
    policy = replace(one.policy, strict=other.policy.strict)
    return replace(one, version=other.version, schedule=other.schedule, policy=policy) == other
