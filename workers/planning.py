"""Plan with care: whose account is it, who gets a contested name, and would too many lose theirs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from domain.account import Account
from domain.changes import OPEN, Action, Aspect, Change, ChangeState, on_change
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration, ReleaseNames
from domain.guards import objection
from domain.identity import Doubtful, Nobody, Theirs, match
from domain.ids import AccountId, ChangeId, PersonId
from domain.keys import FreeName, Hold, Ruling, Wait, placeholder, resolve
from domain.mapping import external_id, fitting
from domain.ports import Transaction
from domain.records import Planned
from domain.run import Run
from workers.desk import Desk


def guard_removals(tx: Transaction, run: Run) -> None:
    """Hold every account that this run would close, if together they are more than anybody would believe.

    The same judgement in a plan and in a run that applies: a preview shows the hold that will come.
    """
    change_ids, removals = tx.changes.removals(run.tenant_id, run.run_id)
    why = objection(removals)
    if why is not None:
        tx.changes.hold(run.tenant_id, change_ids, Code.GUARD_REMOVALS, why)


def settle_identities(tx: Transaction, run: Run, config: Configuration) -> None:
    """Decide for each planned create whether the listed target has the account already."""
    given: set[AccountId] = set()
    for change, accounts in tx.changes.correlate(run.tenant_id, run.run_id):
        linked = {
            account.account_id
            for account in accounts
            if tx.links.by_account(run.tenant_id, account.account_id) is not None
        }
        theirs = _settle_identity(tx, run, config, change, accounts, frozenset(linked | given))
        given |= {theirs} if theirs else set()


def _settle_identity(
    tx: Transaction,
    run: Run,
    config: Configuration,
    change: Change,
    accounts: Sequence[Account],
    taken: frozenset[AccountId],
) -> AccountId | None:
    """Link, hold or leave a create; returns the account that it was given, so that nobody else gets it."""
    verdict = match(external_id(change.person_id, config), accounts, taken)
    match verdict:
        case Nobody():
            return None
        case Theirs(account):
            after = fitting(change.after or {}, account.values, config)
            tx.changes.turn_into_link(run.tenant_id, change.change_id, as_found(account), after)
            return account.account_id
        case Doubtful(why, detail):
            tx.changes.hold(run.tenant_id, [change.change_id], why, detail)
            return None
        case _:
            assert_never(verdict)


def as_found(account: Account) -> Account:
    """Keep beside its values whether a found account is open, and whose external id it carries."""
    extra = {"active": account.active, "externalId": account.external_id}
    return replace(account, values={**account.values, **extra})


def settle_names(tx: Transaction, run: Run, config: Configuration, desk: Desk) -> None:
    """Order the claims to unique names, and give names of closed accounts up where policy says so."""
    contests = tx.changes.contests(run.tenant_id, run.run_id)
    for ruling in resolve(contests, config.policy.release_names):
        _apply(tx, run, config, ruling, desk)
    if config.policy.release_names is ReleaseNames.AT_DEACTIVATION:
        leaving = tx.changes.rows(
            run.tenant_id, run_id=run.run_id, states=[ChangeState.PLANNED], limit=100_000
        )
        for change in leaving:
            if change.action is Action.DEACTIVATE:
                _free(tx, run, config, FreeName(change.person_id, change.change_id, change.change_id), desk)


def _apply(tx: Transaction, run: Run, config: Configuration, ruling: Ruling, desk: Desk) -> None:
    match ruling:
        case Hold(change_id, why, detail):
            tx.changes.hold(run.tenant_id, [change_id], why, detail)
        case Wait(change_id, on):
            tx.changes.block(run.tenant_id, change_id, on_change(on))
        case FreeName():
            freeing = _free(tx, run, config, ruling, desk)
            if freeing is not None:
                tx.changes.block(run.tenant_id, ruling.for_change, on_change(freeing))
        case _:
            assert_never(ruling)


def _free(tx: Transaction, run: Run, config: Configuration, ruling: FreeName, desk: Desk) -> ChangeId | None:
    """Plan that an account gives its name up; an open row that does so already serves as well."""
    link = tx.links.get(run.tenant_id, [ruling.person_id]).get(ruling.person_id)
    if link is None:
        return None
    freed = placeholder(link.values, config.unique_path, ruling.person_id)
    before = {path: link.values.get(path) for path in freed}
    wish = Wish(
        ruling.person_id,
        Aspect.NAME,
        Action.RELEASE_NAME,
        before=before,
        after=freed,
        link_version=link.version,
    )
    change_id = ChangeId(desk.ids.new())
    planned = Planned(wish, on_change(ruling.after) if ruling.after else None)
    if tx.changes.insert(run.tenant_id, run.run_id, change_id, planned, run.config_version):
        return change_id
    return _open_release(tx, run, ruling.person_id)


def _open_release(tx: Transaction, run: Run, person_id: PersonId) -> ChangeId | None:
    states = [*sorted(OPEN), ChangeState.WORKING, ChangeState.PLANNED]
    rows = tx.changes.rows(run.tenant_id, person_id=person_id, states=states)
    return next((row.change_id for row in rows if row.aspect is Aspect.NAME), None)
