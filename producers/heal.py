"""Close incidents as soon as nothing speaks for them any more; the next complete reading may be far."""

from collections import defaultdict

from domain.cause import Concerns
from domain.causes import CATALOGUE
from domain.codes import Code
from domain.ids import INSTALLATION, TenantId
from domain.ports import Store, Transaction

ONLY_A_READING_TELLS = frozenset({Code.APPROVAL_EXPIRED, Code.FEED_ROW_UNREADABLE})
"""Causes of people that leave no trace on a row, a letter or a person; the next reading closes them."""

TRACED = frozenset(
    code
    for code, cause in CATALOGUE.items()
    if cause.opens_incident and cause.concerns is Concerns.PEOPLE and code not in ONLY_A_READING_TELLS
) | {Code.MESSAGE_UNKNOWN}
"""Causes whose evidence stands in the store: where nothing is found, they are over."""

OURS = frozenset({Code.MESSAGE_UNKNOWN, Code.INTERNAL})
"""Causes of the installation's own letters."""


def heal(store: Store) -> None:
    """Look at every open incident, and close those whose cause is gone; the sweep then rings."""
    with store.read() as tx:
        standing: defaultdict[TenantId, set[Code]] = defaultdict(set)
        for tenant_id, code in tx.incidents.open_of_all():
            standing[tenant_id].add(code)
        over = {tenant_id: _over(tx, tenant_id, codes) for tenant_id, codes in standing.items()}
    for tenant_id, codes in over.items():
        if codes:
            _close(store, tenant_id, codes)


def _close(store: Store, tenant_id: TenantId, codes: frozenset[Code]) -> None:
    """Judge again while nobody moves the rows: one of them may just have died."""
    with store.write() as tx:
        tx.changes.take_turn(tenant_id)
        tx.incidents.resolve(tenant_id, _over(tx, tenant_id, codes))


def _over(tx: Transaction, tenant_id: TenantId, codes: "frozenset[Code] | set[Code]") -> frozenset[Code]:
    """Choose causes of which no letter, no row and no person gives evidence; on its way is evidence too."""
    judged = frozenset(codes) & (OURS if tenant_id == INSTALLATION else TRACED)
    left = judged - tx.letters.standing(tenant_id).keys() if judged else judged
    if not left or tenant_id == INSTALLATION:
        return left
    left = left - tx.changes.troubles(tenant_id).keys() - tx.changes.refusals(tenant_id).keys()
    if any(CATALOGUE[code].temporary for code in left) and tx.changes.in_flight(tenant_id):
        left = frozenset(code for code in left if not CATALOGUE[code].temporary)
    return left - tx.people.troubled_by(tenant_id, sorted(left)) if left else left
