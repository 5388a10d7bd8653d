"""Decide what is told to whom over which channel: rows first, so that nothing is lost and nothing doubles."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.dispatches import Dispatch, NewDispatch
from domain.ids import INSTALLATION, IncidentId, TenantId
from domain.notices import OURSELVES, Audience, Notice, Stage, audiences, notice_of, stage_to_tell
from domain.notices_digest import digest_of
from domain.ports import Transaction
from domain.ports_channels import Ways
from domain.records import Incident
from domain.reminders import Reminders, to_digest, to_escalate
from domain.tenant import Tenant, TenantState


def tell(tx: Transaction, incident: Incident, ways: Ways) -> int:
    """Ask for the messages about an incident's opening or end; told before means none.

    From here on the rows are what must arrive. An opening that nobody heard of is not told beside the end.
    """
    stage, tenant = stage_to_tell(incident), _whose(tx, incident.tenant_id)
    if stage is None or tenant is None:
        return 0
    if not tx.incidents.told(incident.tenant_id, incident.incident_id, resolved=stage is Stage.RESOLVED):
        return 0  # another worker has just asked for the same
    if stage is Stage.RESOLVED:
        tx.dispatches.withdraw(incident.tenant_id, incident.incident_id, "over before it was told")
    if stage is Stage.RESOLVED and _makes_way(tx, incident, tenant):
        ways = replace(ways, told=tuple(each for each in ways.told if not each.addressed))
    return _ask(tx, tenant, ways, stage, incident.incident_id, [incident], _name(tx, incident, stage))


def _makes_way(tx: Transaction, incident: Incident, tenant: Tenant) -> bool:
    """Say whether this end only makes way for another reason of the same stop.

    Mailboxes get one further message then, which tells that reason; what pairs beginnings and ends gets both.
    """
    return tenant.why not in {None, incident.code} and any(
        other.code is tenant.why and other.opened_at == incident.resolved_at
        for other in tx.incidents.standing(tenant.tenant_id)
    )


def remind(tx: Transaction, tenant_id: TenantId, rules: Reminders, ways: Ways) -> int:
    """Ask once for what is due to be told again: failures that stay open, and the digest of the day."""
    tenant = _whose(tx, tenant_id)
    if tenant is None or tenant.state is TenantState.STOPPED:
        return 0
    now, standing = tx.now(), tx.incidents.standing(tenant_id)
    asked = 0
    for incident in to_escalate(standing, rules, now):
        name = f"{incident.incident_id}-{Stage.ESCALATED}"
        asked += _ask(tx, tenant, ways, Stage.ESCALATED, incident.incident_id, [incident], name)
    still = to_digest(standing, rules, now)
    if still:
        day = day_of(rules, now)
        asked += _ask(tx, tenant, ways, Stage.DIGEST, day, still, f"{tenant_id}-digest-{day}")
    return asked


def day_of(rules: Reminders, now: datetime) -> str:
    """Name the day of the newest digest."""
    return rules.digest_due(now).date().isoformat()


def notice_for(tx: Transaction, taken: Dispatch, rules: Reminders, ways: Ways) -> Notice | None:
    """Write the message of a row as things are now; None if it is no longer worth telling."""
    tenant = _whose(tx, taken.tenant_id)
    if tenant is None:
        return None
    if taken.stage is Stage.DIGEST:
        return _digest(tx, taken, tenant, rules, ways)
    incident = tx.incidents.get(taken.tenant_id, IncidentId(taken.about))
    if incident is None or (incident.resolved_at is not None) is not (taken.stage is Stage.RESOLVED):
        return None
    if taken.stage is Stage.RESOLVED and _came_back(tx, incident, taken, ways):
        return None
    written = notice_of(
        incident,
        tenant,
        taken.stage,
        to=taken.audience,
        operator=ways.operator,
        now=taken.made_at,
        setback=tx.setbacks.get(taken.tenant_id),
    )
    return replace(written, notice_id=taken.notice_id)


def _came_back(tx: Transaction, incident: Incident, taken: Dispatch, ways: Ways) -> bool:
    """Say whether an end is overtaken: a mailbox that was away would hear «over» after the next beginning.

    What pairs beginnings and ends gets both.
    """
    channel = ways.named(taken.channel)
    standing = tx.incidents.standing(incident.tenant_id)
    return channel is not None and channel.addressed and any(each.code is incident.code for each in standing)


def _digest(tx: Transaction, taken: Dispatch, tenant: Tenant, rules: Reminders, ways: Ways) -> Notice | None:
    """Write the digest; one that a newer day has overtaken is not sent beside it."""
    now = tx.now()
    still = to_digest(tx.incidents.standing(tenant.tenant_id), rules, now)
    if not still or taken.about != day_of(rules, now):
        return None
    return digest_of(
        still, tenant, notice_id=taken.notice_id, to=taken.audience, operator=ways.operator, now=taken.made_at
    )


def _ask(
    tx: Transaction,
    tenant: Tenant,
    ways: Ways,
    stage: Stage,
    about: str,
    incidents: Sequence[Incident],
    name: str,
) -> int:
    new: list[NewDispatch] = []
    for channel in ways.told:
        whom = _whom(tenant, stage, incidents) if channel.addressed else (Audience.EVERYBODY,)
        ids = [name] if len(whom) == 1 else [f"{name}-{audience}" for audience in whom]
        new += [
            NewDispatch(notice_id, channel.name, stage, about, audience)
            for notice_id, audience in zip(ids, whom, strict=True)
        ]
    return tx.dispatches.add(tenant.tenant_id, new)


def _whom(tenant: Tenant, stage: Stage, incidents: Sequence[Incident]) -> tuple[Audience, ...]:
    """Leave owners out where there are none and the operator reads it anyway."""
    whom = audiences(stage, incidents)
    return (Audience.OPERATOR,) if len(whom) > 1 and not tenant.owners else whom


def _name(tx: Transaction, incident: Incident, stage: Stage) -> str:
    """Name a message; one that is told again on purpose gets a number, as it is another message."""
    before = tx.dispatches.tellings(incident.tenant_id, incident.incident_id, stage)
    return f"{incident.incident_id}-{stage}" + (f"-{before + 1}" if before else "")


def _whose(tx: Transaction, tenant_id: TenantId) -> Tenant | None:
    return OURSELVES if tenant_id == INSTALLATION else tx.tenants.get(tenant_id)
