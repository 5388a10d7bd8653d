"""Tell what workers have in hand at this very moment: whoever calls something off must hear of it."""

from collections.abc import Sequence

from domain.changes import Action, Change, ChangeState
from domain.ids import PersonId, TenantId
from domain.ports import Transaction


def in_hand(
    tx: Transaction,
    tenant_id: TenantId,
    person_id: PersonId | None = None,
    actions: Sequence[Action] = (),
) -> Sequence[Change]:
    """List rows whose requests may be out. No worker begins on another one until this transaction ends.

    So what a human says in it is known to whoever begins later, and these are all that it comes too late for.
    """
    tx.changes.take_turn(tenant_id)
    return tx.changes.rows(
        tenant_id, person_id=person_id, states=[ChangeState.WORKING], actions=actions, limit=10_000
    )
