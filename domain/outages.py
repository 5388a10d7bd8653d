"""A target that answers nobody: since when, and when a human hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from domain.changes import ChangeState
from domain.codes import Code
from domain.records import Done, Postponed, Refused, Removed, Settlement

TOLD_AFTER = timedelta(hours=2)

SILENT = frozenset({Code.TARGET_UNREACHABLE, Code.TARGET_BUSY, Code.TARGET_NOT_SCIM})
"""Causes that say nothing of a row: the application gave no answer that is one."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when a target has answered nothing. `told`: an incident speaks of it."""

    since: datetime
    told: bool = False


class Heard(Enum):
    """Name what an envelope heard from its target."""

    NOTHING_ASKED = auto()
    AN_ANSWER = auto()
    SILENCE = auto()


def heard(settlements: Sequence[Settlement]) -> Heard:
    """Tell whether a target is there; one answer outweighs any number of rows that got none."""
    if any(_answered(each) for each in settlements):
        return Heard.AN_ANSWER
    silent = any(isinstance(each, Postponed) and each.code in SILENT for each in settlements)
    return Heard.SILENCE if silent else Heard.NOTHING_ASKED


def _answered(settlement: Settlement) -> bool:
    if isinstance(settlement, Refused):
        return settlement.code.value.startswith("target.") and settlement.code not in SILENT
    return isinstance(settlement, Done | Removed) and settlement.state is ChangeState.APPLIED


def is_long(outage: Outage, now: datetime) -> bool:
    """Tell whether an outage has lasted so long that a human must know."""
    return now - outage.since >= TOLD_AFTER
