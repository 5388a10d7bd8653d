"""Carry a human's answer to a case: whose account it is, after reading the account that was named."""

from domain.audit import About, Deed, Note
from domain.cases import Answer, Case, Ruled
from domain.identity import normal
from domain.ids import AccountId, PersonId, TenantId
from domain.plain import one_line
from domain.ports import Store, Transaction
from domain.ports_world import Target
from producers.on_demand import NotPossibleError


def rule_case(
    tenant_id: TenantId, person_id: PersonId, ruled: Ruled, *, store: Store, target: Target
) -> Case:
    """Remember an answer; the person's next run acts on it. Raises NotPossibleError with the cure.

    An account that is named by hand is read first: it must be there, and nobody's who needs it.
    """
    with store.read() as tx:
        case = _open_case(tx, tenant_id, person_id)
    if ruled.answer is Answer.LINK and ruled.account_id is not None:
        _readable(tenant_id, ruled.account_id, target)
    with store.write() as tx:
        _possible(tx, tenant_id, case, ruled)
        if not tx.cases.rule(tenant_id, case.case_id, ruled):
            raise _over(tenant_id, person_id)
        said = f"{case.person_id}|{ruled.answer}|{ruled.account_id or ''}|{ruled.reason}"
        tx.audit.write(tenant_id, Note(Deed.CASE_RULED, ruled.by, About.CASE, case.case_id, meant=said))
        return _open_case(tx, tenant_id, person_id)


def _open_case(tx: Transaction, tenant_id: TenantId, person_id: PersonId) -> Case:
    case = tx.cases.of_person(tenant_id, person_id)
    if case is None or case.closed_at is not None:
        raise _over(tenant_id, person_id)
    return case


def _over(tenant_id: TenantId, person_id: PersonId) -> NotPossibleError:
    return NotPossibleError(
        f"Nothing is doubtful about person {one_line(person_id, 60)}. List cases: staffetta cases {tenant_id}"
    )


def _readable(tenant_id: TenantId, account_id: AccountId, target: Target) -> None:
    account = target.get(account_id)
    if account is None:
        raise NotPossibleError(
            f"The application of «{tenant_id}» has no account with the id «{one_line(account_id, 60)}»."
            f" Take an id from: staffetta cases {tenant_id}"
        )


def _possible(tx: Transaction, tenant_id: TenantId, case: Case, ruled: Ruled) -> None:
    if ruled.answer is Answer.LINK and ruled.account_id is not None:
        owner = tx.links.by_account(tenant_id, ruled.account_id)
        link = tx.links.get(tenant_id, [owner]).get(owner) if owner else None
        if link is not None and link.active and owner != case.person_id:
            raise NotPossibleError(
                f"This account is in use: it is linked to person {owner}. Choose another one, or let that"
                f" person leave first: staffetta cases {tenant_id}"
            )
    if ruled.answer is Answer.CREATE and _name_is_taken(tx, tenant_id, case):
        raise NotPossibleError(
            "No new account can be made: one of these accounts has the person's user name."
            " Rename it in the application first, or link it with --link"
        )


def _name_is_taken(tx: Transaction, tenant_id: TenantId, case: Case) -> bool:
    """Tell whether an account that is not ours to rename has the name; a closed one of ours gives it up."""
    config = tx.tenants.configuration(tenant_id)
    seen = tx.people.snapshot(tenant_id, case.person_id)
    if config is None or seen is None or seen.values is None:
        return False
    wanted = normal(seen.values.get(config.unique_path))
    return any(each.owner is None and normal(each.name) == wanted for each in case.candidates)
