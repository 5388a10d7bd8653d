"""Identify people on first contact: look accounts up, link what is theirs, ask a human about the rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from domain.account import Account, Scalar
from domain.cases import IDENTITY, Answer, Case, NewCase, facts_of
from domain.changes import Change
from domain.config import Configuration
from domain.identity import Claims, Doubtful, Nobody, Theirs, Wanted, match, normal
from domain.ids import AccountId, CaseId, ChangeId, PersonId, TenantId
from domain.mapping import fitting
from domain.ports import Transaction
from domain.run import Run, RunKind
from workers.desk import Desk
from workers.looking import LookedUp, planned_creates
from workers.proposals import is_of_a_proposal
from workers.returning import Returned, returning

UNREAD = "the application did not answer yet about the accounts in question"


def settle_identities(
    tx: Transaction, run: Run, config: Configuration, looked: LookedUp, desk: Desk
) -> frozenset[ChangeId]:
    """Decide for each planned create whose account it is.

    Returns the rows that reopen, or may reopen, an account that we closed: they take its name with it, so
    that nobody has to give it up.
    """
    settling = _Settling(tx, run, config, looked, desk)
    reopened: set[ChangeId] = set()
    seen: set[ChangeId] = set()
    for back in returning(tx, run, config):
        seen.add(back.change.change_id)
        reopened |= set() if settling.bring_back(back) else {back.change.change_id}
    for change, accounts in _pairs(tx, run, config, looked):
        if change.change_id not in seen:
            settling.settle(change, accounts)
    if looked.complete:
        _close_cases(tx, run)
    else:
        _hold_unread(tx, run, looked.unread, seen)
    return frozenset(reopened)


def _pairs(
    tx: Transaction, run: Run, config: Configuration, looked: LookedUp
) -> Sequence[tuple[Change, tuple[Account, ...]]]:
    """Pair creates with accounts: from the list, or as looked up; with those that humans named as well."""
    if looked.found is None:
        pairs = {
            change.change_id: (change, accounts)
            for change, accounts in tx.changes.correlate(run.tenant_id, run.run_id, config.match_rules)
        }
    else:
        pairs = {}
    people = set(looked.chosen)
    if looked.found or people:
        for row in planned_creates(tx, run):
            if row.change_id not in pairs:
                accounts = (looked.found or {}).get(row.change_id, ())
                if row.person_id not in looked.unread and (accounts or row.person_id in people):
                    pairs[row.change_id] = (row, accounts)
    return [pairs[change_id] for change_id in sorted(pairs)]


def _hold_unread(
    tx: Transaction, run: Run, unread: frozenset[PersonId], settled: Collection[ChangeId]
) -> None:
    """Let whoever a human was asked about wait for the target's answer; the others look for themselves."""
    for row in planned_creates(tx, run):
        if row.person_id not in unread or row.change_id in settled:
            continue
        case = tx.cases.of_person(run.tenant_id, row.person_id)
        if case is not None and case.closed_at is None:
            tx.changes.hold(run.tenant_id, [row.change_id], case.kind, UNREAD)


def _close_cases(tx: Transaction, run: Run) -> None:
    """Close cases that nobody would ask about any more; a reading with gaps, or a proposal, closes none."""
    if is_of_a_proposal(tx, run):
        return
    judged = tx.runs.get(run.tenant_id, run.run_id)
    complete = judged is not None and judged.certified
    if run.kind is RunKind.FEED and complete:
        tx.cases.close_unseen(run.tenant_id, run.run_id)
    elif run.kind is RunKind.PERSON and run.person_id is not None:
        tx.cases.close_unseen(run.tenant_id, run.run_id, run.person_id)


