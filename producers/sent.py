"""What a plan sends at the moment it counts, and what of it stays behind."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from domain.changes import ChangeState
from domain.codes import Code
from domain.ports import Transaction
from domain.run import Run

STAYING = (ChangeState.HELD, ChangeState.BLOCKED, ChangeState.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The run that applies a plan, how many rows it has, and why some of them stay behind, counted."""

    run: Run
    rows: int
    staying: Mapping[Code, int]

    @property
    def going(self) -> int:
        """Count the rows that are sent without a human, now or after those that they follow."""
        return self.rows - sum(self.staying.values())


def staying_in(tx: Transaction, run: Run) -> Mapping[Code, int]:
    """Count what a guard held, and what waits for something that the plan does not bring."""
    rows = tx.changes.rows(run.tenant_id, run_id=run.run_id, states=STAYING, limit=1_000_000)
    return Counter(row.why for row in rows if row.why is not None)
