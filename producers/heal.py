"""Close incidents as soon as nothing speaks for them any more; the next complete reading may be far."""

from collections import defaultdict

from domain.cause import Concerns
from domain.causes import CATALOGUE
from domain.codes import Code
from domain.ids import INSTALLATION, TenantId
from domain.ports import Store, Transaction
from producers.apart import Failed, apart

AREAS = ("person.", "target.", "key.", "match.", "manager.", "guard.", "self.crashed-")
"""Causes of a person, an account or a change; pauses, outages and messages to humans end by other signs."""

TRACED = frozenset(
    code
    for code, cause in CATALOGUE.items()
    if cause.opens_incident
    and cause.concerns is Concerns.PEOPLE
    and code.value.startswith(AREAS)
    and code is not Code.TARGET_DOWN
) | {Code.MESSAGE_UNKNOWN, Code.VALUE_UNREADABLE}
"""Causes whose evidence stands in the store: where nothing is found, they are over."""

OURS = frozenset({Code.MESSAGE_UNKNOWN, Code.INTERNAL})
"""Causes of the installation's own letters."""


def heal(store: Store, failed: Failed) -> None:
    """Look at every open incident, and close those whose cause is gone; the sweep then rings."""
    with store.read() as tx:
        standing: defaultdict[TenantId, set[Code]] = defaultdict(set)
        for tenant_id, code in tx.incidents.open_of_all():
            standing[tenant_id].add(code)
        over = {tenant_id: _over(tx, tenant_id, codes) for tenant_id, codes in standing.items()}
    for tenant_id, codes in over.items():
        if codes:
            with apart(store, tenant_id, failed) as tx:
                _close(tx, tenant_id, codes)


def _close(tx: Transaction, tenant_id: TenantId, codes: frozenset[Code]) -> None:
    """Judge again while nobody moves the rows: one of them may just have died."""
    tx.changes.take_turn(tenant_id)
    tx.incidents.resolve(tenant_id, _over(tx, tenant_id, codes))


def _over(tx: Transaction, tenant_id: TenantId, codes: "frozenset[Code] | set[Code]") -> frozenset[Code]:
    """Choose causes of which no letter, no row and no person gives evidence; on its way is evidence too."""
    judged = frozenset(codes) & (OURS if tenant_id == INSTALLATION else TRACED - _stopping(tx, tenant_id))
    left = judged - tx.letters.standing(tenant_id).keys() if judged else judged
    if not left or tenant_id == INSTALLATION:
        return left
    left = left - tx.changes.troubles(tenant_id).keys() - tx.changes.refusals(tenant_id).keys()
    if any(CATALOGUE[code].temporary for code in left) and tx.changes.in_flight(tenant_id):
        left = frozenset(code for code in left if not CATALOGUE[code].temporary)
    return left - tx.people.troubled_by(tenant_id, sorted(left)) if left else left


def _stopping(tx: Transaction, tenant_id: TenantId) -> frozenset[Code]:
    """Name what stopped the tenant: a check, a probe or a clean run ends that."""
    tenant, setback = tx.tenants.get(tenant_id), tx.setbacks.get(tenant_id)
    codes = (tenant.why if tenant else None, setback.code if setback else None)
    return frozenset(code for code in codes if code)