class _Settling:
    """Settle one run's creates, one after the other, so that no account is given twice."""

    def __init__(
        self, tx: Transaction, run: Run, config: Configuration, looked: LookedUp, desk: Desk
    ) -> None:
        self._tx, self._run, self._config = tx, run, config
        self._looked, self._desk = looked, desk
        self._given: dict[AccountId, PersonId] = {}

    def settle(self, change: Change, accounts: Sequence[Account]) -> None:
        """Link, hold or leave one create."""
        wanted = Wanted(change.person_id, change.after or {}, self._config)
        known = claims(self._tx, self._run.tenant_id, wanted, accounts, self._given)
        verdict = match(wanted, self._undisputed(wanted, accounts, known), known)
        match verdict:
            case Nobody():
                self._without_doubt(change)
            case Theirs(account, _, evidence):
                self._link(change, account, evidence)
            case Doubtful():
                self._doubt(change, wanted, verdict, {each.account_id: each for each in accounts})
            case _:
                assert_never(verdict)

    def _undisputed(self, wanted: Wanted, accounts: Sequence[Account], known: Claims) -> Sequence[Account]:
        """Leave out linked accounts that have the wanted name: who gets that name is settled apart."""
        name = normal(wanted.values.get(self._config.unique_path))
        if not known.linked or name is None:
            return accounts
        named = {link.account_id for link in self._tx.links.named(self._run.tenant_id, name)}
        return [
            each
            for each in accounts
            if each.account_id not in known.linked
            or each.account_id not in named
            or each.external_id == wanted.external_id
        ]

    def bring_back(self, back: Returned) -> bool:
        """Reopen an account of ours for somebody who seems to have come back, or ask whether to.

        True if a human said that it is somebody else, who takes nothing but the name.
        """
        if back.proven:
            self._reopen(back, back.account, {"match": "the same person under a new id"})
            return False
        wanted = Wanted(back.change.person_id, back.change.after or {}, self._config)
        case = self._case(wanted, back.doubt)
        if case is None or case.ruled is None:
            self._hold(back.change, back.doubt)
            return False
        match case.ruled.answer:
            case Answer.CREATE:
                return True
            case Answer.IGNORE:
                self._ignore(back.change, case)
                return False
            case Answer.LINK:
                chosen = self._looked.chosen.get(back.change.person_id)
                if chosen is None or chosen.account_id != back.account.account_id:
                    self._chosen(back.change, case, back.doubt)
                else:
                    self._reopen(back, chosen, _by_human(case))
                return False
            case _:
                assert_never(case.ruled.answer)

    def _reopen(self, back: Returned, account: Account, evidence: Mapping[str, Scalar]) -> None:
        before: dict[str, Scalar] = {"person_before": back.former}
        self._link(back.change, replace(account, active=False), {**evidence, **before})
        if back.closes is not None:
            self._tx.changes.block(self._run.tenant_id, back.change.change_id, back.closes)

    def _doubt(
        self, change: Change, wanted: Wanted, doubt: Doubtful, accounts: Mapping[AccountId, Account]
    ) -> None:
        case = self._case(wanted, doubt)
        if case is None or case.ruled is None:
            self._hold(change, doubt)
            return
        match case.ruled.answer:
            case Answer.LINK:
                self._chosen(change, case, doubt)
            case Answer.IGNORE:
                self._ignore(change, case)
            case Answer.CREATE:
                if not _takes_the_name(wanted, accounts.values()):
                    return
                detail = "no new account can be made: an account of the application has the user name"
                self._ask_again(change, case, doubt, detail)
            case _:
                assert_never(case.ruled.answer)

    def _without_doubt(self, change: Change) -> None:
        """Carry out what a human answered about somebody in whom no rule finds a doubt any more."""
        if change.person_id not in self._looked.chosen:
            return
        case = self._tx.cases.of_person(self._run.tenant_id, change.person_id)
        if case is not None:
            self._chosen(change, case, Doubtful(case.kind, case.detail, case.candidates))

    def _chosen(self, change: Change, case: Case, doubt: Doubtful) -> None:
        """Link the account that a human named, if it is there and belongs to nobody who needs it."""
        if change.person_id not in self._looked.chosen:
            self._hold(change, replace(doubt, detail=UNREAD))
            return
        account = self._looked.chosen[change.person_id]
        if account is None:
            self._ask_again(change, case, doubt, "the account that was named is gone")
            return
        owner = self._owner(account.account_id, change.person_id)
        link = self._tx.links.get(self._run.tenant_id, [owner]).get(owner) if owner else None
        if account.account_id in self._given or (link is not None and link.active):
            self._ask_again(change, case, doubt, "the account that was named belongs to another person")
            return
        self._link(change, account, _by_human(case))

    def _owner(self, account_id: AccountId, person_id: PersonId) -> PersonId | None:
        owner = self._tx.links.by_account(self._run.tenant_id, account_id)
        return None if owner == person_id else owner

    def _case(self, wanted: Wanted, doubt: Doubtful) -> Case | None:
        if doubt.why not in IDENTITY:
            return None
        told = [normal(wanted.values.get(path)) for rule in self._config.match_rules for path in rule.paths]
        facts = facts_of(doubt.why, told, doubt.candidates)
        new = NewCase(wanted.person_id, doubt.why, doubt.detail, facts, doubt.candidates)
        return self._tx.cases.open(self._run.tenant_id, CaseId(self._desk.ids.new()), new, self._run.run_id)

    def _link(self, change: Change, account: Account, evidence: Mapping[str, Scalar]) -> None:
        self._given[account.account_id] = change.person_id
        after = fitting(change.after or {}, account.values, self._config)
        self._tx.changes.turn_into_link(
            self._run.tenant_id, change.change_id, as_found(account), after, evidence
        )

    def _hold(self, change: Change, doubt: Doubtful) -> None:
        self._tx.changes.hold(self._run.tenant_id, [change.change_id], doubt.why, doubt.detail)

    def _ignore(self, change: Change, case: Case) -> None:
        detail = f"case {case.case_id}: to be left alone"
        self._tx.changes.leave_alone(self._run.tenant_id, change.change_id, detail)

    def _ask_again(self, change: Change, case: Case, doubt: Doubtful, detail: str) -> None:
        self._tx.cases.ask_again(self._run.tenant_id, case.case_id, detail)
        self._hold(change, replace(doubt, detail=detail))


