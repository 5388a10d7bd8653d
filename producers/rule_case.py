"""Carry a human's answer to the case that they read: whose account it is, after reading the account."""

from dataclasses import dataclass

from domain.audit import About, Deed, Note
from domain.cases import Answer, Case, Ruled, short
from domain.identity import normal
from domain.ids import AccountId, PersonId, TenantId
from domain.plain import one_line
from domain.ports import Store, Transaction
from domain.ports_world import Target
from producers.on_demand import MisnamedError, NotPossibleError

MOST_NAMED = 5


class CaseOverError(NotPossibleError):
    """Say that the facts of the case which was read are over, and what is asked about the person now."""


class AnsweredError(NotPossibleError):
    """Say that somebody answered the case otherwise, who and when; nobody's answer is replaced unheard."""


@dataclass(frozen=True, slots=True)
class Given:
    """A case with its answer, and the case as it was before, if it had an answer already."""

    case: Case
    before: Case | None = None

    @property
    def again(self) -> bool:
        """Tell whether the same had been answered already, so that nothing was to be done."""
        return self.before == self.case


def rule_case(
    tenant_id: TenantId,
    name: str,
    ruled: Ruled,
    *,
    store: Store,
    target: Target,
    person_id: PersonId | None = None,
    replace: bool = False,
) -> Given:
    """Remember an answer to one case; the person's next run acts on it. Raises with the cure.

    An account that is named by hand is read first: it must be there, and nobody's who needs it. Another
    answer that stands there already gives way only to somebody who says that they mean to `replace` it.
    """
    with store.read() as tx:
        _heard(tenant_id, case_named(tx, tenant_id, name, person_id), ruled, replace=replace)
    if ruled.answer is Answer.LINK and ruled.account_id is not None:
        _readable(tenant_id, ruled.account_id, target)
    with store.write() as tx:
        case = case_named(tx, tenant_id, name, person_id)
        _heard(tenant_id, case, ruled, replace=replace)
        if case.ruled is not None and case.ruled.says_as(ruled):
            return Given(case, case)
        _possible(tx, tenant_id, case, ruled)
        if not tx.cases.rule(tenant_id, case.case_id, ruled, case.ruled_at):
            return _overtaken(tx, tenant_id, case, ruled)
        said = f"{case.person_id}|{ruled.answer}|{ruled.account_id or ''}|{ruled.reason}"
        deed = Deed.CASE_RULED if case.ruled is None else Deed.CASE_RULED_ANEW
        tx.audit.write(tenant_id, Note(deed, ruled.by, About.CASE, case.case_id, meant=said))
        now = case_named(tx, tenant_id, name, person_id)
        return Given(now, None if case.ruled is None else case)


def _heard(tenant_id: TenantId, case: Case, ruled: Ruled, *, replace: bool) -> None:
    """Refuse to put another answer in the place of one that stands, unless that is meant."""
    if case.ruled is not None and not replace and not case.ruled.says_as(ruled):
        raise _answered(tenant_id, case)


def _answered(tenant_id: TenantId, case: Case) -> AnsweredError:
    return AnsweredError(
        f"Case {short(case.case_id)} is answered already: {answer_told(case)}; nothing was stored. Read why:"
        f" staffetta cases {tenant_id} --case {short(case.case_id)}; to put yours in its place, add --replace"
    )


def answer_told(case: Case) -> str:
    """Say what was answered, by whom and when."""
    if case.ruled is None or case.ruled_at is None:
        return "nothing"
    account = f" {one_line(case.ruled.account_id, 60)}" if case.ruled.account_id else ""
    return f"«{case.ruled.answer}{account}» by {case.ruled.by} at {case.ruled_at:%Y-%m-%d %H:%M:%S} UTC"


def _overtaken(tx: Transaction, tenant_id: TenantId, case: Case, ruled: Ruled) -> Given:
    """Say what happened to a case between our reading and our answer: over, asked anew, or answered.

    Whoever answered just the same has done our work.
    """
    now = case_named(tx, tenant_id, case.case_id)
    if now.ruled is None:
        raise _asked_anew(tenant_id, now)
    if not now.ruled.says_as(ruled):
        raise _answered(tenant_id, now)
    return Given(now, now)


def _asked_anew(tenant_id: TenantId, case: Case) -> NotPossibleError:
    return NotPossibleError(
        f"Case {short(case.case_id)} is asked anew, for its answer could not be carried out; nothing was"
        f" stored. Read why: staffetta cases {tenant_id} --case {short(case.case_id)}"
    )


def case_named(tx: Transaction, tenant_id: TenantId, name: str, person_id: PersonId | None = None) -> Case:
    """Return the case that somebody read, by its id or the short form; refuse if its facts are over.

    `person_id` is whom they named with it. It is never another case of that person that is found.
    """
    found = tx.cases.named(tenant_id, name)
    if not found:
        now = _now(tx, tenant_id, person_id)
        raise MisnamedError(f"«{tenant_id}» has no case «{one_line(name, 40)}»; nothing was stored. {now}")
    if len(found) > 1:
        whole = ", ".join(each.case_id for each in found[:MOST_NAMED])
        raise MisnamedError(f"Several cases go by «{one_line(name, 40)}». Name one by its whole id: {whole}")
    (case,) = found
    if person_id not in {None, case.person_id}:
        raise MisnamedError(
            f"Case {short(case.case_id)} is about person {case.person_id}, and another one was named; nothing"
            f" was stored. Read it: staffetta cases {tenant_id} --case {short(case.case_id)}"
        )
    if case.closed_at is not None:
        raise _over(tx, tenant_id, case)
    return case


def _over(tx: Transaction, tenant_id: TenantId, case: Case) -> CaseOverError:
    return CaseOverError(
        f"Case {short(case.case_id)} about person {case.person_id} is over, for its facts are no longer so;"
        f" nothing was stored. {_now(tx, tenant_id, case.person_id)}"
    )


def _now(tx: Transaction, tenant_id: TenantId, person_id: PersonId | None) -> str:
    """Say what is open about a person now, and where it is read."""
    if person_id is None:
        return f"List cases: staffetta cases {tenant_id}"
    case = tx.cases.of_person(tenant_id, person_id)
    if case is None or case.closed_at is not None:
        told = f"Nothing is doubtful about person {one_line(person_id, 60)} now"
        return f"{told}; list cases: staffetta cases {tenant_id}"
    accounts = ", ".join(one_line(each.account_id, 60) for each in case.candidates[:MOST_NAMED])
    more = f" and {len(case.candidates) - MOST_NAMED} more" if len(case.candidates) > MOST_NAMED else ""
    state = "open" if case.waits else "answered"
    return (
        f"About person {person_id} now: case {short(case.case_id)} ({case.kind}, {state}), accounts"
        f" {accounts or 'none'}{more}; read it: staffetta cases {tenant_id} --case {short(case.case_id)}"
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
