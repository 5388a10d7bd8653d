"""Take what a feed lost as intended: a human says «gone on purpose», and that is normal from now on."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.attributes import Loss, Lost, deciding
from domain.audit import About, Deed, Note
from domain.config import Configuration
from domain.events import IncidentChanged
from domain.ids import TenantId
from domain.plain import one_line
from domain.ports import Publisher, Store, Transaction
from producers.on_demand import NotPossibleError


@dataclass(frozen=True, slots=True)
class Waiting:
    """An attribute that cannot be trusted now; `acceptable` unless nobody could be judged without it."""

    lost: Lost
    acceptable: bool


def lost_attributes(tenant_id: TenantId, *, store: Store) -> Sequence[Waiting]:
    """List what the newest feed lost and nobody accepted yet."""
    with store.read() as tx:
        return _waiting(tx, tenant_id, _configuration(tx, tenant_id))


def accept_feed(
    tenant_id: TenantId, *, keys: Sequence[str] = (), by: str, store: Store, publisher: Publisher
) -> Sequence[Lost]:
    """Make what the newest feed counted of these attributes, or of all lost ones, the new normal.

    The next run treats them like any other attribute; the store remembers who said so, and when.
    """
    with store.write() as tx:
        chosen = _chosen(_waiting(tx, tenant_id, _configuration(tx, tenant_id)), keys, tenant_id)
        accepted = tx.attributes.accept(tenant_id, [each.key for each in chosen], by)
        still = {each.code for each in tx.attributes.standing(tenant_id)}
        over = {each.code for each in accepted} - still
        events = [
            IncidentChanged(tenant_id, incident.incident_id)
            for incident in tx.incidents.resolve(tenant_id, over)
        ]
        said = " ".join(f"{each.key}={each.how}" for each in accepted)
        note = Note(Deed.FEED_ACCEPTED, by, About.FEED, tenant_id, len(accepted), said)
        tx.audit.write(tenant_id, note)
    publisher.ring(events)
    return accepted


def _configuration(tx: Transaction, tenant_id: TenantId) -> Configuration:
    config = tx.tenants.configuration(tenant_id)
    if config is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    return config


def _waiting(tx: Transaction, tenant_id: TenantId, config: Configuration) -> Sequence[Waiting]:
    """Refuse to go on without an attribute that decides: then nobody would ever be made or closed again."""
    known = tx.attributes.normal(tenant_id).values()
    universal = {each.universal_id: each.key for each in known if each.universal_id}
    decides = deciding(config, universal)
    return [
        Waiting(lost, acceptable=lost.how is Loss.COLLAPSED or lost.key not in decides)
        for lost in tx.attributes.standing(tenant_id)
    ]


def _chosen(waiting: Sequence[Waiting], keys: Sequence[str], tenant_id: TenantId) -> Sequence[Lost]:
    lost = {each.lost.key: each for each in waiting}
    if not lost:
        raise NotPossibleError(
            f"«{tenant_id}» lost no attribute. See its runs with: staffetta runs {tenant_id}"
        )
    unknown = [key for key in keys if key not in lost]
    if unknown:
        raise NotPossibleError(
            f"Not lost: {one_line(', '.join(unknown), 100)}. Lost are: {', '.join(sorted(lost))}."
        )
    chosen = [lost[key] for key in dict.fromkeys(keys or lost)]
    refused = [each.lost.key for each in chosen if not each.acceptable]
    if refused:
        raise NotPossibleError(
            f"Without {', '.join(refused)} nobody can be judged. Tick it in Personio, take it out of the"
            " tenant's filter, or name the others with --attribute"
        )
    return [each.lost for each in chosen]
