"""Versions of a tenant's configuration: which one counts, which one waits, which ones are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ids import ConfigVersion


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """Who made a version and when, and what became of it."""

    version: ConfigVersion
    made_by: str
    made_at: datetime
    based_on: ConfigVersion | None
    adopted_at: datetime | None
    adopted_by: str
    discarded_at: datetime | None

    @property
    def waits(self) -> bool:
        """Tell whether this version is proposed, and nobody applied or discarded it yet."""
        return self.adopted_at is None and self.discarded_at is None


def counting(history: Sequence[VersionRecord]) -> VersionRecord | None:
    """Return the version that runs use."""
    return next((each for each in reversed(history) if each.adopted_at is not None), None)


def waiting(history: Sequence[VersionRecord]) -> VersionRecord | None:
    """Return the version that is proposed, if there is one."""
    return next((each for each in reversed(history) if each.waits), None)
