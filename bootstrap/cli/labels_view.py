"""Know a company's own labels of its custom attributes, so that nobody must read `dynamic_4711` alone."""

from collections.abc import Mapping

from domain.attributes import LONGEST_LABEL
from domain.ids import TenantId
from domain.labels import CUSTOM
from domain.plain import one_line
from domain.ports import Transaction


def labels_data(tx: Transaction, tenant_id: TenantId) -> Mapping[str, str]:
    """Write down what Personio last called each custom attribute that is read."""
    known = tx.attributes.normal(tenant_id).values()
    return {
        each.key: one_line(each.label, LONGEST_LABEL)
        for each in known
        if each.label and CUSTOM.fullmatch(each.key)
    }
