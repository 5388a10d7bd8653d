"""What is told once a transaction has committed: a run began or ended, and what became of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.codes import Code
from domain.ids import RunId, TenantId
from domain.records import Job, Settlement
from domain.run import Figures, Outcome, Run


@dataclass(frozen=True, slots=True)
class RunBegan:
    """Somebody asked for a run, and it has its row."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run came to its end; `held` counts what stands held of its tenant then, by cause."""

    run: Run
    outcome: Outcome
    code: Code | None
    at: datetime
    figures: Figures
    held: Mapping[Code, int]


@dataclass(frozen=True, slots=True)
class RowsSettled:
    """Rows of one envelope were carried out, put off or given up, each by its own settlement."""

    tenant_id: TenantId
    run_id: RunId
    jobs: Sequence[Job]
    settled: Sequence[Settlement]


News: TypeAlias = RunBegan | RunEnded | RowsSettled
