"""Say that a tenant's application is given a rest: since when and why, until when, and what ends it."""

from datetime import datetime

from bootstrap.cli.voice import Data
from domain.condition import LONGEST_REST, PAUSES, Condition

LONGEST_PAUSE_S = int(PAUSES[-1].total_seconds())
LONGEST_ASKED_MIN = int(LONGEST_REST.total_seconds() // 60)


def rest_data(condition: Condition, now: datetime) -> Data | None:
    """Write down a rest; None for an application to which everything is sent."""
    sentence = rest_words(condition, now)
    if sentence is None:
        return None
    return {
        "sentence": f"The application {sentence}.",
        "cure": what_ends_it(condition),
        "rests_until": condition.rests_until if condition.rests(now) else None,
        "open_since": condition.open_since,
        "only_writes": condition.of_writes,
        "why": condition.why,
    }


def rest_words(condition: Condition, now: datetime) -> str | None:
    """Say in half a sentence how an application is that is given a rest; None if it is not."""
    if condition.open_since is None:
        return _asked_for(condition, now)
    fails = "answers questions, but its writes fail" if condition.of_writes else "fails"
    why = f" ({condition.why})" if condition.why else ""
    rests = (
        f"it rests until {condition.rests_until:%H:%M:%S} UTC, then one call looks"
        if condition.rests_until is not None and condition.rests(now)
        else "the next call looks whether it is well"
    )
    return f"{fails} again and again{why}, since {condition.open_since:%Y-%m-%d %H:%M:%S} UTC; {rests}"


def what_ends_it(condition: Condition) -> str:
    """Say what lets everything go on, and that a check is not it."""
    if condition.open_since is None:
        return "Nothing is lost, and it goes on by itself then. See: staffetta limits"
    call = "write" if condition.of_writes else "call"
    return (
        f"Nothing is lost. A green check does not end this: the first {call} of a change that goes well does."
        f" One looks after each rest, if a change is due; a rest lasts up to {LONGEST_PAUSE_S} s, or as long"
        f" as the application asks for, up to {LONGEST_ASKED_MIN} min. See: staffetta limits"
    )


def _asked_for(condition: Condition, now: datetime) -> str | None:
    if condition.rests_until is None or not condition.rests(now):
        return None
    return f"asked for a pause until {condition.rests_until:%H:%M:%S} UTC"
