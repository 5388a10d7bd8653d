"""Park what nobody can carry out: a letter keeps it, an incident tells whoever can do something."""

import hashlib
from dataclasses import dataclass

from domain.codes import Code
from domain.ids import INSTALLATION, IncidentId, LetterId, TenantId
from domain.ports import Ids, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """One message that died, or was never understood.

    `tenant` is what the message says, and may be anybody's invention. `same_as` is what makes two deaths the
    same one: they are one letter, counted twice.
    """

    code: Code
    detail: str
    body: bytes
    tenant: str | None
    same_as: bytes


def park(parked: Parked, *, store: Store, ids: Ids) -> TenantId:
    """Keep a message for the release that understands it, and open an incident, for which the sweeper rings.

    Returns whose it is. Raises while the store is away: whoever has the message keeps it.
    """
    with store.write() as tx:
        whose = _whose(tx, parked.tenant)
        tx.letters.add(whose, _letter_id(whose, parked), parked.code, parked.detail, parked.body)
        count = tx.letters.standing(whose).get(parked.code, 1)
        tx.incidents.open(whose, IncidentId(ids.new()), parked.code, parked.detail, count, run_id=None)
    return whose


def _whose(tx: Transaction, named: str | None) -> TenantId:
    """Believe a tenant's name only if there is such a tenant."""
    tenant = tx.tenants.get(TenantId(named)) if named else None
    return tenant.tenant_id if tenant else INSTALLATION


def _letter_id(whose: TenantId, parked: Parked) -> LetterId:
    told = f"{whose}\n{parked.code}\n".encode() + parked.same_as
    return LetterId(f"m-{hashlib.sha256(told).hexdigest()[:32]}")
