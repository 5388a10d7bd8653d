"""Try a configuration on one real person of a tenant; it reads Personio and writes nothing anywhere."""

from dataclasses import dataclass
from datetime import date

from domain.compare import Observation, observe
from domain.config import Configuration
from domain.ids import PersonId, TenantId
from domain.link import Link
from domain.ports import Store
from domain.ports_world import Accounts
from domain.scope import ClauseVerdict, explain, next_look
from domain.trial import LineTrial, try_lines
from producers.on_demand import NotPossibleError


@dataclass(frozen=True, slots=True)
class Trial:
    """What a run would make of one person under a configuration that need not be saved.

    `turns` is the day on which the same record would be judged differently.
    """

    person_id: PersonId
    seen: Observation
    link: Link | None
    lines: tuple[LineTrial, ...]
    clauses: tuple[ClauseVerdict, ...]
    turns: date | None


def try_mapping(
    tenant_id: TenantId,
    person_id: PersonId,
    *,
    config: Configuration | None,
    store: Store,
    accounts: Accounts,
    today: date,
) -> Trial:
    """Read one person and take every line; None tries the tenant's present configuration."""
    with store.read() as tx:
        chosen = config or tx.tenants.configuration(tenant_id)
        link = tx.links.get(tenant_id, [person_id]).get(person_id)
    if chosen is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    granted = accounts.source(tenant_id).attributes()
    universal = {each.universal_id: each.key for each in granted if each.universal_id}
    also = chosen.source_keys_with(universal)
    employee = accounts.source(tenant_id, universal, also=also).person(person_id)
    if employee is None:
        raise NotPossibleError(
            f"Personio shows this credential no person {person_id}."
            " Use an id that Personio shows, or widen the credential's access."
        )
    seen = observe(employee, chosen, universal, today)
    return Trial(
        person_id,
        seen,
        link,
        try_lines(employee, link, chosen, universal),
        explain(employee, chosen.scope, today, universal),
        next_look(employee, chosen.scope, today, universal),
    )
