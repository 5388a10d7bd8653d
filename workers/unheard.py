"""Notice that telling itself fails: a message that will not arrive, owners who cannot be reached."""

from domain.codes import Code
from domain.dispatches import Dispatch, NewDispatch
from domain.ids import IncidentId, TenantId
from domain.notices import Audience, Notice
from domain.ports import Ids, Transaction
from domain.ports_channels import Delivered, Ways
from workers.telling import tell


def give_up(tx: Transaction, taken: Dispatch, ways: Ways, ids: Ids) -> None:
    """Hand a message that one channel will never carry to the last resort, and open an incident about it.

    The incident is told over every channel, once: if that message does not arrive either, no other follows.
    """
    if taken.channel != ways.last_resort.name:
        resort = NewDispatch(
            taken.notice_id, ways.last_resort.name, taken.stage, taken.about, Audience.OPERATOR
        )
        tx.dispatches.add(taken.tenant_id, [resort])
    lost = tx.dispatches.undelivered(taken.tenant_id)
    channels = ", ".join(sorted({each.channel for each in lost}))
    incident = tx.incidents.open(
        taken.tenant_id, IncidentId(ids.new()), Code.NOTICE_UNDELIVERED, channels, len(lost), None
    )
    tell(tx, incident, ways)


def hear_undelivered(tx: Transaction, tenant_id: TenantId, ways: Ways) -> None:
    """Close that incident once nothing of the tenant is undelivered any more."""
    if not tx.dispatches.undelivered(tenant_id):
        _close(tx, tenant_id, Code.NOTICE_UNDELIVERED, ways)


def hear_owners(tx: Transaction, notice: Notice, done: Delivered, ways: Ways, ids: Ids) -> None:
    """Tell the operator of owners whose address takes no mail, or that there are none; and its end."""
    if notice.addressees and not done.refused:
        _close(tx, notice.tenant_id, Code.NOTICE_OWNERS, ways)
        return
    count = len(notice.addressees)
    detail = f"{done.refused} of {count}: {done.detail}" if count else "no owner's address is known"
    incident = tx.incidents.open(
        notice.tenant_id, IncidentId(ids.new()), Code.NOTICE_OWNERS, detail, max(done.refused, 1), None
    )
    tell(tx, incident, ways)


def _close(tx: Transaction, tenant_id: TenantId, code: Code, ways: Ways) -> None:
    for incident in tx.incidents.resolve(tenant_id, [code]):
        tell(tx, incident, ways)
