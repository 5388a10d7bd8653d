"""Plan with care: would too many lose their accounts?"""

from domain.codes import Code
from domain.guards import objection
from domain.ports import Transaction
from domain.run import Run


def guard_removals(tx: Transaction, run: Run) -> None:
    """Hold every account that this run would close, if together they are more than anybody would believe.

    The same judgement in a plan and in a run that applies: a preview shows the hold that will come.
    """
    change_ids, removals = tx.changes.removals(run.tenant_id, run.run_id)
    why = objection(removals)
    if why is not None:
        tx.changes.hold(run.tenant_id, change_ids, Code.GUARD_REMOVALS, why)