def claims(
    tx: Transaction,
    tenant_id: TenantId,
    wanted: Wanted,
    accounts: Sequence[Account],
    given: Mapping[AccountId, PersonId],
) -> Claims:
    """Find out whose these accounts are and were, and whose the wanted name was."""
    ids = [account.account_id for account in accounts]
    owners = {each: tx.links.by_account(tenant_id, each) for each in ids}
    linked = {each: owner for each, owner in owners.items() if owner not in {None, wanted.person_id}}
    before = tx.history.accounts(tenant_id, ids) if ids else {}
    name = wanted.values.get(wanted.config.unique_path)
    names = tx.history.names(tenant_id, [name]) if ids and isinstance(name, str) and name else {}
    return Claims(
        linked={**{each: owner for each, owner in linked.items() if owner}, **_of_others(given, ids, wanted)},
        once=frozenset(each for each, people in before.items() if people - {wanted.person_id}),
        recycled=any(people - {wanted.person_id} for people in names.values()),
    )


def _of_others(
    given: Mapping[AccountId, PersonId], ids: Sequence[AccountId], wanted: Wanted
) -> dict[AccountId, PersonId]:
    return {each: given[each] for each in ids if each in given and given[each] != wanted.person_id}


def as_found(account: Account) -> Account:
    """Keep beside its values whether a found account is open, and whose external id it carries."""
    extra = {"active": account.active, "externalId": account.external_id}
    return replace(account, values={**account.values, **extra})


def _by_human(case: Case) -> dict[str, Scalar]:
    by = case.ruled.by if case.ruled else ""
    return {"match": "a human's answer", "case": case.case_id, "decided_by": by}


def _takes_the_name(wanted: Wanted, accounts: Iterable[Account]) -> bool:
    """Tell whether one of these accounts has the unique name that a new account would need."""
    path = wanted.config.unique_path
    mine = normal(wanted.values.get(path))
    return any(normal(account.values.get(path)) == mine for account in accounts)
