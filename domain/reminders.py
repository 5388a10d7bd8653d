"""Who is told once more: a failure that stays open for a day, and each morning what is still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.cause import Severity
from domain.causes import CATALOGUE, cause_of
from domain.codes import Code
from domain.records import Incident

FAILURES: frozenset[Code] = frozenset(
    code for code, cause in CATALOGUE.items() if cause.severity is Severity.FAILURE
)
"""Causes that are told once more if they stay open."""


@dataclass(frozen=True, slots=True)
class Reminders:
    """After how long an open failure is told once more, and at which hour (UTC) the digest goes out."""

    escalate_after: timedelta = timedelta(hours=24)
    digest_hour: int = 6

    def escalates_before(self, now: datetime) -> datetime:
        """Return the moment: failures that opened up to it are told once more."""
        return now - self.escalate_after

    def digest_due(self, now: datetime) -> datetime:
        """Return the newest moment at which a digest was due."""
        today = now.astimezone(UTC).replace(hour=self.digest_hour, minute=0, second=0, microsecond=0)
        return today if today <= now else today - timedelta(days=1)


def to_escalate(standing: Sequence[Incident], rules: Reminders, now: datetime) -> Sequence[Incident]:
    """Choose the failures that have been open for too long."""
    before = rules.escalates_before(now)
    return [each for each in standing if each.code in FAILURES and each.opened_at <= before]


def to_digest(standing: Sequence[Incident], rules: Reminders, now: datetime) -> Sequence[Incident]:
    """Choose what the digest tells; empty unless something was open when it was due. The worst come first."""
    due = rules.digest_due(now)
    if not any(each.opened_at <= due for each in standing):
        return []
    worst = list(Severity)
    return sorted(standing, key=lambda each: (-worst.index(cause_of(each.code).severity), -each.count))
