"""Judge whether a run would change more than anybody would believe; then a human looks first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from domain.account import Scalar
from domain.codes import Code


class Guarded(StrEnum):
    """Name what is counted together; each has a budget of its own, judged in this order."""

    REMOVALS = "removals"
    LEAVERS = "leavers"
    CREATES = "creates"
    INVITATIONS = "invitations"
    REACTIVATIONS = "reactivations"
    RENAMES = "renames"
    UPDATES = "updates"
    MANAGERS = "managers"


@dataclass(frozen=True, slots=True)
class Bound:
    """Say how many may go in 24 hours without a human: `share` percent, at least `fewest`, at most `most`.

    In 7 days twice as many may go, in 30 days three times as many. In a very big company 30 days allow
    `STEADY` percent where that is more: so many come and go in a healthy one, and an alarm that always rings
    is not heard.
    """

    share: int
    fewest: int
    most: int

    def a_day(self, size: int) -> int:
        """Return how many may go in 24 hours."""
        return min(self.most, max(self.fewest, size * self.share // 100))

    def a_week(self, size: int) -> int:
        """Return how many may go in 7 days."""
        return 2 * self.a_day(size)

    def a_month(self, size: int) -> int:
        """Return how many may go in 30 days."""
        return max(3 * self.a_day(size), size * STEADY // 100)


STEADY = 3
"""Percent of a company that 30 days may always move: an even 3 % is a turnover of 36 % a year."""

Off = Literal["off"]
OFF: Off = "off"


@dataclass(frozen=True, slots=True)
class Guards:
    """Say what a tenant lets go without a human. Nothing is off unless somebody wrote so; removals never.

    `leavers`: a larger budget for those whose status and date both say that they left; without it they
    count like all others. `invites`: the application mails everybody for whom an account is made.
    `exchanges`: so many people of one run may swap their unique names while they stay who they are.
    `collapse`: so many people with three or more managers may get the same new one. `protect`: «personio:ID»,
    «account:ID», or a unique name, which the store keeps as a fingerprint «name:…» only. `owners`: words by
    which the application tells that an account runs it, alone or behind an attribute («roles:admin»).
    """

    removals: Bound = Bound(10, 2, 100)
    leavers: Bound | None = None
    creates: Bound | Off = Bound(25, 20, 1_000)
    invitations: Bound | Off = Bound(5, 5, 50)
    reactivations: Bound | Off = Bound(10, 5, 100)
    renames: Bound | Off = Bound(10, 5, 200)
    updates: Bound | Off = Bound(30, 20, 5_000)
    managers: Bound | Off = Bound(30, 20, 5_000)
    exchanges: Bound | Off = Bound(5, 3, 20)
    collapse: Bound | Off = Bound(10, 5, 100)
    invites: bool = False
    protect: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset({"admin", "administrator", "owner", "superadmin", "super_admin"})

    def bound(self, guarded: Guarded) -> Bound | Off:
        """Return the budget of one kind of change; where accounts mean invitations, the smaller one holds."""
        bounds: Mapping[Guarded, Bound | Off] = {
            Guarded.REMOVALS: self.leavers or self.removals,
            Guarded.LEAVERS: self.removals if self.leavers else OFF,
            Guarded.CREATES: self.creates,
            Guarded.INVITATIONS: self.invitations if self.invites else OFF,
            Guarded.REACTIVATIONS: self.reactivations,
            Guarded.RENAMES: self.renames,
            Guarded.UPDATES: self.updates,
            Guarded.MANAGERS: self.managers,
        }
        return bounds[guarded]


USUAL_GUARDS = Guards()


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run wants of one kind, beside what went or waits already; all of it counted in people.

    `open_accounts` are linked and open now; `day`, `week` and `month` count who went without a human in 24
    hours, 7 and 30 days; `held` wait for a human already.
    """

    wanted: int
    open_accounts: int
    day: int = 0
    week: int = 0
    month: int = 0
    held: int = 0


