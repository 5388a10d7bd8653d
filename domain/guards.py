"""Judge whether a run would close more accounts than anybody would believe; then a human looks first."""

from dataclasses import dataclass

MOST_A_DAY = 100
FEWEST_A_DAY = 2
SHARE_A_DAY = 10
"""One in ten of the open accounts may be closed in a day without a human, but always two, never over 100."""


@dataclass(frozen=True, slots=True)
class Removals:
    """What a run wants to close, beside what was closed or held before.

    `open_accounts` are linked and open now; `day` and `week` count rows that went without a human in the last
    24 hours and 7 days; `held` wait for a human already.
    """

    wanted: int
    open_accounts: int
    day: int = 0
    week: int = 0
    held: int = 0


def allowed_a_day(open_accounts: int) -> int:
    """Return how many accounts may be closed within 24 hours without a human; twice that within 7 days."""
    return min(MOST_A_DAY, max(FEWEST_A_DAY, open_accounts // SHARE_A_DAY))


def objection(removals: Removals) -> str | None:
    """Say why a human must look before any of these accounts is closed, or None.

    Those that wait already count as wanted: what is too much at once stays too much in slices.
    """
    wanted, size = removals.wanted + removals.held, removals.open_accounts
    if not removals.wanted:
        return None
    if size > 1 and wanted * 2 >= size:
        return f"{wanted} of {size} open accounts: half of the company or more"
    allowed = allowed_a_day(size)
    if wanted + removals.day > allowed:
        return f"{wanted} of {size} open accounts, {removals.day} in the last 24 hours; {allowed} a day go by"
    if wanted + removals.week > 2 * allowed:
        return f"{wanted} of {size} open accounts, {removals.week} in 7 days; {2 * allowed} a week go by"
    return None