CODES = {
    Guarded.REMOVALS: Code.GUARD_REMOVALS,
    Guarded.LEAVERS: Code.GUARD_REMOVALS,
    Guarded.CREATES: Code.GUARD_CREATES,
    Guarded.INVITATIONS: Code.GUARD_INVITATIONS,
    Guarded.REACTIVATIONS: Code.GUARD_REACTIVATIONS,
    Guarded.RENAMES: Code.GUARD_RENAMES,
    Guarded.UPDATES: Code.GUARD_UPDATES,
    Guarded.MANAGERS: Code.GUARD_MANAGERS,
}
"""By which cause each guard holds."""

DOES = {
    Guarded.REMOVALS: "would be closed",
    Guarded.LEAVERS: "would be closed without a date that has passed",
    Guarded.CREATES: "would be made",
    Guarded.INVITATIONS: "would be made and invited",
    Guarded.REACTIVATIONS: "would be opened again",
    Guarded.RENAMES: "would get another unique name",
    Guarded.UPDATES: "would be rewritten",
    Guarded.MANAGERS: "would get another manager",
}

COUNTS_HELD = frozenset({Guarded.REMOVALS, Guarded.LEAVERS})
"""Of these, what waits counts as wanted: one more leaver while sixty wait is not looked at alone.

Elsewhere it does not: a joiner is not kept from work by sixty others who wait for a yes.
"""


def objection(guarded: Guarded, bound: Bound | Off, tally: Tally) -> str | None:
    """Say why a human must look before any of these rows goes, or None."""
    if not tally.wanted or bound == OFF:
        return None
    size = tally.open_accounts
    wanted = tally.wanted + (tally.held if guarded in COUNTS_HELD else 0)
    if guarded is Guarded.REMOVALS and size > 1 and wanted * 2 >= size:
        return f"{wanted} of {size} open accounts {DOES[guarded]}: half of the company or more"
    windows = (
        (tally.day, bound.a_day(size), "24 hours"),
        (tally.week, bound.a_week(size), "7 days"),
        (tally.month, bound.a_month(size), "30 days"),
    )
    for went, allowed, span in windows:
        if wanted + went > allowed:
            before = f" after {went} in the last {span}" if went else ""
            return f"{wanted} accounts {DOES[guarded]}{before}, {size} are open; {allowed} in {span} go by"
    return None


POPULATED = 10
"""An application with so many accounts that are nobody's of ours is not new: who is missing may be there."""


def first_run_objection(bound: Bound | Off, wanted: int, linked: int, listed: int) -> str | None:
    """Say why the accounts of a first run must be looked at: an application full of strangers.

    `linked` of its `listed` accounts were recognised. A wrong matching attribute recognises nobody and makes
    everybody twice.
    """
    if bound == OFF or listed - linked < POPULATED:
        return None
    allowed = bound.a_day(linked)
    if wanted <= allowed:
        return None
    return (
        f"{linked} of the {listed} accounts in the application were recognised;"
        f" {wanted} would be made beside them, {allowed} go by"
    )


DATES = ("last_working_day", "termination_date")


def left_by_date(cause: Code | None, evidence: Mapping[str, Scalar], today: date) -> bool:
    """Tell that somebody left by status and by a date that has passed: two witnesses instead of one."""
    dates = [evidence[key] for key in DATES if isinstance(evidence.get(key), str)]
    return cause is Code.PERSON_LEFT and any(str(told) < today.isoformat() for told in dates)


PERSON_PREFIX, ACCOUNT_PREFIX, NAME_PREFIX = "personio:", "account:", "name:"
"""How an entry of the protect list begins; one without is a unique name as somebody wrote it."""


@dataclass(frozen=True, slots=True)
class Protected:
    """Whom a tenant protects: Personio ids, account ids, and fingerprints of unique names."""

    people: frozenset[str]
    accounts: frozenset[str]
    names: frozenset[bytes]


def protected_by(entries: Iterable[str]) -> Protected:
    """Sort the entries of a stored protect list; what the store did not fingerprint protects nobody."""
    told = sorted(entries)
    return Protected(
        people=_behind(PERSON_PREFIX, told),
        accounts=_behind(ACCOUNT_PREFIX, told),
        names=frozenset(bytes.fromhex(name) for name in _behind(NAME_PREFIX, told)),
    )


def _behind(prefix: str, entries: Iterable[str]) -> frozenset[str]:
    return frozenset(entry.removeprefix(prefix) for entry in entries if entry.startswith(prefix))
